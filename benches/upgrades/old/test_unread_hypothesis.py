import hypothesis
from hypothesis import HealthCheck, given, settings, strategies as st


def test_timeout():
    @settings(timeout=5)
    @given(st.integers())
    def inner(x):
        assert x == x

    inner()


def test_average():
    @given(st.lists(st.integers(), average_size=3))
    def inner(x):
        assert len(x) >= 0

    inner()


def test_choices():
    @given(st.choices())
    def inner(choice):
        assert choice([1]) == 1

    inner()


def test_max_iterations():
    assert settings(max_iterations=5)


def test_health():
    assert settings(perform_health_check=False)
