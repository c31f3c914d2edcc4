from django.contrib.staticfiles.templatetags.staticfiles import static
from django.shortcuts import render_to_response
from django.utils.html import escape, mark_safe


def test_names():
    assert static and render_to_response and escape and mark_safe
