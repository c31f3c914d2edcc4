from pydantic import BaseModel, ConstrainedStr, PyObject


class Code(ConstrainedStr):
    max_length = 2


class Loader(BaseModel):
    code: Code
    call: PyObject


def test_loader():
    assert Loader(code="a", call="math.cos").call(0) == 1
