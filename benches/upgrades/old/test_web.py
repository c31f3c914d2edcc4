import pytest
import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient


async def home(request):
    return JSONResponse({"a": 1})


async def away(request):
    return RedirectResponse("/")


app = Starlette(routes=[Route("/", home), Route("/away", away)])


def test_allow_redirects():
    assert TestClient(app).get("/away", allow_redirects=False).status_code == 307


def test_httpx_proxies():
    assert httpx.Client(proxies=None)


@pytest.mark.anyio
async def test_httpx_app():
    async with httpx.AsyncClient(app=app, base_url="http://test") as client:
        assert (await client.get("/")).json() == {"a": 1}


def test_route_decorator():
    app = Starlette()

    @app.route("/x")
    async def x(request):
        return JSONResponse({})

    assert TestClient(app).get("/x").status_code == 200


def test_data():
    assert TestClient(app).delete("/", json={"a": 1}).status_code == 405
