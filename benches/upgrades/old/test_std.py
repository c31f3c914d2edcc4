import collections
import datetime
import inspect
import unittest


def f(a):
    pass


def test_mapping():
    assert isinstance({}, collections.Mapping)


def test_getargspec():
    assert inspect.getargspec(f).args == ["a"]


class Old(unittest.TestCase):
    def test_equals(self):
        self.assertItemsEqual([1], [1])

    def test_regex(self):
        self.assertRegexpMatches("a", "a")


def test_iso():
    assert datetime.datetime.utcnow().tzinfo is None


def test_time():
    import time

    assert time.clock() >= 0


def test_thread():
    import threading

    assert threading.currentThread().isAlive()


def test_xml():
    from xml.etree import ElementTree

    assert ElementTree.fromstring("<a><b/></a>").getchildren()[0].tag == "b"


def test_base64():
    import base64

    assert base64.encodestring(b"a") == b"YQ==\n"


def test_html():
    from html.parser import HTMLParser

    assert HTMLParser().unescape("&lt;") == "<"


def test_json_encoding():
    import json

    assert json.loads(b"[1]", encoding="utf-8") == [1]


def test_gcd():
    import fractions

    assert fractions.gcd(4, 2) == 2


def test_platform():
    import platform

    assert platform.linux_distribution()


def test_array():
    import array

    assert array.array("b", [1]).tostring() == b"\x01"


def test_random():
    import random

    assert random.shuffle([1], lambda: 0.5) is None


def test_asyncio():
    import asyncio

    async def main():
        await asyncio.wait([asyncio.sleep(0)])

    asyncio.run(main())


def test_loop():
    import asyncio

    async def main():
        await asyncio.sleep(0, loop=asyncio.get_event_loop())

    asyncio.run(main())


def test_logger():
    import logging

    assert logging.getLogger().level, logging._levelNames


def test_gettext():
    import gettext

    assert gettext.translation("x", fallback=True, codeset="utf-8")


def test_typing():
    import typing

    assert typing.io
