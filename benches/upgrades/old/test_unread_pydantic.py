from typing import List

import pytest
from pydantic import BaseModel, Field, ValidationError, conlist, validator


class User(BaseModel):
    name: str


class Row:
    name = "a"


def test_conlist():
    class Codes(BaseModel):
        codes: conlist(int, min_items=1)

    assert Codes(codes=[1]).codes == [1]


def test_orm():
    class Seen(BaseModel):
        name: str

        class Config:
            orm_mode = True

    assert Seen.from_orm(Row()).name == "a"


def test_ensure_ascii():
    assert User(name="é").json(ensure_ascii=False) == '{"name":"é"}'


def test_type():
    assert User.__fields__["name"].type_ is str


def test_required():
    assert User.__fields__["name"].required


def test_field_argument():
    class Named(BaseModel):
        name: str

        @validator("name")
        def check(cls, value, field):
            return field.name

    assert Named(name="a").name == "name"


def test_const():
    class Kind(BaseModel):
        kind: str = Field("a", const=True)

    assert Kind().kind == "a"


def test_definitions():
    class Team(BaseModel):
        lead: User

    assert "User" in Team.schema()["definitions"]


def test_frozen():
    class Fixed(BaseModel):
        name: str

        class Config:
            allow_mutation = False

    with pytest.raises(ValidationError):
        Fixed(name="a").name = "b"


def test_equal():
    assert User(name="a") == {"name": "a"}


def test_root():
    class Names(BaseModel):
        __root__: List[str]

    assert Names.parse_obj(["a"]).__root__ == ["a"]


def test_bare_default():
    class Count(BaseModel):
        number = 1

    assert Count().number == 1


def test_skip_defaults():
    assert User(name="a").dict(skip_defaults=True) == {"name": "a"}
