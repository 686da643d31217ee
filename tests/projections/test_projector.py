"""The projector: whatever is cut, killed, repeated or interleaved, the rows are those of the log."""

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import replace

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from domain.decider import Event
from domain.recorded import Recorded
from projections import order, timeline
from projections.checkpoints import LIVE_PROJECTION, OtherLog, Superseded, claim
from projections.projector.fold_batch import HistoryChanged
from projections.projector.projector import LONGEST_REST_S, Rests
from projections.registry import VIEWS
from streams.log import START, Batch, Bookmark, LogUnavailable
from streams.memory.log import MemoryBroker, MemoryLog
from streams.postgres.migrate import connect
from tests.conftest import FreshDatabase
from tests.projections.company import (
    Shelf,
    ask,
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
from tests.timing import DEADLINE_S
from tests.writing import claim_record, everything

FEW = settings(max_examples=5, deadline=None)

RECORDS = company().records


async def test_every_view_holds_what_the_log_says(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    stored = await rows_at(database_url)
    assert stored == expected_rows(await everything(shelf.log))
    assert stored.keys() == {view.name for view in VIEWS}
    assert sum(map(bool, stored.values())) >= 7  # the others are boards that nothing here concerns


@FEW
@given(cuts=st.lists(st.integers(0, len(RECORDS)), max_size=3), partitions=st.integers(1, 4))
async def test_a_run_cut_at_any_point_and_resumed_ends_in_the_same_rows(
    fresh_database: FreshDatabase, cuts: list[int], partitions: int
) -> None:
    shelf = Shelf(partitions)
    places = [0, *sorted(cuts), len(RECORDS)]
    with fresh_database() as url:
        for begin, end in itertools.pairwise(places):
            await project(shelf.log, url, await shelf.put(RECORDS[begin:end]))
        assert await rows_at(url) == expected_rows(await everything(shelf.log))


@FEW
@given(data=st.data())
async def test_however_partitions_interleave_the_rows_are_equal(data: st.DataObject) -> None:
    records = await everything(await filled())
    by_stream: dict[str, list[object]] = {}
    for recorded in records:
        by_stream.setdefault(recorded.stream, []).append(recorded)
    shuffled = data.draw(st.permutations([recorded.stream for recorded in records]))
    interleaved = [by_stream[stream].pop(0) for stream in shuffled]
    assert expected_rows(interleaved) == expected_rows(records)  # type: ignore[arg-type]  # a list of records


async def filled() -> MemoryLog:
    shelf = Shelf()
    await shelf.put(RECORDS)
    assert isinstance(shelf.log, MemoryLog)
    return shelf.log


def test_a_stream_whose_versions_have_a_gap_is_no_history() -> None:
    gone = next(recorded for recorded in RECORDS if recorded.version == 2)
    with pytest.raises(HistoryChanged, match=r"goes on with version 3 at .*, after 1"):
        expected_rows(recorded for recorded in RECORDS if recorded is not gone)


async def test_a_database_that_drops_every_connection_is_waited_out(database_url: str) -> None:
    shelf = Shelf()
    reached = await shelf.put(RECORDS[:20])
    async with listening(database_url) as waiter, projecting(shelf.log, database_url):
        assert await waiter.reached(reached, DEADLINE_S)
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        await ask(database_url, kill)
        reached = await shelf.put(RECORDS[20:])
        assert await waiter.reached(reached, DEADLINE_S)
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


class Followed(MemoryLog):
    """A log that counts the records which its reader has put away."""

    put_away = 0

    @override
    async def read(
        self, partition: int, after: Bookmark = START, upto: Bookmark | None = None
    ) -> AsyncGenerator[Batch]:
        async for batch in super().read(partition, after, upto):
            yield batch
            self.put_away += len(batch.records)  # it has come back for more


class Busy:
    """A time that passes only while rows are made, and in rests, in which more events come."""

    EACH_S = 0.01

    def __init__(self) -> None:
        self.rests: list[float] = []
        self.taken: list[int] = []
        """Events of the transaction after each rest."""
        self.coming: deque[Recorded[Event]] = deque()
        self._now = time.monotonic()
        self._shelf = Shelf(1)
        self.log = Followed(MemoryBroker(1))
        self._written = 0

    def clock(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.taken.append(0)
        self._now += seconds
        await self.write(len(self.coming))
        await until(lambda: self.log.put_away == self._written)

    def rows(self, recorded: Recorded[Event], state: object) -> tuple[timeline.TimelineRow, ...]:
        self._now += self.EACH_S
        self.taken[-1] += 1
        return timeline.timeline_rows(recorded, state)

    async def open(self) -> None:
        self._claim = await self.log.claim(0, claim_record(self.log))

    async def write(self, events: int) -> None:
        records = [self._shelf._record(0, self.coming.popleft()) for _ in range(events)]
        if records:
            self._written += events
            await self.log.append(self._claim, records)


async def test_under_load_it_rests_as_long_as_it_wrote_and_takes_more_at_once(database_url: str) -> None:
    busy, records, loads = Busy(), iter(RECORDS), (1, 3, 2 * round(LONGEST_REST_S / Busy.EACH_S), 1)
    await busy.open()
    view, reached = replace(timeline.VIEW, rows=busy.rows), 0
    async with (
        listening(database_url) as waiter,
        projecting(busy.log, database_url, [view], Rests(busy.clock, busy.sleep)),
    ):
        await eventually(database_url, "SELECT 1 FROM views.checkpoint WHERE epoch = 1")
        for load in loads:
            busy.coming.extend(itertools.islice(records, load))
            await busy.write(1)  # the others come while it rests
            reached += load
            assert await waiter.reached({0: reached}, DEADLINE_S)
    assert [taken for taken in busy.taken if taken] == list(loads)
    wrote = [min(taken * Busy.EACH_S, LONGEST_REST_S) for taken in busy.taken]
    assert len(busy.rests) > 1
    assert busy.rests == pytest.approx([0.0, *wrote[:-1]])
    assert max(busy.rests) == pytest.approx(LONGEST_REST_S)


async def test_a_projector_that_another_has_superseded_stops(database_url: str) -> None:
    shelf = Shelf()
    await shelf.put(RECORDS[:5])
    async with projecting(shelf.log, database_url) as running:
        async with await connect(database_url) as connection:
            await eventually(database_url, "SELECT 1 FROM views.checkpoint WHERE epoch = 1")
            await claim(connection, LIVE_PROJECTION, 2, "another")
        with pytest.raises(Superseded, match="this one stops"):
            await asyncio.wait_for(running, DEADLINE_S)


async def test_a_log_and_views_of_different_partition_counts_do_not_meet(database_url: str) -> None:
    shelf = Shelf(2)
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    with pytest.raises(OtherLog, match="the views know 2 partitions and the log has 3"):
        await project(MemoryLog(MemoryBroker(3)), database_url, {2: 1})


async def test_a_log_that_does_not_go_on_where_it_was_left_stops_its_partition_only(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:40]))
    shelf.skip(0)
    reached = await shelf.put(RECORDS[40:])
    await project(shelf.log, database_url, {1: reached[1]})
    async with projecting(shelf.log, database_url):
        stopped = await why_stopped(database_url, 0)
    assert "history changed: partition 0 goes on with sequence" in stopped


async def test_a_log_that_lost_its_end_stops_its_partition(database_url: str) -> None:
    shelf, shorter = Shelf(1), Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    await shorter.put(RECORDS[:3])
    async with projecting(shorter.log, database_url):
        assert "ends before the views' checkpoint" in await why_stopped(database_url, 0)


class Flickering(MemoryLog):
    """A log that is away at every second attempt to follow it."""

    def __init__(self, log: MemoryLog) -> None:
        super().__init__(log._broker)
        self.attempts = 0

    @override
    async def read(
        self, partition: int, after: Bookmark = START, upto: Bookmark | None = None
    ) -> AsyncGenerator[Batch]:
        self.attempts += upto is None
        if upto is None and self.attempts % 2:
            raise LogUnavailable("away for a moment")
        async for batch in super().read(partition, after, upto):
            yield batch


async def test_an_outage_of_the_log_is_waited_out(database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:40]))
    reached = await shelf.put(RECORDS[40:])
    assert isinstance(shelf.log, MemoryLog)
    with caplog.at_level(logging.WARNING):
        await project(Flickering(shelf.log), database_url, reached)
    assert "cannot be read for now" in caplog.text
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_an_empty_batch_moves_the_bookmark(database_url: str) -> None:
    shelf = Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    await shelf.put([])
    end = (await shelf.log.end(0)).place
    async with projecting(shelf.log, database_url):
        moved = f"SELECT sequence FROM views.checkpoint WHERE bookmark = {end}"
        assert await eventually(database_url, moved) == [(len(RECORDS),)]


async def test_a_view_without_its_table_is_built_before_the_projector_goes_on(database_url: str) -> None:
    shelf = Shelf()
    old = [view for view in VIEWS if view is not order.VIEW]
    await project(shelf.log, database_url, await shelf.put(RECORDS[:50]), old)
    with pytest.raises(psycopg.errors.UndefinedTable):
        await ask(database_url, 'SELECT * FROM views."order"')
    await project(shelf.log, database_url, await shelf.put(RECORDS[50:]))
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))
