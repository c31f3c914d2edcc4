from django.utils.encoding import smart_text
from django.utils.itercompat import is_iterable
from django.utils.translation import ugettext_lazy


def test_text():
    assert smart_text("a") == "a"


def test_iterable():
    assert is_iterable([1])


def test_lazy():
    assert ugettext_lazy
