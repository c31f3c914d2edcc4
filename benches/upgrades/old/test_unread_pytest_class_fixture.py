import pytest


@pytest.fixture(params=[1, 2], ids=lambda x: "n%d" % x, scope=lambda fixture_name, config: "module")
def number(request):
    return request.param


@pytest.mark.usefixtures("number")
@pytest.mark.filterwarnings("error")
@pytest.fixture(scope="module")
def base():
    return 1


def test_number(number, base):
    assert number >= base
