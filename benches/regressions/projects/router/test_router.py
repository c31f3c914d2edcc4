import pytest

from router import MethodNotAllowed, NotFound, Router, match


@pytest.fixture
def router():
    router = Router("/api/")
    router.add("/users/{id:int}", lambda id: f"user {id}")
    router.add("/users", lambda: "created", methods=["post"])
    return router


@pytest.mark.parametrize(
    "pattern, path, values",
    [
        ("/a/b", "/a/b/", {}),
        ("/a/{x}", "/a/1", {"x": "1"}),
        ("/a/{x:int}", "/a/1", {"x": 1}),
        ("/a/{x:int}", "/a/b", None),
        ("/a/{x}", "/a", None),
        ("/a", "/b", None),
    ],
)
def test_patterns(pattern, path, values):
    assert match(pattern, path) == values


def test_a_user_is_found(router):
    assert router.handle("get", "/api/users/7") == {"status": 200, "body": "user 7"}


def test_a_user_is_made(router):
    assert router.handle("POST", "/api/users")["body"] == "created"


def test_another_method_is_told_what_is_allowed(router):
    with pytest.raises(MethodNotAllowed, match="^GET$"):
        router.find("DELETE", "/api/users/7")
    response = router.handle("DELETE", "/api/users/7")
    assert response["status"] == 405
    assert response["headers"]["Allow"] == "GET"


def test_what_is_not_there_is_not_found(router):
    with pytest.raises(NotFound):
        router.find("GET", "/users/7")
    assert router.handle("GET", "/nowhere") == {"status": 404, "body": "no /nowhere"}


def test_routes_keep_their_order(router):
    router.add("/users/{name}", lambda name: f"name {name}")
    assert router.handle("GET", "/api/users/7")["body"] == "user 7"
    assert router.handle("GET", "/api/users/ann")["body"] == "name ann"
