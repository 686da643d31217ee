"""What is followed by its position: an order, a tracking link. Following reads nothing: positions come by NOTIFY.

Decides: whose changes wake a follower, and which position it is then given. Must not know: the form of messages, boards
(`board_feed.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.recorded import Position
from projections.view import StateRow
from query_api.dependencies import Waiter


@dataclass(frozen=True, slots=True)
class Followed:
    """Something that was read and is followed from then on."""

    stream: str
    """Whose changes wake the follower."""
    shown: str
    """Position of what was read."""
    now: Callable[[], str]
    """Position of what could be read now."""
    moved_meanwhile: Callable[[], bool]
    """Whether anything may have changed between the reading and this moment."""


def followed_order(waiter: Waiter, before: Mapping[int, int], row: StateRow) -> Followed:
    """An order, as staff or its customer follows it; `before` are the positions before the row was read."""
    partition = row.position.partition

    def now() -> str:
        sequence = waiter.positions.get(partition, 0)
        return str(Position(partition, max(sequence, row.position.sequence)))

    def moved_meanwhile() -> bool:
        return waiter.positions.get(partition) != before.get(partition)

    return Followed(row.stream, str(row.position), now, moved_meanwhile)
