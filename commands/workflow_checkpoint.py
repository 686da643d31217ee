"""How far the workflow has finished each partition, kept in PostgreSQL. Disposable: reacting again changes nothing.

Must not know: events, commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

LOAD: Final = "SELECT sequence FROM workflow.checkpoint WHERE partition = %s"

SAVE: Final = """
INSERT INTO workflow.checkpoint AS known (partition, sequence) VALUES (%s, %s)
ON CONFLICT (partition) DO UPDATE SET sequence = greatest(known.sequence, excluded.sequence)
"""


class WorkflowCheckpoints(Protocol):
    """The sequence, per partition, up to which all reactions are finished."""

    async def load(self, partition: int) -> int:
        """0 for a partition that nobody has reacted to."""

    async def save(self, partition: int, sequence: int) -> None:
        """Never goes back."""


class PostgresWorkflowCheckpoints:
    """In table `workflow.checkpoint`."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def load(self, partition: int) -> int:
        """The stored sequence, or 0."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(LOAD, (partition,))).fetchone()
        return 0 if row is None else int(row[0])

    async def save(self, partition: int, sequence: int) -> None:
        """Store the sequence unless a higher one is there."""
        async with self._pool.connection() as connection:
            await connection.execute(SAVE, (partition, sequence))


class MemoryWorkflowCheckpoints:
    """The twin in memory, for tests and simulation."""

    def __init__(self) -> None:
        self._sequences: dict[int, int] = {}

    async def load(self, partition: int) -> int:
        """The stored sequence, or 0."""
        return self._sequences.get(partition, 0)

    async def save(self, partition: int, sequence: int) -> None:
        """Store the sequence unless a higher one is there."""
        self._sequences[partition] = max(sequence, self._sequences.get(partition, 0))
