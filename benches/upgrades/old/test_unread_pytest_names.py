import pytest
from _pytest.fixtures import FixtureLookupError
from _pytest.logging import LogCaptureFixture
from _pytest.pytester import Testdir
from _pytest.capture import CaptureFixture
from _pytest.tmpdir import TempPathFactory
from _pytest.warnings import RemovedInPytest4Warning


def test_names():
    assert Testdir
