"""50,000 orders wait for one article, and 50,000 units come in at once: all are served, and others do not notice."""

import asyncio
import logging
import resource
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.roles import Role
from ordertrail.settings import LogKind
from tests.instance import Instance
from tests.people import ORDERS, People, fresh, line, order
from web.command_addresses import MOST_COMMANDS

pytestmark = [pytest.mark.soak, pytest.mark.server]

logger = logging.getLogger(__name__)

WAITING = 50_000
CLIENTS = 2
WAITED_S = 1_800.0
P99_S = 0.2
PAUSE_S = 0.02
POLL_S = 0.2
MOST_BYTES = 340_000_000
"""What a server may hold at all, and 40 MB for such an article."""
GROWN_BYTES = 32_000_000
"""By how much more memory the second half of the serving may take at its worst than the first half: keeping the state of
such an article takes 23 MB for the moment, now in this half, now in that."""


@pytest.fixture(
    params=[LogKind.EMBEDDED, pytest.param(LogKind.KAFKA, marks=pytest.mark.kafka)], ids=lambda log: log.value
)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Instance]:
    if request.param is LogKind.KAFKA:
        request.getfixturevalue("kafka_jars")
    with Instance(tmp_path / "shop", request.param) as instance:
        yield instance


async def test_a_receipt_that_serves_fifty_thousand_orders_holds_up_nobody_else(shop: Instance) -> None:
    hot, cool = fresh("hot"), fresh("cool")
    async with shop.people() as people:
        await people.receive(cool, 10**6)
        await place_all(people, hot)
        await stock_shows(people, hot, waiting=WAITING)
        served = asyncio.Event()
        others = asyncio.create_task(order_meanwhile(people, cool, served))
        memory = asyncio.create_task(resident_meanwhile(shop.pids()["server"], served))
        began = time.perf_counter()
        await people.receive(hot, WAITING)
        await stock_shows(people, hot, reserved=WAITING)
        took = time.perf_counter() - began
        served.set()
        answers, held = await others, await memory
    p99 = statistics.quantiles(answers, n=100)[-1]
    first, second = max(held[: len(held) // 2]), max(held[len(held) // 2 :])
    logger.info(
        "served in %.1f s, others' p99 %.0f ms, server at most %d MB in the first half, %d MB in the second",
        *(took, 1000 * p99, first / 10**6, second / 10**6),
    )
    assert p99 <= P99_S
    assert second - first <= GROWN_BYTES
    assert max(first, second) <= MOST_BYTES
    await asyncio.to_thread(shop.verify)


async def place_all(people: People, sku: str) -> None:
    requests = iter(range(WAITING // MOST_COMMANDS))

    async def client() -> None:
        for _ in requests:
            await people.place_many([order(line(sku, 1))] * MOST_COMMANDS)

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(client())


async def stock_shows(people: People, sku: str, **units: int) -> None:
    """Wait until the stock page says so."""
    async with asyncio.timeout(WAITED_S):
        while {name: (await people.stock(sku))[name] for name in units} != units:  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(POLL_S)


async def order_meanwhile(people: People, sku: str, served: asyncio.Event) -> list[float]:
    """How long each command of somebody took who orders another article, one after the other."""
    took: list[float] = []
    while not served.is_set():
        began = time.perf_counter()
        await people.do(ORDERS, order(line(sku, 1)), role=Role.SALES)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(PAUSE_S)
    return took


async def resident_meanwhile(pid: int, served: asyncio.Event) -> list[int]:
    """What a process held, again and again."""
    held: list[int] = []
    while not served.is_set():
        held.append(resident(pid))
        await asyncio.sleep(POLL_S)
    return held


def resident(pid: int) -> int:
    """Bytes of memory that a process holds (proc(5), statm)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
