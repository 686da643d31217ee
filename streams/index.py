"""Looking up committed records by stream and by command, which a Kafka topic cannot.

The owner of a partition writes its committed tail here; records are the same whoever writes them, so what is there
already is ignored. Disposable: it is rebuilt from the log. `PostgresLog` needs no such thing: it is its own index.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, LiteralString, Protocol
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from streams.log import START, Bookmark, Loaded, LogUnavailable, Stored
from streams.postgres.connection import OUTAGE, answered_within
from streams.postgres.packed import records_packed, wanted_packed
from streams.record import event_id
from streams.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from psycopg.rows import TupleRow

    from streams.log import Record

    Parameters = Sequence[object] | Mapping[str, object]


class IndexUnavailable(Exception):
    """An outage: the database of the index is away or does not answer in time. Wait a moment and try again."""


class IndexBehind(IndexUnavailable):
    """The index has lost what it had, and does not reach the records that are to follow. Fill it from the log."""


@contextmanager
def outages_told() -> Generator[None]:
    """Tell an outage of the database in the port's words."""
    try:
        yield
    except (*OUTAGE, LogUnavailable) as error:
        raise IndexUnavailable(" ".join(f"{type(error).__name__}: {error}".split())) from error


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a partition is indexed."""

    bookmark: Bookmark
    sequence: int
    """Sequence of the last indexed record; 0 before the first."""
    event_id: UUID | None
    """Its event id, to notice that the log is not the one that was indexed; None where log and index are one."""
    greatest: int
    """Greatest sequence that the index holds: the same as `sequence`, unless somebody has changed the table."""


@dataclass(frozen=True, slots=True)
class Placed:
    """How many orders a partition holds, and up to which sequence that was counted."""

    orders: int
    applied: int


NOT_INDEXED: Final = Mark(START, 0, None, 0)


class Index(Protocol):
    """What the writer of a partition looks up. Raises `IndexUnavailable` while the database is away."""

    async def mark(self, partition: int) -> Mark:
        """How far the partition is covered."""

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Cover these records (at least one) and everything up to `bookmark`; writing again changes nothing.

        Raises `IndexBehind` when they do not follow on what is covered.
        """

    async def forget(self, partition: int) -> None:
        """Drop everything of a partition: it will be written again from the log."""

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """Records of streams above the given versions, records of commands, and the sequence that both cover."""

    async def orders_placed(self, partition: int) -> Placed:
        """How many orders were ever placed in the partition."""

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order."""


MARK: Final = """
SELECT coalesce(mark.bookmark, 0), coalesce(mark.sequence, 0), mark.event_id, coalesce(event.greatest, 0)
FROM (SELECT max(sequence) AS greatest FROM "index".event WHERE partition = %(partition)s) AS event
LEFT JOIN "index".mark ON mark.partition = %(partition)s
"""

FORGET_PARTITION: Final = """
WITH marks AS (DELETE FROM "index".mark WHERE partition = %(partition)s)
DELETE FROM "index".event WHERE partition = %(partition)s
"""

# The mark moves over no gap, and nothing is stored that it does not cover. `covered` is told from before the statement.
ADD_RECORDS: Final = """
WITH moved AS (
    INSERT INTO "index".mark AS m (partition, bookmark, sequence, event_id)
    SELECT %(partition)s, %(bookmark)s, %(last)s, %(event_id)s
    WHERE %(first)s = 1 OR EXISTS (SELECT FROM "index".mark WHERE partition = %(partition)s)
    ON CONFLICT (partition) DO UPDATE
    SET bookmark = excluded.bookmark, sequence = excluded.sequence, event_id = excluded.event_id
    WHERE %(first)s <= m.sequence + 1 AND m.sequence < excluded.sequence
    RETURNING true
), stored AS (
    INSERT INTO "index".event (partition, sequence, stream, version, command_id, value)
    SELECT %(partition)s, (r.record ->> 0)::bigint, r.record ->> 1, (r.record ->> 2)::int, (r.record ->> 3)::uuid,
        r.value
    FROM ROWS FROM (jsonb_array_elements(%(records)s::jsonb), unnest(%(values)b::bytea[])) AS r (record, value)
    WHERE EXISTS (SELECT FROM moved)
    ON CONFLICT (partition, sequence) DO NOTHING
)
SELECT EXISTS (SELECT FROM moved)
    OR EXISTS (SELECT FROM "index".mark WHERE partition = %(partition)s AND sequence >= %(last)s) AS covered
