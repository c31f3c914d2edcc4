import jinja2
from jinja2 import Environment, Markup, contextfilter, contextfunction, environmentfilter, escape


@contextfilter
def loud(context, value):
    return value.upper()


@environmentfilter
def quiet(environment, value):
    return value.lower()


def test_loud():
    environment = Environment()
    environment.filters["loud"] = loud
    environment.filters["quiet"] = quiet
    assert environment.from_string("{{ 'a' | loud | quiet }}").render() == "a"


def test_markup():
    assert Markup("<") + escape("<") == "<&lt;"


def test_function():
    assert contextfunction(len)


def test_evalcontext():
    assert jinja2.evalcontextfilter(len)
