from urlparse import urlparse


def test_py2b():
    assert urlparse('http://a/b').path == '/b'
