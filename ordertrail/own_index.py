"""`PostgresLog` as its own index: its table already holds what an index would.

Decides nothing; it says that everything is indexed the moment it is committed. Must not know who looks records up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from streams.index import Mark
from streams.log import Bookmark, Loaded, Record, Stored

if TYPE_CHECKING:
    from streams.postgres_log import PostgresLog


class OwnIndex:
    """The index of a log that needs none."""

    def __init__(self, log: PostgresLog) -> None:
        self._log = log

    async def mark(self, partition: int) -> Mark:
        """Everything there is."""
        end = await self._log.end(partition)
        return Mark(end, (await self._log.load(partition, [], [])).applied, None)

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """Nothing: what was committed is here."""

    async def load(self, partition: int, streams: Sequence[str], command_ids: Sequence[UUID]) -> Loaded:
        """Records of streams and of commands, as the log's table has them."""
        return await self._log.load(partition, streams, command_ids)

    async def orders_placed(self, partition: int) -> int:
        """How many orders were ever placed in the partition."""
        return await self._log.orders_placed(partition)

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order."""
        return await self._log.after(partition, sequence, limit)
