import asyncio


async def double(number):
    await asyncio.sleep(0)
    return number * 2


def test_sync(event_loop):
    assert event_loop.run_until_complete(double(2)) == 4


def test_task(event_loop):
    task = event_loop.create_task(double(3))
    event_loop.run_until_complete(task)
    assert task.result() == 6
