import warnings

import pytest


@pytest.yield_fixture
def number():
    yield 1


def test_get_marker(request):
    request.node.add_marker("slow")
    assert request.node.get_marker("slow")


def test_funcarg(request):
    assert request.getfuncargvalue("number") == 1


def test_makedir(request):
    assert request.config.cache.makedir("x")


def test_warns_code():
    pytest.warns(UserWarning, "warnings.warn('a')")


def test_raises_code():
    pytest.raises(ValueError, "int('a')")


def test_xml(record_xml_property):
    record_xml_property("a", 1)


class TestPair:
    def setup(self):
        self.log = ["set"]

    def teardown(self):
        assert self.log == ["set", "run"]

    def test_run(self):
        assert self.log == ["set"]
        self.log.append("run")
