from pydantic import BaseModel, validator
from pydantic.tools import parse_obj_as
from pydantic.main import ModelMetaclass


class User(BaseModel):
    name: str


def test_parse():
    assert parse_obj_as(User, {"name": "a"}).name == "a"


def test_meta():
    assert isinstance(User, ModelMetaclass)
