from StringIO import StringIO


def test_py2c():
    assert StringIO('a').read() == 'a'
