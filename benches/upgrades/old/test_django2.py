from django.conf.urls import url


def test_force():
    assert url
