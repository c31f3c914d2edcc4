import mock
import six
from six.moves import range


def test_mock():
    assert mock.Mock()()


def test_six():
    assert six.text_type("a") == "a"
