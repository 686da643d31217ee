"""The projector and a PostgreSQL that went back in time, fell silent or was frozen; a log that is not the one it was."""

import asyncio
import dataclasses
import uuid
from contextlib import aclosing

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from typing_extensions import override

from projections.checkpoints import Checkpoint
from projections.freshness import PositionWaiter
from projections.projector.fold_batch import HistoryChanged
from projections.projector.postgres_store import PostgresViewStore
from projections.projector.reading import following, portions
from projections.projector.transaction import Applier
from projections.registry import VIEWS
from streams.log import Batch, Bookmark, Log
from streams.memory.log import MemoryLog
from streams.postgres.connection import OUTAGE, answered_within
from streams.postgres.migrate import connect
from tests.projections.company import (
    Shelf,
    company,
    eventually,
    listening,
    project,
    projecting,
    rows_at,
    until,
    why_stopped,
)
from tests.projections.comparing import expected_rows
from tests.projections.restoring import copied, restored
from tests.streams.proxy import Proxy
from tests.timing import DEADLINE_S
from tests.writing import everything

RECORDS = company().records


async def test_a_database_that_lost_the_last_batches_is_read_again_and_the_projector_goes_on(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:10]))
    async with listening(database_url) as waiter, projecting(shelf.log, database_url) as running:
        assert await waiter.reached(await shelf.put(RECORDS[10:20]), DEADLINE_S)
        await copied(database_url)
        assert await waiter.reached(await shelf.put(RECORDS[20:40]), DEADLINE_S)
        await restored(database_url)
        assert await waiter.reached(await shelf.put(RECORDS[40:]), DEADLINE_S)
        assert not running.done()
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_a_database_that_forgot_the_projectors_claim_is_claimed_again(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:20]))
    await copied(database_url)
    async with listening(database_url) as waiter, projecting(shelf.log, database_url) as running:
        assert await waiter.reached(await shelf.put(RECORDS[20:40]), DEADLINE_S)
        await restored(database_url)
        assert await waiter.reached(await shelf.put(RECORDS[40:]), DEADLINE_S)
        assert not running.done()
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_views_of_another_log_stop_with_a_sentence_and_show_what_they_showed(database_url: str) -> None:
    shelf, other = Shelf(1), Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS[:20]))
    shown = await rows_at(database_url)
    await other.put([dataclasses.replace(recorded, event_id=uuid.uuid4()) for recorded in RECORDS])
    async with projecting(other.log, database_url):
        stopped = await why_stopped(database_url, 0)
    assert "another log: the views reflect sequence 20 of partition 0" in stopped
    assert "`ordertrail rebuild`" in stopped
    assert await rows_at(database_url) == shown


async def test_the_last_record_before_a_checkpoint_is_found_behind_any_number_of_claims(database_url: str) -> None:
    shelf = Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS[:20]))
    for _ in range(40):
        await shelf.put([])
    end = (await shelf.log.end(0)).place
    async with projecting(shelf.log, database_url):
        await eventually(database_url, f"SELECT 1 FROM views.checkpoint WHERE bookmark = {end}")
    await project(shelf.log, database_url, await shelf.put(RECORDS[20:]))
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_a_log_that_is_shortened_under_a_running_projector_is_said_and_never_fresh(database_url: str) -> None:
    shelf = Shelf(1)
    await shelf.put(RECORDS)
    assert isinstance(shelf.log, MemoryLog)
    log = Shrinking(shelf.log._broker)
    async with projecting(log, database_url):
        await eventually(database_url, "SELECT 1 FROM views.checkpoint WHERE caught_up_at IS NOT NULL")
        log.lost = 20
        assert "ends before the views' checkpoint" in await why_stopped(database_url, 0)


def test_a_batch_that_ends_before_the_one_before_it_is_no_history() -> None:
    place = Checkpoint(0, Bookmark(9), 5, uuid.uuid4())
    with pytest.raises(HistoryChanged, match="ends before the views' checkpoint at sequence 5"):
        following(place, Batch((), Bookmark(8)))


class Shrinking(MemoryLog):
    """A log that loses its last places, in which a reader just waits for more."""

    lost = 0

    @override
    async def written(self, partition: int) -> Bookmark:
        return Bookmark((await super().written(partition)).place - self.lost)


class HeldBack(MemoryLog):
    """A log in which a foreign transaction stays open: more is written than anybody may read."""

    @override
    async def written(self, partition: int) -> Bookmark:
        return Bookmark((await self.end(partition)).place + (1 if partition == 0 else 0))


async def test_views_are_not_fresh_while_a_foreign_transaction_hides_what_was_written(database_url: str) -> None:
    shelf = Shelf()
    reached = await shelf.put(RECORDS)
    assert isinstance(shelf.log, MemoryLog)
    log = HeldBack(shelf.log._broker)
    await project(log, database_url, reached)
    async with projecting(log, database_url):
        fresh = "SELECT partition FROM views.checkpoint WHERE caught_up_at IS NOT NULL"
        assert await eventually(database_url, fresh) == [(1,)]


async def test_a_statement_that_gets_no_answer_ends_as_an_outage(database_url: str) -> None:
    connection = await connect(database_url)
    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(OUTAGE), answered_within(connection, 0.1):
            await connection.execute("SELECT pg_sleep(1000)")
    assert connection.closed


async def test_a_projector_that_waits_too_long_for_postgresql_tries_again(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS[:10]))
    await shelf.put(RECORDS[10:])
    store = PostgresViewStore(database_url, act_s=0.1)
    applier = Applier(store, VIEWS)
    (place,) = await applier.claim(1, "test")
    async with await connect(database_url) as holder, holder.transaction():
        await holder.execute("SELECT FROM views.checkpoint FOR UPDATE")
        applying = asyncio.create_task(applied(applier, shelf.log, place))
        await until(lambda: "cannot be written for now" in caplog.text)
    store._act_s = DEADLINE_S
    await applying
    await store.close()
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def applied(applier: Applier, log: Log, place: Checkpoint) -> None:
    async with aclosing(portions(log, place, await log.end(0))) as found:
        async for portion in found:
            assert await applier.apply([portion]) == ()


async def test_a_bug_in_a_statement_is_no_outage(database_url: str) -> None:
    shelf = Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS[:10]))
    await ask_nothing(database_url, "DROP TABLE views.checkpoint")
    store = PostgresViewStore(database_url)
    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(psycopg.errors.UndefinedTable):
            await Applier(store, VIEWS).claim(1, "test")
    await store.close()


async def ask_nothing(url: str, statement: str) -> None:
    async with await connect(url) as connection:
        await connection.execute(statement.encode())


class Silent(Proxy):
    """A proxy whose connections can fall silent without ending; those that are made later are well."""

    silences = 0

    @override
    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool) -> None:
        begun = self.silences
        while data := await source.read(1 << 16):
            if self.silences > begun:
                await asyncio.Event().wait()
            target.write(data)


async def test_a_listener_whose_connection_fell_silent_hears_again(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:10]))
    server = conninfo_to_dict(database_url)
    async with Silent(str(server["host"]), int(str(server["port"]))).running() as proxy:
        assert isinstance(proxy, Silent)
        through = make_conninfo(database_url, host="127.0.0.1", port=proxy.address[1])
        waiter = PositionWaiter(through, silent_s=0.05, answer_s=0.2)
        await waiter.open()
        await until(lambda: bool(waiter._sequences))
        proxy.silences += 1
        await project(shelf.log, database_url, reached := await shelf.put(RECORDS[10:]))
        assert await waiter.reached(reached, DEADLINE_S)
        await waiter.close()
