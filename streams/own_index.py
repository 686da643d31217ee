"""The index of a log that is its own: nothing to write, nothing that could be behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from streams.index import Mark, outages_told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from streams.index import Placed
    from streams.log import Bookmark, Loaded, Record, Stored


class SearchableLog(Protocol):
    """A log whose own table can be looked up by stream and command."""

    async def end(self, partition: int) -> Bookmark:
        """The place after the last committed record."""

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """As `Index.load`."""

    async def orders_placed(self, partition: int) -> Placed:
        """As `Index.orders_placed`."""

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """As `Index.after`."""


class OwnIndex:
    """The index of a log that is its own: nothing to write, nothing that could be behind."""

    def __init__(self, log: SearchableLog) -> None:
        self._log = log

    async def mark(self, partition: int) -> Mark:
        """Everything is covered."""
        with outages_told():
            end = await self._log.end(partition)
            applied = (await self._log.load(partition, {}, ())).applied
        return Mark(end, applied, None, applied)

    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        """The log has them already."""

    async def forget(self, partition: int) -> None:
        """The log forgets nothing."""

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """From the log's own table."""
        with outages_told():
            return await self._log.load(partition, streams, command_ids)

    async def orders_placed(self, partition: int) -> Placed:
        """From the log's own table."""
        with outages_told():
            return await self._log.orders_placed(partition)

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """From the log's own table."""
        with outages_told():
            return await self._log.after(partition, sequence, limit)
