"""The shopping cart."""

from dataclasses import dataclass, field


@dataclass
class Line:
    sku: str
    price: float
    quantity: int = 1


@dataclass
class Cart:
    lines: list[Line] = field(default_factory=list)

    def add(self, sku, price, quantity=1):
        self.lines.append(Line(sku, price, quantity))

    def net_total(self):
        """The price of everything in the cart, without tax."""
        return sum(line.price * line.quantity for line in self.lines)

    def summary(self):
        """What the checkout page shows."""
        return {"item_count": len(self.lines), "total": self.net_total()}
