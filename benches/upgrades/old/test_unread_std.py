import asyncio
import base64
import collections
import configparser
import hmac
import inspect
import locale
import os
import plistlib
import random
import re
import shutil
import ssl
import tarfile
import unittest
from pathlib import Path

import pytest


def test_sample():
    assert random.sample({1}, 1) == [1]


def test_randrange():
    assert random.randrange(1.0) == 0


def test_locale():
    assert locale.format("%d", 5) == "5"


def test_iterable():
    assert isinstance([], collections.Iterable)


def test_decodestring():
    assert base64.decodestring(b"YQ==") == b"a"


def test_formatargspec():
    assert inspect.formatargspec(["a"]) == "(a)"


def test_readfp(tmp_path):
    (tmp_path / "a.ini").write_text("[a]\nb = 1\n")
    parser = configparser.ConfigParser()
    with open(tmp_path / "a.ini") as file:
        parser.readfp(file)
    assert parser["a"]["b"] == "1"


def test_safe_parser():
    assert configparser.SafeConfigParser().sections() == []


def test_hmac():
    assert hmac.new(b"k", b"m").hexdigest()


def test_filemode():
    assert tarfile.filemode(0o100644) == "-rw-r--r--"


def test_universal(tmp_path):
    (tmp_path / "a").write_text("a")
    with open(tmp_path / "a", "rU") as file:
        assert file.read() == "a"


def test_errno():
    assert os.errno.ENOENT == 2


def test_path_context(tmp_path):
    with Path(tmp_path) as path:
        assert path.exists()


def test_plist():
    assert plistlib.readPlistFromBytes(plistlib.writePlistToBytes({"a": 1})) == {"a": 1}


def test_all_tasks():
    async def main():
        return len(asyncio.Task.all_tasks())

    assert asyncio.run(main()) == 1


def test_current_task():
    async def main():
        return asyncio.Task.current_task()

    assert asyncio.run(main())


def test_coroutine():
    @asyncio.coroutine
    def one():
        yield from asyncio.sleep(0)
        return 1

    assert asyncio.run(one()) == 1


def test_lock():
    async def main():
        async with asyncio.Lock(loop=asyncio.get_event_loop()):
            return 1

    assert asyncio.run(main()) == 1


def test_flags():
    assert re.compile("a(?i)b").match("AB")


def test_wrap():
    with pytest.raises(OSError):
        ssl.wrap_socket(None)


def test_suite():
    assert unittest.makeSuite(unittest.TestCase).countTestCases() == 0


def test_entry_points():
    import importlib.metadata
    assert importlib.metadata.entry_points().get("console_scripts", [])


def test_getiterator():
    from xml.etree import ElementTree
    assert [node.tag for node in ElementTree.fromstring("<a><b/></a>").getiterator("b")] == ["b"]


def test_format_exception():
    import traceback
    error = ValueError("a")
    assert traceback.format_exception(etype=ValueError, value=error, tb=None) == ["ValueError: a\n"]


def test_hardlink(tmp_path):
    (tmp_path / "a").write_text("a")
    (tmp_path / "a").link_to(tmp_path / "b")
    assert (tmp_path / "b").read_text() == "a"


def test_text():
    import sqlite3
    assert sqlite3.OptimizedUnicode is str


class Old(unittest.TestCase):
    def test_not_equals(self):
        self.assertNotEquals(1, 2)

    def test_fail_unless(self):
        self.failUnless(1)

    def test_underscore(self):
        self.assert_(1)

    def test_dict(self):
        self.assertDictContainsSubset({"a": 1}, {"a": 1, "b": 2})

    def test_raises_regexp(self):
        with self.assertRaisesRegexp(ValueError, "no"):
            raise ValueError("no")

    def test_almost(self):
        self.assertAlmostEquals(1.0, 1.0)

    def test_not_regexp(self):
        self.assertNotRegexpMatches("a", "b")

    def test_fail_equal(self):
        self.failUnlessEqual(1, 1)
