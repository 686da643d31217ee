"""Which states of stock streams are kept, and keeping them beside the commits, so that no caller waits for one.

Must not know: where they are kept, how a state is stored.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from domain.stock.state import StockItem
from streams import state_codec
from streams.index import IndexUnavailable
from streams.snapshots import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.snapshots import Snapshots
    from streams.writing.staging import Stream

logger = logging.getLogger(__name__)

ORDERS_PER_EVENT: Final = 10
"""As many orders of a stock item are stored, or loaded, in about the time that folding one of its events takes."""
LINES_AT_ONCE: Final = 500
"""Lines of a stored state that are made before others have their turn."""


def is_due(stream: Stream, version: int, least: int) -> bool:
    """Whether the stream's state is kept, now that it has passed this version; `least` events lie between two.

    More do where many orders are live, or keeping the state would cost more than the events. The distance is doubled,
    so that what is due for many orders is due for few.
    """
    if not isinstance(stream.state, StockItem):
        return False
    doubled = (len(stream.state.entries) // (ORDERS_PER_EVENT * least)).bit_length()
    return version % (least << doubled) == 0


class SnapshotKeeper:
    """Makes and saves snapshots beside the commits, so that no caller waits for one."""

    def __init__(self, snapshots: Snapshots, partition: int) -> None:
        self._snapshots = snapshots
        self._partition = partition
        self._due: dict[str, Stream] = {}
        self._some = asyncio.Event()

    def keep(self, due: Mapping[str, Stream]) -> None:
        """Save these soon; a newer state of a stream takes the place of one that still waits."""
        self._due.update(due)
        if self._due:
            self._some.set()

    async def keep_saving(self) -> None:
        """For ever. One that cannot be saved is dropped: the next one comes."""
        while True:
            await self._some.wait()
            self._some.clear()
            await self._save()

    async def _save(self) -> None:
        """What is due. Once it is saved it is let go of: until the next one the article changes in all its parts, and
        with 50,000 orders an earlier state takes 40 MB.
        """
        due, self._due = self._due, {}
        try:
            await self._snapshots.save([await _snapshot(name, stream) for name, stream in due.items()])
        except IndexUnavailable as outage:
            logger.warning("partition %d: snapshots cannot be saved: %s", self._partition, outage)


async def _snapshot(name: str, stream: Stream) -> Snapshot:
    """The stream as it is kept. Others go on: with 50,000 orders it takes a third of a second."""
    made: list[bytes] = []
    for line in state_codec.lines(stream.state):
        made.append(line)
        if len(made) % LINES_AT_ONCE == 0:
            await asyncio.sleep(0)
    return Snapshot(name, stream.version, stream.sequence, stream.hash, stream.recorded_at, b"\n".join(made))
