import asyncio


async def test_sleep():
    assert await asyncio.sleep(0, "a") == "a"
