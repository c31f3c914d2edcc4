import jwt
import pytest

KEY = "k" * 40


def test_algorithms():
    assert jwt.decode(jwt.encode({"a": 1}, KEY), KEY) == {"a": 1}


def test_bytes():
    assert jwt.encode({"a": 1}, KEY).decode().count(".") == 2


def test_verify():
    assert jwt.decode(jwt.encode({"a": 1}, KEY), verify=False) == {"a": 1}


def test_alias():
    with pytest.raises(jwt.ExpiredSignature):
        jwt.decode(jwt.encode({"exp": 1}, KEY, algorithm="HS256"), KEY, algorithms=["HS256"])


def test_subject():
    token = jwt.encode({"sub": 1}, KEY, algorithm="HS256")
    assert jwt.decode(token, KEY, algorithms=["HS256"]) == {"sub": 1}
