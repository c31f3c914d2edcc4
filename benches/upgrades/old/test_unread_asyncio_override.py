import asyncio

import pytest


@pytest.fixture(scope="module")
def event_loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
async def number():
    return 1


@pytest.mark.asyncio
async def test_number(number):
    assert number == 1
