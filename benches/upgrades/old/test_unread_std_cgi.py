import cgi


def test_cgi():
    assert cgi.escape('<') == '&lt;'
