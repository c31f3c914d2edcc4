from django.utils.http import is_safe_url, urlquote


def test_quote():
    assert urlquote("a b") == "a%20b"


def test_safe():
    assert is_safe_url("/a", allowed_hosts=None)
