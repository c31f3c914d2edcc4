from pydantic import BaseModel, validator
from pydantic.error_wrappers import ErrorWrapper


class User(BaseModel):
    name: str


def test_one():
    assert User(name="a").name == "a"
