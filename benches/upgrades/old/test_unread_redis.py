import redis


def test_charset():
    assert redis.Redis(charset="utf-8").connection_pool.connection_kwargs["encoding"] == "utf-8"


def test_errors():
    assert redis.Redis(errors="strict").connection_pool


def test_pipeline():
    assert redis.client.BasePipeline


def test_parser():
    assert redis.connection.PythonParser
