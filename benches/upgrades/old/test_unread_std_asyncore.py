import asyncore


def test_asyncore():
    assert asyncore.dispatcher
