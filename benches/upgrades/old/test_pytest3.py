import pytest


@pytest.mark.usefixtures("tmp_path")
@pytest.fixture
def number():
    return 1


def test_number(number):
    assert number == 1


def test_call():
    assert number() == 1
