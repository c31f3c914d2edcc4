from urllib3.contrib import appengine


def test_engine():
    assert appengine.is_appengine() is False
