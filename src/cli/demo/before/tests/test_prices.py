from shop.money import format_price


def test_price_has_two_digits():
    assert format_price(3) == "3.00 EUR"
