"""One contract for every index: the one beside Kafka, the log that is its own, and the twin in memory."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from psycopg_pool import AsyncConnectionPool

from streams.index import NOT_INDEXED, Index, IndexBehind, Placed, PostgresIndex
from streams.log import Bookmark, Record
from streams.memory.index import MemoryIndex
from streams.own_index import OwnIndex
from streams.postgres.log import PostgresLog
from streams.record import event_id
from streams.snapshots import LARGE_BYTES, MemorySnapshots, PostgresSnapshots, Snapshot, Snapshots
from tests.streams.samples import AT, SAMPLES
from tests.streams.test_record import encoded
from tests.writing import claim_record

KINDS = ("memory", pytest.param("postgres", marks=pytest.mark.server), pytest.param("own", marks=pytest.mark.server))
A, B = "order-a", "stock-B@main"


def record(sequence: int, stream: str, version: int, command: int) -> Record:
    """A record whose value is a stored event."""
    return Record(sequence, stream, version, uuid.UUID(int=command), encoded(SAMPLES[1], version))


RECORDS = (record(1, A, 1, 1), record(2, B, 1, 2), record(3, A, 2, 3), record(4, A, 3, 3))


@asynccontextmanager
async def filled(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Index]:
    """An index of partition 0 that covers `RECORDS`."""
    if kind == "memory":
        index: Index = MemoryIndex()
        await index.write(0, RECORDS, Bookmark(9))
        yield index
        return
    url = str(request.getfixturevalue("database_url"))
    if kind == "own":
        log = PostgresLog(url, 2)
        await log.open()
        await log.append(await log.claim(0, claim_record(log)), RECORDS)
        yield OwnIndex(log)
        await log.close()
        return
    async with AsyncConnectionPool(url, open=False, kwargs={"autocommit": True}) as pool:
        index = PostgresIndex(pool)
        await index.write(0, RECORDS, Bookmark(9))
        yield index


@pytest.mark.parametrize("kind", KINDS)
async def test_streams_and_commands_are_found_from_one_snapshot(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        loaded = await index.load(0, {A: 0, "order-unknown": 0}, [uuid.UUID(int=3), uuid.UUID(int=9)])
    assert {stream: [row.sequence for row in rows] for stream, rows in loaded.streams.items()} == {A: [1, 3, 4]}
    assert [row.value for row in loaded.streams[A]] == [RECORDS[place].value for place in (0, 2, 3)]
    assert {key.int: [row.sequence for row in rows] for key, rows in loaded.commands.items()} == {3: [3, 4]}
    assert loaded.applied == 4


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_is_found_in_a_partition_that_nobody_wrote_to(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        mark, placed, above = await index.mark(1), await index.orders_placed(1), await index.after(1, 0, 10)
    assert (mark.sequence, placed, above) == (0, Placed(0, 0), ())


@pytest.mark.parametrize("kind", KINDS)
async def test_placed_orders_are_counted_by_their_first_event(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        assert await index.orders_placed(0) == Placed(1, 4)


@pytest.mark.parametrize("kind", KINDS)
async def test_records_above_a_sequence_come_in_order(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        assert [row.sequence for row in await index.after(0, 1, 2)] == [2, 3]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_mark_tells_the_last_sequence(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        assert (await index.mark(0)).sequence == 4


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_writing_again_changes_nothing_and_the_mark_never_goes_back(
    kind: str, request: pytest.FixtureRequest
) -> None:
    async with filled(kind, request) as index:
        await index.write(0, RECORDS[:2], Bookmark(5))
        mark = await index.mark(0)
        assert (mark.bookmark, mark.sequence) == (Bookmark(9), 4)
        assert len(await index.after(0, 0, 10)) == 4
        await index.write(0, (*RECORDS[2:], record(5, B, 2, 4)), Bookmark(12))
        mark = await index.mark(0)
        assert (mark.bookmark, mark.sequence, mark.greatest) == (Bookmark(12), 5, 5)


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_the_mark_moves_over_no_gap(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        with pytest.raises(IndexBehind):
            await index.write(0, (record(6, B, 3, 6),), Bookmark(20))
        with pytest.raises(IndexBehind):
            await index.write(1, (record(2, B, 2, 6),), Bookmark(20))
        mark = await index.mark(0)
        assert (mark.bookmark, mark.sequence, mark.greatest) == (Bookmark(9), 4, 4)
        assert (await index.mark(1), await index.after(1, 0, 10)) == (NOT_INDEXED, ())


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_the_mark_carries_the_id_of_the_last_event(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        assert (await index.mark(0)).event_id == event_id(RECORDS[-1].value)


@pytest.mark.parametrize("kind", KINDS[:2])
async def test_a_forgotten_partition_can_be_written_again(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        await index.forget(0)
        assert (await index.mark(0), await index.after(0, 0, 10)) == (NOT_INDEXED, ())
        await index.write(0, RECORDS, Bookmark(9))
        assert len(await index.after(0, 0, 10)) == 4


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_known_of_a_stream_is_not_read_again(kind: str, request: pytest.FixtureRequest) -> None:
    async with filled(kind, request) as index:
        loaded = await index.load(0, {A: 2, B: 1}, [])
    assert {stream: [row.sequence for row in rows] for stream, rows in loaded.streams.items()} == {A: [4]}


@pytest.mark.parametrize("kind", ["memory", pytest.param("postgres", marks=pytest.mark.server)])
async def test_the_newest_snapshot_of_a_stream_is_kept(kind: str, request: pytest.FixtureRequest) -> None:
    async with snapshots_of(kind, request) as snapshots:
        old, new = (Snapshot(B, version, version, "a" * 64, AT, b"{}") for version in (500, 1000))
        await snapshots.save([new])
        await snapshots.save([old])
        assert await snapshots.load([A, B]) == {B: new}


@pytest.mark.server
async def test_a_large_state_is_saved_over_no_connection_of_the_pool_which_would_keep_the_room_for_ever(
    database_url: str,
) -> None:
    async with AsyncConnectionPool(
        database_url, min_size=1, max_size=1, open=False, kwargs={"autocommit": True}
    ) as pool:
        snapshots = PostgresSnapshots(pool, database_url)
        large = Snapshot(B, 500, 500, "a" * 64, AT, bytes(LARGE_BYTES + 1))
        async with pool.connection():
            await snapshots.save([large])
        assert await snapshots.load([B]) == {B: large}


@asynccontextmanager
async def snapshots_of(kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Snapshots]:
    """Empty snapshots."""
    if kind == "memory":
        yield MemorySnapshots()
        return
    url = str(request.getfixturevalue("database_url"))
    async with AsyncConnectionPool(url, open=False, kwargs={"autocommit": True}) as pool:
        yield PostgresSnapshots(pool, url)
