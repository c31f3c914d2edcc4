from werkzeug.urls import url_quote
from werkzeug.security import safe_str_cmp


def test_quote():
    assert url_quote("a b") == "a%20b"
