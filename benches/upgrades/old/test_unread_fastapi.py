import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Query
from fastapi.testclient import TestClient


def test_redirects():
    app = FastAPI()
    assert TestClient(app).get("/x", allow_redirects=False).status_code == 404


def test_data():
    app = FastAPI()

    @app.post("/")
    def home(item: dict):
        return item

    assert TestClient(app).post("/", data='{"a": 1}').json() == {"a": 1}


def test_error_message():
    app = FastAPI()

    @app.get("/")
    def home(number: int):
        return number

    assert TestClient(app).get("/").json()["detail"][0]["msg"] == "field required"


def test_bearer():
    from fastapi.security import HTTPBearer
    app = FastAPI()

    @app.get("/", dependencies=[Depends(HTTPBearer())])
    def home():
        return 1

    assert TestClient(app).get("/").status_code == 403
