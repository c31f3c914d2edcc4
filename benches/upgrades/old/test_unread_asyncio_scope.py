import pytest


@pytest.mark.asyncio(scope="module")
async def test_scope():
    assert True


@pytest.mark.asyncio(forbid_global_loop=True)
async def test_forbid():
    assert True
