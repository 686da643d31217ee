"""Whether a checkpoint lies in this log: the log reaches it, and the event before it is the one that was applied.

Decides: the sentence for each way in which it does not. Must not know: what is done about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streams.log import LogUnfit
from streams.record import identity_of

if TYPE_CHECKING:
    from projections.checkpoints import Checkpoint
    from streams.log import Log

CURE: Final = "`ordertrail rebuild` makes all views anew from the log as it is"


async def contradiction(log: Log, place: Checkpoint) -> str | None:
    """Why the log cannot be the one that the checkpoint was made from; None where it can."""
    if await log.end(place.partition) < place.bookmark:
        return ends_before(place)
    try:
        last = await log.last_before(place.partition, place.bookmark)
    except LogUnfit as unfit:
        return f"{unfit}; {CURE}"
    if identity_of(last) != (place.sequence, place.event_id):
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
