import pkg_resources


def test_setuptools():
    assert pkg_resources.parse_version('1.2') < pkg_resources.parse_version('1.10')
