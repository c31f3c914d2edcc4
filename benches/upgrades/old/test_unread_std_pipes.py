import pipes


def test_pipes():
    assert pipes.quote('a b') == "'a b'"
