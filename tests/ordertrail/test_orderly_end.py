"""A server that is asked to end accepts nothing more, and answers everything that it has accepted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
import uvicorn

from commands.app import build
from ordertrail.local.children import SHUTDOWN
from ordertrail.orderly_end import serve_before
from ordertrail.server import listening
from ordertrail.settings import Settings
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker
from streams.runtime import Runtime
from tests.commands.conftest import IDENTITY, bearer, order, problem
from tests.streams.test_writer_guards import Slow
from tests.timing import DEADLINE_S
from tests.writing import everything, writers_on
from web.connections import uvicorn_options
from web.kept_forms import MemoryForms
from web.server import Server


@dataclass
class Ending:
    """A server over a log that answers when it is let through; an order is being committed and another one waits."""

    log: Slow
    url: str
    placing: list[asyncio.Task[httpx.Response]]
    serving: asyncio.Task[None]


@contextlib.asynccontextmanager
async def asked_to_end_at_work(grace_s: int) -> AsyncIterator[Ending]:
    log = Slow(MemoryBroker(partitions=1))
    writers = writers_on(log, MemoryIndex())
    http = Server(
        uvicorn.Config(
            build(writers, IDENTITY, MemoryForms()), port=0, timeout_graceful_shutdown=grace_s, **uvicorn_options()
        )
    )
    serving = asyncio.create_task(serve_before(http, writers.run()))
    await writers.opened()
    async with asyncio.timeout(DEADLINE_S):
        while not http.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{http.entrance.port}"
    async with httpx.AsyncClient(base_url=url) as client:
        log.answering.clear()
        placing = [asyncio.create_task(placed(client))]
        await log.appended.wait()
        placing.append(asyncio.create_task(placed(client)))
        async with asyncio.timeout(DEADLINE_S):
            while not writers.all[0]._queues.people:  # noqa: ASYNC110 - the loop's next turn is the event
                await asyncio.sleep(0)
        serving.cancel()
        yield Ending(log, url, placing, serving)
    with pytest.raises(asyncio.CancelledError):
        await serving


@pytest.mark.slow
async def test_orders_that_are_being_committed_or_wait_for_it_when_we_are_asked_to_end_are_answered() -> None:
    async with asked_to_end_at_work(grace_s=5) as ending:
        async with asyncio.timeout(DEADLINE_S):
            while not await refused(ending.url):  # noqa: ASYNC110 - the refusal is the event
                await asyncio.sleep(0.01)
        ending.log.answering.set()
        assert [answer.status_code for answer in await asyncio.gather(*ending.placing)] == [201, 201]
    assert len(await everything(ending.log)) == 2


@pytest.mark.slow
async def test_who_is_not_answered_within_the_grace_hears_what_is_known_of_the_order() -> None:
    async with asked_to_end_at_work(grace_s=0) as ending:
        committing, waiting = await asyncio.gather(*ending.placing)
        ending.log.answering.set()
    problem(committing, 503, "still-unknown")
    problem(waiting, 503, "not-executed")
    assert committing.headers["retry-after"] == waiting.headers["retry-after"] == "1"
    assert len(await everything(ending.log)) == 1


def test_no_caller_waits_longer_than_the_server_when_it_ends_and_the_server_no_longer_than_who_started_it() -> None:
    limits = Runtime().limits
    grace_s = listening(Settings(), limits)["timeout_graceful_shutdown"]
    assert grace_s > max(limits.answer_s, limits.stop_s)
    assert SHUTDOWN[0][1] > grace_s + limits.stop_s


async def placed(client: httpx.AsyncClient) -> httpx.Response:
    """The answer to an order's placing."""
    return await client.post("/commands/orders", json=order(), headers={"Authorization": bearer()})


async def refused(url: str) -> bool:
    """Whether nobody listens any more."""
    async with httpx.AsyncClient(base_url=url) as client:
        try:
            await client.get("/commands/openapi.json")
        except httpx.ConnectError:
            return True
    return False
