"""What led to an event, across streams: its causes one after the other, back to who or what began it.

Decides: how far a chain is followed, which of a long one is kept, and where one begins. Must not know: words, HTTP.

A cause is recorded before what it causes, so a chain ends. That it does is not relied on: at most `MOST_CAUSES` are
followed, in one query, and of those only the two ends are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from domain.recorded import Origin
from domain.roles import Role
from projections import timeline
from projections.timeline import TimelineRow
from projections.view import Connection

MOST_CAUSES: Final = 3_000
"""Events of one chain that are followed. An order of 700 articles that leaves whole asks for one after the other."""
KEPT_ENDS: Final = 8
"""Events that are kept of each end of a chain."""


class Beginning(StrEnum):
    """With what a chain begins."""

    SOMEBODY = "somebody"
    """A person, a carrier or a program did something."""
    IMPORTED = "imported"
    """History that was taken over; what led to it was not."""
    UNKNOWN = "unknown"
    """A cause that is named and cannot be read here, or not yet; or none is named where there must be one."""
    TOO_FAR = "too-far"
    """More causes than are followed."""


@dataclass(frozen=True, slots=True)
class CauseChain:
    """Events, oldest first; the last is the one that was asked about. Each is what began a command, or came of it."""

    steps: tuple[TimelineRow, ...]
    begins: Beginning
    left_out: int = 0
    """Causes between the two ends that are left out."""
    left_out_before: int = 0
    """The step before which they would stand."""


async def chains_to(connection: Connection, events: Sequence[UUID]) -> list[CauseChain]:
    """The chain that led to each of these events."""
    led = [await timeline.led_to(connection, event, MOST_CAUSES) for event in events]
    kept = {event for causes in led for event in (*causes[:KEPT_ENDS], *causes[-KEPT_ENDS:])}
    began = await timeline.began(connection, kept)
    rows = await timeline.events(connection, kept | set(began.values()))
    return [_chain(causes, began, rows) for causes in led]


def _chain(causes: list[UUID], began: dict[UUID, UUID], rows: dict[UUID, TimelineRow]) -> CauseChain:
    """`causes` begin with the event that was asked about."""
    left_out = max(0, len(causes) - 2 * KEPT_ENDS)
    newer, older = (causes, []) if not left_out else (causes[:KEPT_ENDS], causes[-KEPT_ENDS:])
    first = _with_beginnings(older, began, rows)
    return CauseChain(
        steps=(*first, *_with_beginnings(newer, began, rows)),
        begins=_beginning(rows[causes[-1]], followed=len(causes)),
        left_out=left_out,
        left_out_before=len(first),
    )


def _with_beginnings(
    causes: list[UUID], began: dict[UUID, UUID], rows: dict[UUID, TimelineRow]
) -> tuple[TimelineRow, ...]:
    """Oldest first, each behind the first event of its command."""
    ids = (event for cause in reversed(causes) for event in dict.fromkeys((began[cause], cause)))
    return tuple(rows[event] for event in ids)


def _beginning(first: TimelineRow, followed: int) -> Beginning:
    if first.causation_id is not None:
        return Beginning.TOO_FAR if followed == MOST_CAUSES else Beginning.UNKNOWN
    if first.origin is Origin.IMPORT:
        return Beginning.IMPORTED
    return Beginning.UNKNOWN if first.role is Role.WORKFLOW else Beginning.SOMEBODY
