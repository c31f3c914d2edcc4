import pandas as pd
from pandas.util.testing import assert_frame_equal


def test_equal():
    assert_frame_equal(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]}))
