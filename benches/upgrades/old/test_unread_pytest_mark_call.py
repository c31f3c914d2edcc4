import pytest


@pytest.mark.slow
@pytest.fixture
def base():
    return 1


def test_base(base):
    assert base == 1
