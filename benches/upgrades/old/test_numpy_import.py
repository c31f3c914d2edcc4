from numpy import float_


def test_one():
    assert float_(1.5) == 1.5
