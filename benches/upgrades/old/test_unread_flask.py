import io

import flask
from flask import Flask, jsonify, send_file


def test_markup():
    assert flask.Markup("<b>") == "<b>"


def test_attachment_filename():
    app = Flask("x")
    with app.test_request_context("/"):
        reply = send_file(io.BytesIO(b"a"), attachment_filename="a.txt", as_attachment=True)
    assert "a.txt" in reply.headers["Content-Disposition"]


def test_cache_timeout():
    app = Flask("x")
    with app.test_request_context("/"):
        reply = send_file(io.BytesIO(b"a"), mimetype="text/plain", cache_timeout=5)
    assert reply.cache_control.max_age == 5


def test_encoder():
    class Encoder(flask.json.JSONEncoder):
        def default(self, value):
            return str(value)

    app = Flask("x")
    app.json_encoder = Encoder
    with app.test_request_context("/"):
        assert jsonify(a={1}).json == {"a": "{1}"}


def test_session_cookie_name():
    assert Flask("x").session_cookie_name == "session"


def test_propagate():
    assert Flask("x").propagate_exceptions is False


def test_from_json(tmp_path):
    (tmp_path / "c.json").write_text('{"A": 1}')
    app = Flask("x")
    app.config.from_json(str(tmp_path / "c.json"))
    assert app.config["A"] == 1


def test_safe_join():
    assert flask.safe_join("a", "b") == "a/b"


def test_context_stack():
    app = Flask("x")
    with app.test_request_context("/"):
        assert flask._request_ctx_stack.top.app is app


def test_app_stack():
    app = Flask("x")
    with app.app_context():
        assert flask._app_ctx_stack.top.app is app


def test_dumps_app():
    app = Flask("x")
    assert flask.json.dumps({"a": 1}, app=app) == '{"a": 1}'


def test_delete_cookie():
    client = Flask("x").test_client()
    client.set_cookie("a", "b")
    client.delete_cookie("localhost", "a")
    assert client.get_cookie("a") is None


def test_cookie_jar():
    client = Flask("x").test_client()
    client.set_cookie("a", "b")
    assert [cookie.name for cookie in client.cookie_jar] == ["a"]
