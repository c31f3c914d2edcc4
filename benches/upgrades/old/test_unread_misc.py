import bs4
import jsonschema
import pyparsing as pp
import pytest
import rich.console
import tenacity
import yaml


def test_upcase():
    assert pp.Word(pp.alphas).setParseAction(pp.upcaseTokens).parseString("a")[0] == "A"


def test_precedence():
    assert pp.operatorPrecedence


def test_group():
    assert rich.console.RenderGroup("a").renderables == ["a"]


def test_call():
    assert tenacity.Retrying(stop=tenacity.stop_after_attempt(1)).call(lambda: 1) == 1


def test_load_all():
    assert list(yaml.load_all("a: 1")) == [{"a": 1}]


def test_types():
    assert jsonschema.Draft4Validator({"type": "a"}, types={"a": str}).is_valid("x")


def test_iteritems():
    assert jsonschema.compat.iteritems


def test_warn_sort():
    assert yaml.dump({"b": 1, "a": {"c": 2}}) == "a: {c: 2}\nb: 1\n"
