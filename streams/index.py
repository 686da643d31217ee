"""Looking up committed records by stream and by command, which a Kafka topic cannot.

The owner of a partition writes its committed tail here; records are the same whoever writes them, so what is there
already is ignored. Disposable: it is rebuilt from the log. `PostgresLog` needs no such thing: it is its own index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, LiteralString, Protocol
from uuid import UUID

from psycopg import OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from streams.log import START, Bookmark, Loaded, Stored
from streams.record import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg.rows import TupleRow

    from streams.log import Record

    Parameters = Sequence[object] | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a partition is indexed."""

    bookmark: Bookmark
    sequence: int
    """Sequence of the last indexed record; 0 before the first."""
    event_id: UUID | None
    """Its event id, to notice that the log is not the one that was indexed."""


NOTHING: Final = Mark(START, 0, None)


class Index(Protocol):
    """What the writer of a partition looks up. Raises psycopg's OperationalError while the database is away."""

    async def mark(self, partition: int) -> Mark:
        """How far the partition is covered."""

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Cover these records and everything up to `bookmark`; writing again changes nothing."""

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """Records of streams above the given versions, records of commands, and the sequence that both cover."""

    async def orders_placed(self, partition: int) -> int:
        """How many orders were ever placed in the partition."""

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order."""


MARK: Final = 'SELECT bookmark, sequence, event_id FROM "index".mark WHERE partition = %s'

WRITE: Final = """
WITH moved AS (
    INSERT INTO "index".mark AS m (partition, bookmark, sequence, event_id)
    VALUES (%(partition)s, %(bookmark)s, %(sequence)s, %(event_id)s)
    ON CONFLICT (partition) DO UPDATE
    SET bookmark = excluded.bookmark, sequence = excluded.sequence, event_id = coalesce(excluded.event_id, m.event_id)
    WHERE m.bookmark < excluded.bookmark
)
INSERT INTO "index".event (partition, sequence, stream, version, command_id, value)
SELECT %(partition)s, * FROM unnest(
    %(sequences)s::bigint[], %(streams)s::text[], %(versions)s::int[], %(commands)s::uuid[], %(values)b::bytea[])
ON CONFLICT (partition, sequence) DO NOTHING
"""

# LATERAL with OFFSET 0 keeps the planner to one exact look-up for each item: a join, planned and cached while the table
# was small, becomes a scan of everything until the next ANALYZE.
LOAD: Final = """
SELECT 'mark' AS found, sequence, NULL AS stream, NULL::uuid AS command_id, NULL::bytea AS value
FROM "index".mark WHERE partition = %(partition)s
UNION ALL
SELECT 'stream', event.sequence, event.stream, event.command_id, event.value
FROM unnest(%(streams)s::text[], %(versions)s::int[]) AS wanted (stream, known)
CROSS JOIN LATERAL (
    SELECT * FROM "index".event
    WHERE event.stream = wanted.stream COLLATE "C" AND event.version > wanted.known OFFSET 0
) AS event
UNION ALL
SELECT 'command', event.sequence, event.stream, event.command_id, event.value
FROM unnest(%(commands)s::uuid[]) AS wanted (command_id)
CROSS JOIN LATERAL (SELECT * FROM "index".event WHERE event.command_id = wanted.command_id OFFSET 0) AS event
ORDER BY sequence
"""

PLACED: Final = """
SELECT count(*) FROM "index".event WHERE partition = %s AND version = 1 AND stream LIKE 'order-%%'
"""

AFTER: Final = """
SELECT sequence, stream, value FROM "index".event WHERE partition = %s AND sequence > %s ORDER BY sequence LIMIT %s
"""


class PostgresIndex:
    """The index beside a Kafka log, in PostgreSQL's schema `index`."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def mark(self, partition: int) -> Mark:
        """How far the partition is covered."""
        rows = await self._rows(MARK, (partition,))
        return Mark(Bookmark(rows[0][0]), *rows[0][1:]) if rows else NOTHING

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Cover these records and everything up to `bookmark`, in one statement."""
        if records:
            mark = Mark(bookmark, records[-1].sequence, UUID(parse(records[-1].value)["id"]))
        else:
            mark = await self.mark(partition)
        parameters = {
            "partition": partition,
            "bookmark": bookmark.place,
            "sequence": mark.sequence,
            "event_id": mark.event_id,
            "sequences": [record.sequence for record in records],
            "streams": [record.stream for record in records],
            "versions": [record.version for record in records],
            "commands": [record.command_id for record in records],
            "values": [record.value for record in records],
        }
        await self._rows(WRITE, parameters)

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """Rows of both kinds and the mark, in one query and so from one snapshot."""
        parameters = {
            "partition": partition,
            "streams": list(streams),
            "versions": list(streams.values()),
            "commands": list(command_ids),
        }
        applied = 0
        by_stream: dict[str, list[Stored]] = {}
        by_command: dict[UUID, list[Stored]] = {}
        for found, sequence, stream, command_id, value in await self._rows(LOAD, parameters):
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

    async def orders_placed(self, partition: int) -> int:
        """How many orders were ever placed in the partition."""
        rows = await self._rows(PLACED, (partition,))
        return int(rows[0][0]) if rows else 0

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order."""
        rows = await self._rows(AFTER, (partition, sequence, limit))
        return tuple(Stored(number, stream, 0, value) for number, stream, value in rows)

    async def _rows(self, query: LiteralString, parameters: Parameters) -> list[TupleRow]:
        """All rows. Every statement here may run twice, so a connection that died while it lay idle is passed over."""
        for left in reversed(range(self._pool.max_size + 1)):
            try:
                async with self._pool.connection() as connection:
                    cursor = await connection.execute(query, parameters)
                    return await cursor.fetchall() if cursor.description else []
            except OperationalError as error:
                if not left or isinstance(error, PoolTimeout):
                    raise
        return []


class SearchableLog(Protocol):
    """A log whose own table can be looked up by stream and command."""

    async def end(self, partition: int) -> Bookmark:
        """The place after the last committed record."""

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """As `Index.load`."""

    async def orders_placed(self, partition: int) -> int:
        """As `Index.orders_placed`."""

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """As `Index.after`."""


class OwnIndex:
    """The index of a log that is its own: nothing to write, nothing that could be behind."""

    def __init__(self, log: SearchableLog) -> None:
        self._log = log
        self.load = log.load
        self.orders_placed = log.orders_placed
        self.after = log.after

    async def mark(self, partition: int) -> Mark:
        """Everything is covered."""
        end = await self._log.end(partition)
        return Mark(end, (await self._log.load(partition, {}, ())).applied, None)

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """The log has them already."""
