"""Looking up what memory does not have, and standing aside while the index is away.

Decides: which commands of a batch can be decided now. While the database is away, streams in memory go on at full speed
and nobody waits for the others: after the first failure none is looked up until a probe has been answered. Must not
know: claims, commits.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.stream_names import kind_of
from streams.index import IndexBehind, IndexUnavailable
from streams.log import LogError, LogUnfit
from streams.writing.callers import fail_all
from streams.writing.errors import StillUnknown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from streams.index import Index
    from streams.runtime import Limits
    from streams.snapshots import Snapshot, Snapshots
    from streams.writing.callers import Waiting
    from streams.writing.errors import WriteError
    from streams.writing.partition import Partition
    from streams.writing.staging import Wanted
    from streams.writing.tail import Tail

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lookups:
    """Where a writer looks up what its memory does not have."""

    index: Index
    snapshots: Snapshots


class ColdStreams:
    """The streams and commands of one partition that are not in memory."""

    def __init__(self, partition: Partition, lookups: Lookups, tail: Tail, limits: Limits) -> None:
        self._partition = partition
        self._lookups = lookups
        self._tail = tail
        self._limits = limits
        self._away = asyncio.Event()

    @property
    def away(self) -> bool:
        """Whether nothing is looked up now, because the index did not answer."""
        return self._away.is_set()

    async def admit(
        self, batch: list[Waiting], otherwise: type[WriteError], repair: Callable[[], Awaitable[None]]
    ) -> list[Waiting]:
        """The part of the batch that can be decided now. The rest is answered `otherwise`."""
        doubtful = otherwise is StillUnknown
        wanted = self._partition.missing((waiting.submission for waiting in batch), doubtful=doubtful)
        self._tail.free()
        if not wanted or await self._found(wanted, repair):
            return batch
        fail_all((waiting for waiting in batch if wanted.by(waiting.submission)), otherwise)
        return [waiting for waiting in batch if not wanted.by(waiting.submission)]

    async def keep_probing(self) -> None:
        """For ever: once the index was away, ask until it answers."""
        while True:
            await self._away.wait()
            await asyncio.sleep(self._limits.index_pause_s)
            try:
                await self._lookups.index.mark(self._partition.number)
            except IndexUnavailable:
                continue
            self._away.clear()

    async def _found(self, wanted: Wanted, repair: Callable[[], Awaitable[None]]) -> bool:
        if self._away.is_set():
            return False
        try:
            await self._load(wanted, repair)
        except LogUnfit:
            raise
        except (IndexUnavailable, LogError) as outage:
            logger.warning("partition %d: index cannot be read: %s", self._partition.number, outage)
            self._away.set()
            return False
        return True

    async def _load(self, wanted: Wanted, repair: Callable[[], Awaitable[None]]) -> None:
        """Load and admit; again from the first event where a snapshot does not fit the log."""
        try:
            refuted = await self._admitted(wanted, await self._begun(wanted.streams))
        except IndexBehind as loss:
            logger.warning("partition %d: %s; filling it from the log", self._partition.number, loss)
            await repair()
            refuted = await self._admitted(wanted, await self._begun(wanted.streams))
        if refuted:
            logger.warning("partition %d: snapshots that do not fit the log: %s", self._partition.number, refuted)
            await self._admitted(wanted, dict.fromkeys(wanted.streams))

    async def _admitted(self, wanted: Wanted, begun: dict[str, Snapshot | None]) -> set[str]:
        # The record that a snapshot was taken at is read again: its hash has to be the snapshot's.
        known = {stream: snapshot.version - 1 if snapshot else 0 for stream, snapshot in begun.items()}
        loaded = await self._lookups.index.load(self._partition.number, known, sorted(wanted.commands))
        return self._partition.admit(wanted, begun, loaded, self._tail)

    async def _begun(self, streams: Iterable[str]) -> dict[str, Snapshot | None]:
        """The snapshot from which each cold stream can be folded on; only stock streams have any."""
        stock = [stream for stream in streams if kind_of(stream) == "stock"]
        known = await self._lookups.snapshots.load(stock) if stock else {}
        return {stream: known.get(stream) for stream in sorted(streams)}
