import imp
import json


def test_imp():
    assert imp.reload(json)
