import pytest

from settings import SettingError, flag, merged, parse, size

TEXT = """\
name = shop  # the name
[Server]
host = localhost
port = 80
"""


def test_sections_and_keys():
    assert parse(TEXT) == {"name": "shop", "server.host": "localhost", "server.port": "80"}


def test_nothing_is_nothing():
    assert parse("\n# only a comment\n") == {}


@pytest.mark.parametrize(
    "text, line, message",
    [
        ("[server\n", 1, "a section ends with ]"),
        ("a = 1\na = 2\n", 2, "a stands twice"),
        ("\nname\n", 2, "no = in 'name'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, line, message):
    with pytest.raises(SettingError) as caught:
        parse(text)
    assert caught.value.line == line
    assert str(caught.value) == f"line {line}: {message}"


@pytest.mark.parametrize("text, value", [("yes", True), (" ON ", True), ("0", False), ("off", False)])
def test_flags(text, value):
    assert flag(text) is value


def test_an_odd_flag_needs_a_default():
    assert flag("maybe", default=False) is False
    with pytest.raises(ValueError, match="'maybe' is neither true nor false"):
        flag("maybe")


def test_the_environment_wins():
    base = {"server.port": "80", "name": "shop"}
    environment = {"APP_SERVER__PORT": "8080", "HOME": "/root"}
    assert merged(base, environment) == {"server.port": "8080", "name": "shop"}
    assert base["server.port"] == "80"


@pytest.mark.parametrize("text, expected", [("10", 10), ("2k", 2048), (" 1M ", 1048576)])
def test_sizes(text, expected):
    assert size(text) == expected
