"""Prices for people."""


def format_price(amount, currency="EUR"):
    return f"{amount:.2f} {currency}"
