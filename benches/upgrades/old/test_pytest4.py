import pytest

from _pytest.compat import get_real_func
from _pytest.monkeypatch import MonkeyPatch
from _pytest.tmpdir import TempdirFactory


def test_tmp(tmpdir_factory):
    assert tmpdir_factory
