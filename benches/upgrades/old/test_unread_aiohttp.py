import asyncio

import aiohttp
import pytest
from aiohttp import web


def test_timeout():
    assert aiohttp.Timeout


def test_with():
    async def main():
        with aiohttp.ClientSession() as session:
            return session.closed

    assert asyncio.run(main()) is False


def test_disconnected():
    assert aiohttp.errors.ClientError
