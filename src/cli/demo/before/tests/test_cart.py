from shop.cart import Cart


def test_total_of_two_lines():
    cart = Cart()
    cart.add("tea", 4.5)
    cart.add("cup", 7.0)
    assert cart.total() == 11.5


def test_quantity_counts():
    cart = Cart()
    cart.add("tea", 4.5, qty=3)
    assert cart.lines[0].quantity == 3


def test_summary_counts_lines(cart):
    assert cart.summary()["count"] == 1