"""

# LATERAL with OFFSET 0 keeps the planner to one exact look-up for each item: a join, planned and cached while the table
# was small, becomes a scan of everything until the next ANALYZE.
WANTED: Final = """
SELECT 'mark' AS found, sequence, NULL AS stream, NULL::uuid AS command_id, NULL::bytea AS value
FROM "index".mark WHERE partition = %(partition)s
UNION ALL
SELECT 'stream', event.sequence, event.stream, event.command_id, event.value
FROM jsonb_each_text(%(streams)s::jsonb) AS wanted (stream, known)
CROSS JOIN LATERAL (
    SELECT * FROM "index".event
    WHERE event.stream = wanted.stream COLLATE "C" AND event.version > wanted.known::int OFFSET 0
) AS event
UNION ALL
SELECT 'command', event.sequence, event.stream, event.command_id, event.value
FROM jsonb_array_elements_text(%(commands)s::jsonb) AS wanted (command_id)
CROSS JOIN LATERAL (SELECT * FROM "index".event WHERE event.command_id = wanted.command_id::uuid OFFSET 0) AS event
ORDER BY sequence
"""

ORDERS_AND_END: Final = """
SELECT count(*), coalesce((SELECT sequence FROM "index".mark WHERE partition = %(partition)s), 0)
FROM "index".event WHERE partition = %(partition)s AND version = 1 AND stream LIKE 'order-%%'
"""

RECORDS_AFTER: Final = """
SELECT sequence, stream, value FROM "index".event WHERE partition = %s AND sequence > %s ORDER BY sequence LIMIT %s
"""


class PostgresIndex:
    """The index beside a Kafka log, in PostgreSQL's schema `index`."""

    def __init__(self, pool: AsyncConnectionPool, runtime: Runtime | None = None) -> None:
        self._pool = pool
        self._runtime = runtime or Runtime()

    async def mark(self, partition: int) -> Mark:
        """How far the partition is covered."""
        ((bookmark, *rest),) = await self._rows(MARK, {"partition": partition})
        return Mark(Bookmark(bookmark), *rest)

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Cover these records and everything up to `bookmark`, in one statement."""
        parameters = {
            "partition": partition,
            "bookmark": bookmark.place,
            "first": records[0].sequence,
            "last": records[-1].sequence,
            "event_id": event_id(records[-1].value),
            **records_packed(records),
        }
        ((covered,),) = await self._rows(ADD_RECORDS, parameters)
        if not covered:
            raise IndexBehind(f"partition {partition} is not indexed up to {records[0].sequence - 1}")

    async def forget(self, partition: int) -> None:
        """Delete the partition's rows."""
        await self._rows(FORGET_PARTITION, {"partition": partition}, self._runtime.limits.index_open_s)

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """Rows of both kinds and the mark, in one query and so from one snapshot."""
        parameters = {"partition": partition, **wanted_packed(streams, command_ids)}
        applied = 0
        by_stream: dict[str, list[Stored]] = {}
        by_command: dict[UUID, list[Stored]] = {}
        for found, sequence, stream, command_id, value in await self._rows(WANTED, parameters):
            if found == "mark":
                applied = sequence
            elif found == "stream":
                by_stream.setdefault(stream, []).append(Stored(sequence, stream, 0, value))
            else:
                by_command.setdefault(command_id, []).append(Stored(sequence, stream, 0, value))
        return Loaded(
            {stream: tuple(rows) for stream, rows in by_stream.items()},
            {command_id: tuple(rows) for command_id, rows in by_command.items()},
            applied,
        )

    async def orders_placed(self, partition: int) -> Placed:
        """How many orders were ever placed in the partition."""
        (row,) = await self._rows(ORDERS_AND_END, {"partition": partition}, self._runtime.limits.index_open_s)
        return Placed(*row)

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order."""
        rows = await self._rows(RECORDS_AFTER, (partition, sequence, limit))
        return tuple(Stored(number, stream, 0, value) for number, stream, value in rows)

    async def _rows(self, query: LiteralString, parameters: Parameters, seconds: float | None = None) -> list[TupleRow]:
        """All rows, soon. Statements here may run twice, so a connection that died while it lay idle is passed over."""
        deadline = self._runtime.monotonic() + (seconds or self._runtime.limits.index_s)
        with outages_told():
            for _ in range(self._pool.max_size):
                try:
                    return await self._fetched(query, parameters, deadline)
                except psycopg.OperationalError as error:
                    if isinstance(error, PoolTimeout) or self._runtime.monotonic() >= deadline:
                        raise
            return await self._fetched(query, parameters, deadline)

    async def _fetched(self, query: LiteralString, parameters: Parameters, deadline: float) -> list[TupleRow]:
        left = deadline - self._runtime.monotonic()
        async with self._pool.connection(timeout=left) as connection:
            with answered_within(connection, left):
                cursor = await connection.execute(query, parameters)
                return await cursor.fetchall() if cursor.description else []
