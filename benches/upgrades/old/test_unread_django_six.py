from django.utils import six
from django.utils.lru_cache import lru_cache
from django.utils.functional import curry


def test_text():
    assert isinstance("a", six.string_types)


def test_cached():
    assert lru_cache()(len)("a") == 1
