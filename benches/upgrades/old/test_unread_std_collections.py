from collections import Mapping, OrderedDict


def test_collections():
    assert isinstance({}, Mapping) and OrderedDict()
