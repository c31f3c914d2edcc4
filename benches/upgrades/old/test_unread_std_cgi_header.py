import cgi


def test_cgi_header():
    assert cgi.parse_header('a; b=c') == ('a', {'b': 'c'})
