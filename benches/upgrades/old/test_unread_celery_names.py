from celery.five import string_t
from celery.utils.encoding import safe_str


def test_text():
    assert isinstance(safe_str("a"), string_t)
