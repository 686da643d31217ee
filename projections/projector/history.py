"""Whether a checkpoint lies in this log: the log reaches it, and the event before it is the one that was applied.

Decides: the sentence for each way in which it does not. Must not know: what is done about it.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from streams.log import Bookmark
from streams.record import decode

if TYPE_CHECKING:
    from projections.checkpoints import Checkpoint
    from streams.log import Log, Stored

LOOK_BACK: Final = 16
"""Places to go back for the last record before a checkpoint, and how much further next time: markers lie between."""

CURE: Final = "`ordertrail rebuild` makes all views anew from the log as it is"


async def contradiction(log: Log, place: Checkpoint) -> str | None:
    """Why the log cannot be the one that the checkpoint was made from; None where it can."""
    if await log.end(place.partition) < place.bookmark:
        return ends_before(place)
    if not place.sequence:
        return None
    last = await _last_before(log, place.partition, place.bookmark)
    if last is None or last.sequence != place.sequence or decode(last, place.partition).event_id != place.event_id:
        return (
            f"another log: the views reflect sequence {place.sequence} of partition {place.partition}, and this log "
            f"holds something else there; {CURE}"
        )
    return None


def ends_before(place: Checkpoint) -> str:
    """The log has lost its end."""
    return (
        f"history changed: partition {place.partition} ends before the views' checkpoint at sequence {place.sequence}; "
        f"{CURE}"
    )


async def _last_before(log: Log, partition: int, end: Bookmark) -> Stored | None:
    start, back = end.place, LOOK_BACK
    while start:
        start = max(0, end.place - back)
        last: Stored | None = None
        async with aclosing(log.read(partition, Bookmark(start), end)) as batches:
            async for batch in batches:
                last = batch.records[-1] if batch.records else last
        if last is not None:
            return last
        back *= LOOK_BACK
    return None
