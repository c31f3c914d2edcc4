from typing import Optional

import pytest
from pydantic import BaseModel, Field, ValidationError, constr


class User(BaseModel):
    name: str
    age: Optional[int]


def test_optional():
    assert User(name="a").age is None


def test_message():
    with pytest.raises(ValidationError) as info:
        User(name=None, age=1)
    assert info.value.errors()[0]["msg"] == "none is not an allowed value"


def test_type():
    with pytest.raises(ValidationError) as info:
        User(age=1)
    assert info.value.errors()[0]["type"] == "value_error.missing"


def test_regex():
    class Code(BaseModel):
        code: constr(regex="^a") = "a"

    assert Code().code == "a"


def test_field_regex():
    class Code(BaseModel):
        code: str = Field("a", regex="^a")

    assert Code().code == "a"


def test_min_items():
    class Code(BaseModel):
        codes: list = Field([1], min_items=1)

    assert Code().codes == [1]


def test_json():
    assert User(name="a", age=1).json() == '{"name": "a", "age": 1}'


def test_fields():
    assert list(User.__fields__) == ["name", "age"]


def test_outer_type():
    assert User.__fields__["name"].outer_type_ is str


def test_int_to_str():
    assert User(name=5, age=1).name == "5"
