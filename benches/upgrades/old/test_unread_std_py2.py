from urllib import urlencode


def test_py2():
    assert urlencode({'a': 1}) == 'a=1'
