import urllib3
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry


def test_backoff():
    assert Retry.BACKOFF_MAX == 120


def test_headers():
    assert "Authorization" in Retry.DEFAULT_REDIRECT_HEADERS_BLACKLIST


def test_strict():
    assert HTTPResponse(b"a", strict=1).data == b"a"


def test_warning():
    assert urllib3.exceptions.SubjectAltNameWarning
