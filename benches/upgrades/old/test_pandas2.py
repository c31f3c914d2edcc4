import io

import pandas as pd
import pandas.testing as tm


def frame():
    return pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def test_append():
    got = frame().append({"a": 3, "b": "z"}, ignore_index=True)
    assert len(got) == 3


def test_iteritems():
    assert [name for name, _ in frame().iteritems()] == ["a", "b"]


def test_applymap():
    assert frame().applymap(str).iloc[0, 0] == "1"


def test_fillna_method():
    assert pd.Series([1, None]).fillna(method="ffill").iloc[1] == 1


def test_line_terminator():
    out = io.StringIO()
    frame().to_csv(out, index=False, line_terminator="\n")
    assert out.getvalue() == "a,b\n1,x\n2,y\n"


def test_month_freq():
    assert len(pd.date_range("2020-01-01", periods=2, freq="M")) == 2


def test_hour_freq():
    assert len(pd.date_range("2020-01-01", periods=2, freq="H")) == 2


def test_int64index():
    assert list(pd.Int64Index([1])) == [1]


def test_mad():
    assert frame()["a"].mad() == 0.5


def test_dtype():
    assert frame()["b"].dtype == object


def test_check_less_precise():
    tm.assert_frame_equal(frame(), frame(), check_less_precise=True)


def test_np():
    assert pd.np.nan is not None


def test_ix():
    assert frame().ix[0, "a"] == 1


def test_append_series():
    assert len(pd.Series([1]).append(pd.Series([2]))) == 2


def test_lookup_sort():
    assert list(frame().sort("a")["a"]) == [1, 2]
