import pkg_resources


def test_pkg():
    assert pkg_resources.get_distribution('pytest').version
