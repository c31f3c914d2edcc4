import asyncio

import pytest


@pytest.mark.asyncio
async def test_timer(event_loop):
    before = event_loop.time()
    await asyncio.sleep(0.01)
    assert event_loop.time() > before


@pytest.mark.asyncio
async def test_executor(event_loop):
    assert await event_loop.run_in_executor(None, len, "ab") == 2
