from django.utils.encoding import force_text
from django.utils.translation import ugettext as _


def test_force():
    assert force_text("a") == "a"
