import numpy as np
from numpy.testing import assert_, assert_array_equal
from numpy.compat import unicode


def test_one():
    assert_array_equal(np.array([1]), np.array([1]))
