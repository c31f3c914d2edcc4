from starlette.exceptions import ExceptionMiddleware


def test_middleware():
    assert ExceptionMiddleware
