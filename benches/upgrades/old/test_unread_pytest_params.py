import pytest


@pytest.mark.parametrize("a,b", [pytest.mark.xfail((1, 2)), (2, 2)])
def test_equal(a, b):
    assert a == b
