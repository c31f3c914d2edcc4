import pytest
from pydantic import BaseModel, BaseSettings, ValidationError


class User(BaseModel):
    name: str


def test_one():
    assert User(name="a").dict() == {"name": "a"}
