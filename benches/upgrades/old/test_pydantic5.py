from pydantic import BaseModel, root_validator, parse_obj_as


class User(BaseModel):
    name: str

    @root_validator
    def check(cls, values):
        return values


def test_one():
    assert User(name="a").name == "a"
