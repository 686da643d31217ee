"""PostgreSQL restored from an older copy beside a newer Kafka log: the log knows better, stopped or running.

The copy lacks the index's last writes, the workflow's checkpoint and the views of everything since. Nothing of it may be
believed: a key used since is still known, no version is given twice, and what is shown is what the log says.
"""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import pytest

from domain.roles import Role
from tests.instance import Instance, until
from tests.people import ORDERS, Json, People, fresh, line, order

pytestmark = [pytest.mark.server, pytest.mark.kafka, pytest.mark.timeout(900)]

SINCE = 20
"""Orders placed after the copy was made."""
BACK_S = 180.0


@pytest.fixture
def shop(kafka_victim: Instance) -> Iterator[Instance]:
    yield kafka_victim
    for kept in ("older", "newer"):
        shutil.rmtree(kafka_victim.data / "postgres" / kept, ignore_errors=True)


def copied(source: Path, target: Path) -> None:
    """With owners and modes, as PostgreSQL wants them."""
    subprocess.run(["cp", "-a", source, target], check=True)


def restored(shop: Instance) -> None:
    cluster = shop.data / "postgres" / "cluster"
    cluster.rename(cluster.with_name("newer"))
    copied(cluster.with_name("older"), cluster)


async def while_stopped(shop: Instance) -> None:
    shop.stop()
    restored(shop)
    shop.start()


async def while_running(shop: Instance) -> None:
    """The database dies and comes back older under processes that go on, as after a failover to a late standby."""
    before = shop.pids()
    with shop.standing_still():
        os.kill(before["postgres"], signal.SIGKILL)
        until(lambda: not shop.postgres_sessions(), BACK_S, "the end of PostgreSQL's processes")
        restored(shop)
    await asyncio.to_thread(until, lambda: shop.is_back("postgres", before["postgres"]), BACK_S, "PostgreSQL")


@pytest.mark.parametrize("restore", [while_stopped, while_running], ids=attrgetter("__name__"))
async def test_what_the_copy_does_not_know_is_known_all_the_same(
    shop: Instance, restore: Callable[[Instance], Awaitable[None]]
) -> None:
    sku, customer = fresh("box"), {"id": fresh("customer")}
    async with shop.people() as people:
        await people.receive(sku, 10 * SINCE)
        await people.place(line(sku, 1), customer=customer)
        await people.settled()
    shop.stop()
    copied(shop.data / "postgres" / "cluster", shop.data / "postgres" / "older")
    shop.start()

    async with shop.people() as people:
        keys = [fresh("key") for _ in range(SINCE)]
        wanted = order(line(sku, 1), customer=customer)
        first = await asyncio.gather(*(placed(people, wanted, key) for key in keys))
        await people.settled()
    await restore(shop)
    async with shop.people() as people:
        again = await asyncio.gather(*(placed(people, wanted, key) for key in keys))
        assert again == [{**one, "repeated": True} for one in first]
        await asyncio.gather(*(people.place(line(sku, 1), customer=customer) for _ in range(SINCE)))
        await people.settled()
        rows = await people.all_rows("/orders", "orders", customer=customer["id"])
        assert {(row["waiting_on"], row["next_action"]) for row in rows} == {("warehouse", "pick")}
        assert len({row["number"] for row in rows}) == len(rows) == 2 * SINCE + 1
    records = sorted(await asyncio.to_thread(shop.export), key=attrgetter("subject", "version"))
    for subject, history in groupby(records, key=attrgetter("subject")):
        versions = [record.version for record in history]
        assert versions == list(range(1, len(versions) + 1)), subject
    await asyncio.to_thread(shop.verify)


async def placed(people: People, wanted: Json, key: str) -> Json:
    return await people.do(ORDERS, wanted, role=Role.SALES, Idempotency_Key=key)
