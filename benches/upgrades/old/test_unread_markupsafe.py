from markupsafe import soft_unicode


def test_soft():
    assert soft_unicode("a") == "a"
