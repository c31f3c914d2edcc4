import imp


def test_imp_find():
    assert imp.find_module('json')
