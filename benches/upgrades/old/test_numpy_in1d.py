from numpy import in1d


def test_in1d():
    assert in1d([1], [1])[0]
