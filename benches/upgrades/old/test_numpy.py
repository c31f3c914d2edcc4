import numpy as np
import pytest


def test_float_():
    assert np.float_(1.5) == 1.5


def test_nan():
    assert np.isnan(np.NaN)


def test_product():
    assert np.product([1, 2, 3]) == 6


def test_alias_int():
    assert np.zeros(2, dtype=np.int).sum() == 0


def test_alias_bool():
    assert np.array([1], dtype=np.bool8)[0]


def test_trapz():
    assert np.trapz([1, 2, 3]) == 4.0


def test_row_stack():
    assert np.row_stack([[1, 2], [3, 4]]).shape == (2, 2)


def test_cumproduct():
    assert np.cumproduct([1, 2, 3])[-1] == 6


def test_alltrue():
    assert np.alltrue([True])


def test_complex_():
    assert np.complex_(1) == 1


def test_unicode():
    assert np.unicode_("a") == "a"


def test_msort():
    assert np.msort([2, 1])[0] == 1


def test_asfarray():
    assert np.asfarray([1]).dtype == float


def test_core():
    with pytest.raises(np.core._exceptions._UFuncNoLoopError):
        np.add("a", 1)


def test_infty():
    assert np.infty > 1


def test_repr():
    assert repr(np.float64(1.5)) == "1.5"


def test_ptp():
    assert np.array([1, 3]).ptp() == 2
