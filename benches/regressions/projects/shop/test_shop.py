import pytest

from shop import Cart, OutOfStock


@pytest.fixture
def cart():
    cart = Cart()
    cart.add("tea", 4, 2)
    return cart


def test_subtotal(cart):
    assert cart.subtotal() == 8


def test_adding_twice_adds_up(cart):
    cart.add("tea", 4)
    assert cart.lines["tea"] == (3, 4)


def test_shipping_is_paid_below_the_limit(cart):
    assert cart.shipping() == 5
    assert cart.total() == 13


def test_shipping_is_free_from_the_limit():
    cart = Cart()
    cart.add("tea", 10, 5)
    assert cart.shipping() == 0
    assert cart.total() == 50


def test_an_empty_cart_costs_nothing():
    cart = Cart()
    assert cart.is_empty()
    assert cart.total() == 0


def test_discount(cart):
    assert cart.total(discount=25) == 11


def test_stock_goes_down_and_up(cart):
    assert cart.stock["tea"] == 8
    cart.remove("tea")
    assert cart.stock["tea"] == 10
    assert cart.is_empty()


def test_out_of_stock(cart):
    with pytest.raises(OutOfStock, match="no milk left"):
        cart.add("milk", 1, 6)


def test_quantity_must_be_positive(cart):
    with pytest.raises(ValueError, match="quantity must be positive"):
        cart.add("milk", 1, 0)


def test_all_of_the_stock_can_be_bought(cart):
    cart.add("milk", 1, 5)
    assert cart.stock["milk"] == 0


def test_summary(cart):
    assert cart.summary() == {"items": 1, "total": 13, "shipping": 5}
