import warnings

import pytest


@pytest.fixture
def number():
    return 1


def test_warns_none():
    with pytest.warns(None) as record:
        pass
    assert not record


def test_raises_message():
    with pytest.raises(ValueError, message="no"):
        raise ValueError


def test_skip_msg():
    pytest.skip(msg="later")


def test_fail_msg():
    with pytest.raises(pytest.fail.Exception):
        pytest.fail(msg="later")


def test_exit_msg():
    with pytest.raises(pytest.exit.Exception):
        pytest.exit(msg="later")


def test_returns():
    return 1


class TestNose:
    def setup(self):
        self.x = 1

    def test_x(self):
        assert self.x == 1


def test_excinfo():
    with pytest.raises(ValueError) as info:
        raise ValueError("no")
    assert str(info) == "no"


def test_global():
    assert pytest.config is None
