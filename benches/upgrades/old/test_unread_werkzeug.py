import pytest
import werkzeug
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Request, Response


def app(environ, start_response):
    return Response("a")(environ, start_response)


def test_url_parse():
    from werkzeug.urls import url_parse
    assert url_parse("http://a/b").path == "/b"


def test_url_encode():
    from werkzeug.urls import url_encode
    assert url_encode({"a": 1}) == "a=1"


def test_url_unquote():
    from werkzeug.urls import url_unquote
    assert url_unquote("a%20b") == "a b"


def test_url_join():
    from werkzeug.urls import url_join
    assert url_join("http://a/", "b") == "http://a/b"


def test_base_response():
    from werkzeug.wrappers import BaseResponse
    assert Client(app, BaseResponse).get("/").data == b"a"


def test_base_request():
    from werkzeug.wrappers import BaseRequest
    assert BaseRequest(EnvironBuilder().get_environ()).path == "/"


def test_as_tuple():
    environ, reply = Client(app).get("/", as_tuple=True)
    assert reply.data == b"a"


def test_secure():
    assert werkzeug.secure_filename("a b") == "a_b"


def test_proxy_fix():
    from werkzeug.contrib.fixers import ProxyFix
    assert ProxyFix(app)


def test_shared():
    from werkzeug.wsgi import SharedDataMiddleware
    assert SharedDataMiddleware(app, {})


def test_hash():
    assert check_password_hash(generate_password_hash("a", method="sha256"), "a")


def test_version():
    assert werkzeug.__version__


def test_cached():
    assert werkzeug.cached_property


def test_is_xhr():
    request = Request(EnvironBuilder(headers={"X-Requested-With": "XMLHttpRequest"}).get_environ())
    assert request.is_xhr
