state = {}


def setup():
    state["a"] = 1


def test_state():
    assert state["a"] == 1
