import openai
import pytest


def test_rate_limit():
    assert issubclass(openai.error.RateLimitError, Exception)


def test_invalid():
    with pytest.raises(openai.error.InvalidRequestError):
        raise openai.error.InvalidRequestError("a", "b")


def test_base():
    openai.api_base = "http://a"
    assert openai.base_url == "http://a"
