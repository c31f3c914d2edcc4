import pytest


@pytest.mark.asyncio
async def test_loop(event_loop):
    assert event_loop
