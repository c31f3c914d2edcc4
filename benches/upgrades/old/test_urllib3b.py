from urllib3.util.retry import Retry


def test_retry():
    assert Retry(total=1, method_whitelist=["GET"])


def test_default():
    assert "GET" in Retry.DEFAULT_METHOD_WHITELIST


def test_attr():
    assert Retry(total=1).method_whitelist
