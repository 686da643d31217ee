"""A server that is asked to end accepts nothing more, and answers everything that it has accepted."""

import asyncio

import httpx
import pytest
import uvicorn

from commands.app import build
from ordertrail.orderly_end import serve_before
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker
from tests.commands.conftest import IDENTITY, bearer, order
from tests.streams.test_writer_guards import Slow
from tests.writing import DEADLINE_S, everything, writers_on


@pytest.mark.slow
async def test_orders_that_are_being_committed_or_wait_for_it_when_we_are_asked_to_end_are_answered() -> None:
    log = Slow(MemoryBroker(partitions=1))
    writers = writers_on(log, MemoryIndex())
    http = uvicorn.Server(
        uvicorn.Config(build(writers, IDENTITY), port=0, log_level="error", lifespan="off", timeout_graceful_shutdown=5)
    )
    serving = asyncio.create_task(serve_before(http, writers.run()))
    await writers.opened()
    async with asyncio.timeout(DEADLINE_S):
        while not http.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{http.servers[0].sockets[0].getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url) as client:
        log.answering.clear()
        placing = [asyncio.create_task(placed(client))]
        await log.appended.wait()
        placing.append(asyncio.create_task(placed(client)))
        async with asyncio.timeout(DEADLINE_S):
            while not writers.all[0]._outside:  # noqa: ASYNC110 - the loop's next turn is the event
                await asyncio.sleep(0)
        serving.cancel()
        async with asyncio.timeout(DEADLINE_S):
            while not await refused(url):  # noqa: ASYNC110 - the refusal is the event
                await asyncio.sleep(0.01)
        log.answering.set()
        assert await asyncio.gather(*placing) == [201, 201]
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert len(await everything(log)) == 2


async def placed(client: httpx.AsyncClient) -> int:
    """The status of an order's placing."""
    answer = await client.post("/commands/orders", json=order(), headers={"Authorization": bearer()})
    return answer.status_code


async def refused(url: str) -> bool:
    """Whether nobody listens any more."""
    async with httpx.AsyncClient(base_url=url) as client:
        try:
            await client.get("/commands/openapi.json")
        except httpx.ConnectError:
            return True
    return False
