import io

import pandas as pd
import pytest


@pytest.fixture
def frame():
    return pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def test_drop_axis(frame):
    assert list(frame.drop("b", 1).columns) == ["a"]


def test_concat_axis(frame):
    assert pd.concat([frame, frame], 1).shape == (2, 4)


def test_monotonic(frame):
    assert frame["a"].is_monotonic


def test_bad_lines():
    text = "a,b\n1,2\n1,2,3\n"
    assert len(pd.read_csv(io.StringIO(text), error_bad_lines=False)) == 1


def test_whitespace():
    assert pd.read_csv(io.StringIO("a b\n1 2\n"), delim_whitespace=True)["b"][0] == 2


def test_squeeze():
    assert pd.read_csv(io.StringIO("a\n1\n2\n"), squeeze=True).sum() == 3


def test_closed():
    assert len(pd.date_range("2020-01-01", "2020-01-03", closed="left")) == 2


def test_between():
    assert pd.Series([1, 2]).between(1, 2, inclusive=True).all()


def test_week():
    days = pd.Series(pd.to_datetime(["2020-01-06"]))
    assert days.dt.week[0] == 2


def test_weekday_name():
    assert pd.Timestamp("2020-01-06").weekday_name == "Monday"


def test_position():
    assert pd.Series([5, 6], index=["a", "b"])[0] == 5


def test_value_counts():
    assert pd.value_counts([1, 1, 2])[1] == 2


def test_as_matrix(frame):
    assert frame[["a"]].as_matrix().shape == (2, 1)


def test_get_value(frame):
    assert frame.get_value(0, "a") == 1


def test_set_value(frame):
    frame.set_value(0, "a", 7)
    assert frame["a"][0] == 7


def test_normalize():
    assert pd.io.json.json_normalize([{"a": {"b": 1}}])["a.b"][0] == 1


def test_datetime():
    assert pd.datetime(2020, 1, 1).year == 2020


def test_record(frame):
    assert frame.to_dict("record")[0] == {"a": 1, "b": "x"}


def test_minutes():
    index = pd.date_range("2020-01-01", periods=4, freq="30T")
    assert len(pd.Series(range(4), index=index).resample("1H").sum()) == 2


def test_inplace(frame):
    frame["a"].replace(1, 9, inplace=True)
    assert frame["a"].tolist() == [9, 2]


def test_read_json():
    assert pd.read_json('[{"a": 1}]')["a"][0] == 1


def test_pad():
    assert pd.Series([1, None]).pad().iloc[1] == 1


def test_split():
    assert pd.Series(["a-b-c"]).str.split("-", 1)[0] == ["a", "b-c"]


def test_float_index():
    assert pd.Float64Index([1.5])[0] == 1.5


def test_null_counts(frame):
    out = io.StringIO()
    frame.info(buf=out, null_counts=True)
    assert "non-null" in out.getvalue()


def test_quarter():
    assert len(pd.date_range("2020-01-01", periods=2, freq="Q")) == 2


def test_groupby_axis(frame):
    assert frame.groupby("a", axis=0).size().sum() == 2


def test_swapaxes(frame):
    assert frame.swapaxes(0, 1).shape == (2, 2)


def test_mean(frame):
    assert frame.mean()["a"] == 1.5


def test_categorical():
    assert pd.api.types.is_categorical(pd.Categorical(["a"]))


def test_first():
    index = pd.date_range("2020-01-01", periods=4)
    assert len(pd.Series(range(4), index=index).first("2D")) == 2


def test_tshift():
    index = pd.date_range("2020-01-01", periods=2)
    assert pd.Series([1, 2], index=index).tshift(1).index[0] == pd.Timestamp("2020-01-02")
