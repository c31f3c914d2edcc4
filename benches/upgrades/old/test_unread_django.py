import datetime

from django.conf import settings
from django.test import RequestFactory, SimpleTestCase

settings.configure(USE_TZ=True, SECRET_KEY="x")


def test_is_ajax():
    request = RequestFactory().get("/", HTTP_X_REQUESTED_WITH="XMLHttpRequest")
    assert request.is_ajax()


def test_random_string():
    from django.utils.crypto import get_random_string
    assert len(get_random_string()) == 12


def test_signer():
    from django.core.signing import Signer
    assert Signer("key", ":").sign("a").startswith("a:")


def test_format_html():
    from django.utils.html import format_html
    assert format_html("<b>") == "<b>"


def test_signal():
    from django.dispatch import Signal
    assert Signal(providing_args=["a"]) is not None


def test_check_constraint():
    from django.db.models import CheckConstraint, Q
    assert CheckConstraint(check=Q(a=1), name="a").name == "a"


def test_utc():
    from django.utils import timezone
    assert timezone.make_aware(datetime.datetime(2020, 1, 1), timezone.utc).tzinfo


def test_fixed_offset():
    from django.utils import timezone
    aware = timezone.make_aware(datetime.datetime(2020, 1, 1), timezone.get_fixed_timezone(60), is_dst=False)
    assert aware.utcoffset().seconds == 3600


class Some(SimpleTestCase):
    def test_same(self):
        self.assertEquals(1, 1)

    def test_formset(self):
        from django import forms
        formset = forms.formset_factory(forms.Form)({})
        self.assertFormsetError(formset, None, None, [])
