"""A cart with prices, discounts and stock."""


class OutOfStock(Exception):
    """There is less than was asked for."""


class Cart:
    def __init__(self, stock=None, free_from=50):
        self.stock = stock or {"tea": 10, "milk": 5}
        self.free_from = free_from
        self.lines = {}

    def add(self, name, price, quantity=1):
        if quantity < 1:
            raise ValueError("quantity must be positive")
        if self.stock.get(name, 0) < quantity:
            raise OutOfStock(f"no {name} left")
        self.stock[name] -= quantity
        had, _ = self.lines.get(name, (0, price))
        self.lines[name] = (had + quantity, price)

    def remove(self, name):
        quantity, _ = self.lines.pop(name)
        self.stock[name] += quantity

    def subtotal(self):
        return sum(quantity * price for quantity, price in self.lines.values())

    def shipping(self):
        if not self.lines or self.subtotal() >= self.free_from:
            return 0
        return 5

    def total(self, discount=0):
        reduced = self.subtotal() * (100 - discount) / 100
        return round(reduced + self.shipping(), 2)

    def is_empty(self):
        return not self.lines

    def summary(self):
        return {"items": len(self.lines), "total": self.total(), "shipping": self.shipping()}
