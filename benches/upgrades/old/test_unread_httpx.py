import httpx
import pytest


def app(request):
    return httpx.Response(200, json={"a": 1})


def test_proxies():
    assert httpx.Client(proxies={"http://": "http://localhost:1"})


def test_redirects():
    with httpx.Client(transport=httpx.MockTransport(app)) as client:
        assert client.get("http://a/", allow_redirects=False).status_code == 200


def test_wsgi():
    def wsgi(environ, start_response):
        start_response("200 OK", [])
        return [b"a"]

    with httpx.Client(app=wsgi, base_url="http://a") as client:
        assert client.get("/").text == "a"


def test_ssl():
    assert httpx.URL("https://a").is_ssl


def test_status():
    assert httpx.StatusCode.OK == 200


def test_compact():
    assert httpx.Request("POST", "http://a", json={"a": 1}).content == b'{"a": 1}'


def test_data():
    with pytest.warns(None):
        httpx.Request("POST", "http://a", data=b"a")


def test_limits():
    assert httpx.Client(pool_limits=httpx.PoolLimits(max_connections=1))


def test_timeout():
    assert httpx.Timeout(5, connect_timeout=1).connect == 1
