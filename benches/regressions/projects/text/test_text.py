import pytest

from text import count_words, is_palindrome, most_common, shorten, slug, wrap


@pytest.mark.parametrize("title, expected", [("Hello World", "hello-world"), ("A, b & C!", "a-b-c"), ("", "")])
def test_slug(title, expected):
    assert slug(title) == expected


def test_wrap():
    assert wrap("the quick brown fox", 9) == ["the quick", "brown fox"]


def test_wrap_keeps_a_long_word():
    assert wrap("a extraordinary b", 5) == ["a", "extraordinary", "b"]


def test_wrap_of_nothing():
    assert wrap("", 5) == []


def test_wrap_needs_a_width():
    with pytest.raises(ValueError, match="at least 1"):
        wrap("a", 0)
    assert wrap("a", 1) == ["a"]


def test_count_words():
    assert count_words("a B a") == {"a": 2, "b": 1}


def test_most_common():
    assert most_common("b a b c a") == "a"
    assert most_common("") is None


def test_palindromes():
    assert is_palindrome("Never odd or even")
    assert not is_palindrome("odd")


def test_shorten():
    assert shorten("abcdef", 6) == "abcdef"
    assert shorten("abcdefg", 6) == "abc..."
