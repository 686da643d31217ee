"""With the log on Kafka, PostgreSQL holds nothing that the log does not: lose a part or all of it, and it comes back."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter

import httpx
import pytest
from psycopg import sql

from domain.roles import Role
from ordertrail.local.postgres import LocalPostgres
from projections.registry import BOARDS
from streams.postgres.migrate import DISPOSABLE, connect
from tests.instance import Instance, until
from tests.people import ORDERS, Json, People, Placed, fresh, line, order

pytestmark = [pytest.mark.server, pytest.mark.kafka, pytest.mark.timeout(900)]

BACK_S = 180.0

LISTS = (
    *((f"/boards/{board.name}", "orders") for board in BOARDS),
    ("/orders", "orders"),
    ("/stock", "stock"),
)


@pytest.fixture
def shop(kafka_victim: Instance) -> Instance:
    return kafka_victim


@dataclass
class Shown:
    """What everybody saw before: every list, and each order as staff and customer saw it."""

    lists: dict[str, list[Json]]
    orders: list[Json]
    tracked: list[Json]
    ends: dict[int, int]


async def trade(people: People) -> list[Placed]:
    """Orders at every stage: waiting, held, sent, part shipped, completed."""
    sku = fresh("box")
    await people.receive(sku, 12)
    parts = await people.place(line(sku, 10), line(fresh("never"), 1))
    sent = await people.place(line(sku, 2))
    await people.settled()
    waiting = await people.place(line(sku, 5), customer={"id": fresh("customer")})
    held = await people.place(line(sku, 1), holds=[{"type": "credit", "reason": "limit"}])
    done = await people.place(line(fresh("advice"), 1, kind="service"))
    await people.settled()
    await people.hand_over(parts, (1, 6))
    return [parts, sent, waiting, held, done]


async def everything(people: People, placed: list[Placed]) -> Shown:
    ends = await people.settled()
    lists = {path: await people.all_rows(path, member) for path, member in LISTS}
    orders = [await people.order(one) for one in placed]
    return Shown(lists, orders, [await people.tracked(one) for one in placed], ends)


async def index_dropped(shop: Instance) -> None:
    await drop(shop, "index")


async def all_schemas_dropped(shop: Instance) -> None:
    await drop(shop, *DISPOSABLE.values())


async def directory_deleted(shop: Instance) -> None:
    shutil.rmtree(shop.data / "postgres")


async def drop(shop: Instance, *schemas: str) -> None:
    """Somebody opens the stopped instance's PostgreSQL and drops schemas."""
    server = LocalPostgres(shop.data / "postgres")
    await drop_in(await server.start(), *schemas)
    await server.stop()


async def drop_in(url: str, *schemas: str) -> None:
    async with await connect(url) as connection:
        for schema in schemas:
            await connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


@pytest.mark.parametrize(
    "lost",
    [*(pytest.param(part, marks=pytest.mark.soak) for part in (index_dropped, all_schemas_dropped)), directory_deleted],
    ids=attrgetter("__name__"),
)
async def test_the_next_start_brings_everything_back(
    shop: Instance, lost: Callable[[Instance], Awaitable[None]]
) -> None:
    async with shop.people() as people:
        placed = await trade(people)
        key = fresh("key")
        again = order(line(fresh("box"), 1))
        first = await people.do(ORDERS, again, role=Role.SALES, Idempotency_Key=key)
        before = await everything(people, placed)
    shop.stop()
    await lost(shop)
    shop.start()
    async with shop.people() as people:
        assert await everything(people, placed) == before
        repeated = await people.do(ORDERS, again, role=Role.SALES, Idempotency_Key=key)
        assert repeated == {**first, "repeated": True}, "what was done before is still known by its key"

        more = await asyncio.gather(*(people.place(line(fresh("box"), 1)) for _ in range(40)))
        await people.settled()
        numbers = [row["number"] for row in await people.all_rows("/orders", "orders")]
        assert len(numbers) == len(set(numbers)) == len(before.lists["/orders"]) + len(more)
    await asyncio.to_thread(shop.verify)


@pytest.mark.parametrize(
    ("schema", "part"), [("workflow", "server"), pytest.param("views", "projector", marks=pytest.mark.soak)]
)
async def test_a_schema_that_is_dropped_while_it_runs_is_made_again(shop: Instance, schema: str, part: str) -> None:
    before = shop.pids()[part]
    async with shop.people() as people:
        sku = fresh("box")
        await drop_in(shop.database_url, schema)
        with suppress(httpx.HTTPError):  # whoever writes next finds out, and the answer may be cut off by that
            await people.ask(f"/commands/stock/{sku}/main/receive", {"quantity": 2})
        await asyncio.to_thread(until, lambda: shop.is_back(part, before), BACK_S, f"the {part}")
        placed = await people.place(line(sku, 1))
        await people.settled()
        assert (await people.order(placed))["version"] > 1
    await asyncio.to_thread(shop.verify)
