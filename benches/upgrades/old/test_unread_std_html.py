from HTMLParser import unescape


def test_html():
    assert unescape('&lt;') == '<'
