from shop import Cart


def test_an_empty_cart_costs_nothing():
    assert Cart().total() == 0


def test_prices_add_up():
    cart = Cart()
    cart.add("tea", price=4, quantity=2)
    assert cart.totals() == 8


def test_a_discount_is_a_share():
    cart = Cart()
    cart.add("tea", price=200)
    assert cart.discounted(percent=10) == 180
