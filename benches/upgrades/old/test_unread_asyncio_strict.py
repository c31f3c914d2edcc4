import asyncio

import pytest


@pytest.fixture
async def queue():
    queue = asyncio.Queue()
    yield queue
    assert queue.empty()


@pytest.mark.asyncio
async def test_queue(queue):
    await queue.put(1)
    assert await queue.get() == 1
