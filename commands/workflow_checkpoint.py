"""How far the workflow has finished each partition, and which events it could not react to, kept in PostgreSQL.

The checkpoint is disposable: reacting again changes nothing. It names the log that it was made from by the id of the
partition's first event. A parked event is one that the checkpoint has passed over; it is tried again at the next start.
Raises `IndexUnavailable` while the database is away. Must not know: what an event means, commands.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, LiteralString, Protocol

from streams.index import outages_told
from streams.postgres.connection import answered_within
from streams.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from psycopg.rows import TupleRow
    from psycopg_pool import AsyncConnectionPool

    Parameters = Sequence[object] | Mapping[str, object]

LOAD_CHECKPOINT: Final = "SELECT sequence, first_event_id FROM workflow.checkpoint WHERE partition = %s"

SAVE_CHECKPOINT: Final = """
INSERT INTO workflow.checkpoint AS known (partition, sequence, first_event_id) VALUES (%s, %s, %s)
ON CONFLICT (partition) DO UPDATE
SET sequence = greatest(known.sequence, excluded.sequence), first_event_id = excluded.first_event_id
"""

FORGET_PARTITION: Final = """
WITH parked AS (DELETE FROM workflow.parked WHERE partition = %(partition)s)
DELETE FROM workflow.checkpoint WHERE partition = %(partition)s
"""

LOAD_PARKED: Final = "SELECT sequence, stream, why FROM workflow.parked WHERE partition = %s ORDER BY sequence"

PARK: Final = """
INSERT INTO workflow.parked (partition, sequence, stream, why) VALUES (%s, %s, %s, %s)
ON CONFLICT (partition, sequence) DO UPDATE SET why = excluded.why
"""

UNPARK: Final = "DELETE FROM workflow.parked WHERE partition = %s AND sequence = %s"


@dataclass(frozen=True, slots=True)
class WorkflowCheckpoint:
    """Everything up to this sequence is finished."""

    sequence: int
    first_event_id: UUID | None
    """Of the partition's first event, to know the log by; None where that was not kept."""


NOTHING_FINISHED: Final = WorkflowCheckpoint(0, None)


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that could not be reacted to, or that came behind such a one in its stream."""

    sequence: int
    stream: str
    why: str


class WorkflowCheckpoints(Protocol):
    """The sequence, per partition, up to which all reactions are finished, but for the parked events."""

    async def load(self, partition: int) -> WorkflowCheckpoint:
        """`NOTHING_FINISHED` for a partition that nobody has reacted to."""

    async def save(self, partition: int, checkpoint: WorkflowCheckpoint) -> None:
        """Never goes back."""

    async def forget(self, partition: int) -> None:
        """Drop the checkpoint and everything that is parked: they are of another log."""

    async def parked(self, partition: int) -> Sequence[Parked]:
        """Everything that is parked, in order of sequence."""

    async def park(self, partition: int, parked: Parked) -> None:
        """Keep the event for later; parking it again only changes the reason."""

    async def unpark(self, partition: int, sequence: int) -> None:
        """The event has been reacted to after all."""


class PostgresWorkflowCheckpoints:
    """In the tables of schema `workflow`."""

    def __init__(self, pool: AsyncConnectionPool, runtime: Runtime | None = None) -> None:
        self._pool = pool
        self._seconds = (runtime or Runtime()).limits.index_s

    async def load(self, partition: int) -> WorkflowCheckpoint:
        """The stored one, or `NOTHING_FINISHED`."""
        rows = await self._rows(LOAD_CHECKPOINT, (partition,))
        return WorkflowCheckpoint(*rows[0]) if rows else NOTHING_FINISHED

    async def save(self, partition: int, checkpoint: WorkflowCheckpoint) -> None:
        """Store the sequence unless a higher one is there."""
        await self._rows(SAVE_CHECKPOINT, (partition, checkpoint.sequence, checkpoint.first_event_id))

    async def forget(self, partition: int) -> None:
        """Delete the partition's rows."""
        await self._rows(FORGET_PARTITION, {"partition": partition})

    async def parked(self, partition: int) -> Sequence[Parked]:
        """The partition's rows."""
        return [Parked(*row) for row in await self._rows(LOAD_PARKED, (partition,))]

    async def park(self, partition: int, parked: Parked) -> None:
        """Store the event's row."""
        await self._rows(PARK, (partition, parked.sequence, parked.stream, parked.why))

    async def unpark(self, partition: int, sequence: int) -> None:
        """Delete the event's row."""
        await self._rows(UNPARK, (partition, sequence))

    async def _rows(self, query: LiteralString, parameters: Parameters) -> list[TupleRow]:
        with outages_told():
            async with self._pool.connection(timeout=self._seconds) as connection:
                with answered_within(connection, self._seconds):
                    cursor = await connection.execute(query, parameters)
                    return await cursor.fetchall() if cursor.description else []


class MemoryWorkflowCheckpoints:
    """The twin in memory, for tests and simulation."""

    def __init__(self) -> None:
        self._known: dict[int, WorkflowCheckpoint] = {}
        self._parked: defaultdict[int, dict[int, Parked]] = defaultdict(dict)

    async def load(self, partition: int) -> WorkflowCheckpoint:
        """The stored one, or `NOTHING_FINISHED`."""
        return self._known.get(partition, NOTHING_FINISHED)

    async def save(self, partition: int, checkpoint: WorkflowCheckpoint) -> None:
        """Store the sequence unless a higher one is there."""
        highest = max(checkpoint.sequence, self._known.get(partition, NOTHING_FINISHED).sequence)
        self._known[partition] = WorkflowCheckpoint(highest, checkpoint.first_event_id)

    async def forget(self, partition: int) -> None:
        """Forget the partition."""
        self._known.pop(partition, None)
        self._parked.pop(partition, None)

    async def parked(self, partition: int) -> Sequence[Parked]:
        """What is parked, in order."""
        return [self._parked[partition][sequence] for sequence in sorted(self._parked[partition])]

    async def park(self, partition: int, parked: Parked) -> None:
        """Keep the event for later."""
        self._parked[partition][parked.sequence] = parked

    async def unpark(self, partition: int, sequence: int) -> None:
        """Forget it."""
        self._parked[partition].pop(sequence, None)
