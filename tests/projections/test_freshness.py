"""Waiting for a position and being woken: registered before anything is read, bounded, also across an outage."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from projections.freshness import PAYLOAD_BYTES, _payloads, freshness
from streams.log import START, Batch, Bookmark
from streams.memory.log import MemoryLog
from streams.postgres.migrate import connect
from tests.projections.company import (
    Shelf,
    ask,
    company,
    eventually,
    listening,
    project,
    projecting,
)
from tests.timing import DEADLINE_S

RECORDS = company().records
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LISTENING = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT partition, sequence%'"
)


async def test_a_waiter_is_told_when_the_views_have_come_so_far(database_url: str) -> None:
    shelf = Shelf()
    async with listening(database_url) as waiter, projecting(shelf.log, database_url):
        for begin in range(0, len(RECORDS), 10):
            assert await waiter.reached(await shelf.put(RECORDS[begin : begin + 10]), DEADLINE_S)


async def test_a_waiter_is_told_when_the_views_have_been_built_from_the_start(database_url: str) -> None:
    shelf = Shelf()
    reached = await shelf.put(RECORDS)
    async with listening(database_url) as waiter:
        await eventually(database_url, LISTENING)
        async with projecting(shelf.log, database_url):
            assert await waiter.reached(reached, DEADLINE_S)


async def test_a_waiter_gives_up_at_its_deadline(database_url: str) -> None:
    shelf = Shelf()
    reached = await shelf.put(RECORDS)
    await project(shelf.log, database_url, reached)
    async with listening(database_url) as waiter:
        assert await waiter.reached(reached, DEADLINE_S)
        assert not await waiter.reached({0: reached[0] + 1}, 0.05)
        assert not await waiter.reached({7: 1}, 0.0)


async def test_what_was_reached_while_nobody_listened_is_known_at_once(database_url: str) -> None:
    shelf = Shelf()
    reached = await shelf.put(RECORDS)
    await project(shelf.log, database_url, reached)
    async with listening(database_url) as waiter:
        assert await waiter.reached(reached, DEADLINE_S)


async def test_a_waiter_survives_the_loss_of_its_connection(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:10]))
    async with listening(database_url) as waiter:
        await eventually(database_url, LISTENING)
        await ask(database_url, KILL)
        await project(shelf.log, database_url, reached := await shelf.put(RECORDS[10:]))
        assert await waiter.reached(reached, DEADLINE_S)


async def test_a_follower_is_woken_by_its_own_stream_only(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:-1]))
    touched_stream = RECORDS[-1].stream
    other = next(recorded.stream for recorded in RECORDS if recorded.stream != touched_stream)
    async with listening(database_url) as waiter:
        with waiter.watch(touched_stream) as mine, waiter.watch(other) as others:
            async with asyncio.timeout(DEADLINE_S):
                await mine.wait()  # whoever was there before listening began has to look once
            mine.clear()
            others.clear()
            await project(shelf.log, database_url, await shelf.put(RECORDS[-1:]))
            async with asyncio.timeout(DEADLINE_S):
                await mine.wait()
            assert not others.is_set()


async def test_freshness_tells_how_far_and_how_old(database_url: str) -> None:
    shelf = Shelf()
    reached = await shelf.put(RECORDS)
    await project(shelf.log, database_url, reached)
    async with projecting(shelf.log, database_url), await connect(database_url) as connection:
        await eventually(database_url, CAUGHT_UP)
        found = await freshness(connection)
    assert {one.partition: one.sequence for one in found} == reached
    assert all(0 <= one.age_s < DEADLINE_S and one.stopped is None for one in found)


class Stuck(MemoryLog):
    """A log of which partition 0 has an end and gives nothing to read."""

    @override
    async def read(
        self, partition: int, after: Bookmark = START, upto: Bookmark | None = None
    ) -> AsyncGenerator[Batch]:
        if partition == 0 and upto is None:
            await asyncio.Event().wait()
        async for batch in super().read(partition, after, upto):
            yield batch


CAUGHT_UP = "SELECT max(caught_up_at) FROM views.checkpoint HAVING count(caught_up_at) = 2"


async def test_a_partition_that_is_behind_does_not_call_itself_fresh(database_url: str) -> None:
    shelf = Shelf()
    assert isinstance(shelf.log, MemoryLog)
    await project(shelf.log, database_url, await shelf.put(RECORDS[:40]))
    async with projecting(shelf.log, database_url):
        (before,) = await eventually(database_url, CAUGHT_UP)
    await shelf.put(RECORDS[40:])
    async with projecting(Stuck(shelf.log._broker), database_url):
        newer = f"SELECT partition FROM views.checkpoint WHERE caught_up_at > '{before[0]}'"
        assert await eventually(database_url, newer) == [(1,)]


@given(
    streams=st.lists(
        st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1, max_size=80), max_size=500
    )
)
def test_no_notification_is_longer_than_postgresql_takes_and_none_loses_a_stream(streams: Sequence[str]) -> None:
    payloads = list(_payloads(streams))
    assert all(len(payload.encode()) <= PAYLOAD_BYTES for payload in payloads)
    assert [stream for payload in payloads for stream in payload.split("\n")] == list(streams)
