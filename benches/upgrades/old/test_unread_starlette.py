from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette import status


def test_on_event():
    app = Starlette()
    seen = []

    @app.on_event("startup")
    def start():
        seen.append(1)

    with TestClient(app):
        assert seen == [1]


def test_on_startup():
    seen = []
    app = Starlette(on_startup=[lambda: seen.append(1)])
    with TestClient(app):
        assert seen == [1]


def test_exception_handler():
    app = Starlette()

    @app.exception_handler(404)
    async def lost(request, error):
        return PlainTextResponse("lost", status_code=404)

    assert TestClient(app).get("/").text == "lost"


def test_middleware():
    app = Starlette()

    @app.middleware("http")
    async def tag(request, call_next):
        response = await call_next(request)
        response.headers["x-tag"] = "1"
        return response

    assert TestClient(app).get("/").headers["x-tag"] == "1"


def test_websocket_route():
    app = Starlette()

    @app.websocket_route("/ws")
    async def ws(socket):
        await socket.accept()
        await socket.send_text("a")
        await socket.close()

    with TestClient(app).websocket_connect("/ws") as socket:
        assert socket.receive_text() == "a"


def test_add_event_handler():
    app = Starlette()
    seen = []
    app.add_event_handler("startup", lambda: seen.append(1))
    with TestClient(app):
        assert seen == [1]


def test_route_methods():
    app = Starlette()

    @app.route("/a", methods=["POST"])
    async def a(request):
        return JSONResponse({})

    client = TestClient(app)
    assert client.post("/a").status_code == 200
    assert client.get("/a").status_code == 405
