import numpy as np
import numpy.testing as npt
import pytest


def test_string():
    assert np.string_("a") == b"a"


def test_ninf():
    assert np.NINF < 0


def test_pinf():
    assert np.PINF > 0


def test_inf():
    assert np.Inf > 0


def test_mat():
    assert np.mat([[1, 2]]).shape == (1, 2)


def test_sometrue():
    assert np.sometrue([0, 1])


def test_longfloat():
    assert np.longfloat(1) == 1


def test_find_common_type():
    assert np.find_common_type([np.int32, np.float64], []) == np.float64


def test_axis_error():
    with pytest.raises(np.AxisError):
        np.sum(np.zeros(2), axis=3)


def test_complex_warning():
    with pytest.warns(np.ComplexWarning):
        np.zeros(1)[0:1] = np.array([1j])


def test_round():
    assert np.round_(1.26, 1) == 1.3


def test_itemset():
    a = np.zeros(2)
    a.itemset(0, 3)
    assert a[0] == 3


def test_tostring():
    assert np.array([1], dtype="u1").tostring() == b"\x01"


def test_fromstring():
    assert np.fromstring(b"\x01\x02", dtype="u1")[1] == 2


def test_asscalar():
    assert np.asscalar(np.array([3])) == 3


def test_float_alias():
    assert np.zeros(2, dtype=np.float).sum() == 0


def test_object_alias():
    assert np.array(["a"], dtype=np.object).dtype == object


def test_interpolation():
    assert np.percentile([1, 2, 3, 4], 50, interpolation="lower") == 2


def test_keywords():
    npt.assert_array_equal(x=np.array([1]), y=np.array([1]))


def test_linalg():
    with pytest.raises(np.linalg.linalg.LinAlgError):
        np.linalg.inv(np.zeros((2, 2)))


def test_cast():
    assert np.cast[float](1) == 1.0


def test_copy_false():
    assert np.array([1, 2], dtype=float, copy=False)[1] == 2


def test_issubclass():
    assert np.issubclass_(np.float64, np.floating)


def test_newbyteorder():
    a = np.array([1], dtype="<i2")
    assert a.newbyteorder()[0] == 256
