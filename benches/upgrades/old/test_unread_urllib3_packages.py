from urllib3.packages.six import text_type
from urllib3.request import RequestMethods


def test_text():
    assert isinstance("a", text_type) and RequestMethods
