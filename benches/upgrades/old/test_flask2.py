import flask
from flask import Flask


def test_first():
    app = Flask("x")

    @app.before_first_request
    def first():
        pass

    assert app


def test_version():
    assert flask.__version__


def test_env():
    assert Flask("x").env == "production"


def test_cookie():
    app = Flask("x")
    client = app.test_client()
    client.set_cookie("localhost", "a", "b")
    assert client.get_cookie("a").value == "b"
