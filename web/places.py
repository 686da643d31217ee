"""Who gives its place to a newcomer in a full house.

Decides: the limits of one server process, and in which order connections give way. Nobody does within its first moment:
a newcomer that lost its place before its first request can have come would have had none. Must not know: HTTP, how a
connection is ended.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Of one server process. Deadlines are looked at once a second."""

    head_bytes: int = 64 * 1024
    """The address and all headers of a request together."""
    head_s: float = 10.0
    """From a connection's beginning, or a request's first byte, to the end of its headers."""
    body_s: float = 30.0
    """From the end of the headers to the end of the body."""
    stalled_s: float = 30.0
    """Within how long a reader has to take a piece of what lies here for it, or all."""
    piece_bytes: int = 32 * 1024
    """With `stalled_s` about 1 kB a second, less than any line of today brings."""
    connections: int = 1_000
    moment_s: float = 1.0
    """How long everybody may take to ask, to send the rest, to read, before its place can be another's."""


class Awaited(Enum):
    """What of a request has not come yet."""

    HEAD = "head"
    BODY = "body"


class LeavingTurn(IntEnum):
    """Why a place is given up; the smaller one first."""

    ENDED = 0
    """It is closed already, but for an answer that is not read."""
    IDLE = 1
    """It has been answered, and has asked for nothing since."""
    UNFINISHED = 2
    """What it wants to ask, first request or rest of a body, has not come."""
    UNREAD = 3
    """Its reader is behind."""


UNREAD: Final = (LeavingTurn.ENDED, LeavingTurn.UNREAD)
"""For the sake of what its reader does not take."""


class Seat(Protocol):
    """What of a connection counts here."""

    since: float
    """When we began to wait for `awaited`, or had last."""

    @property
    def awaited(self) -> Awaited | None:
        """What we wait for; None where a request is complete, and while it is we who do not read."""

    @property
    def at_work(self) -> bool:
        """Whether a request is being answered."""

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is read from it."""

    @property
    def behind_since(self) -> float | None:
        """Since when its reader has been behind, as far as is known; None where it has everything."""

    def behind_s(self) -> float | None:
        """For how long it has been behind, looked up: that takes the system's time."""


S = TypeVar("S", bound=Seat)


def gives_way(seats: Iterable[S], now: float, moment_s: float) -> S | None:
    """Whose place is given to a newcomer; None where everybody may keep it."""
    turns = [(*turn, nth, seat) for nth, seat in enumerate(seats) if (turn := _turn(seat, now - moment_s)) is not None]
    heapq.heapify(turns)
    while turns:
        why, _, _, seat = heapq.heappop(turns)
        if why not in UNREAD or (seat.behind_s() or 0.0) > moment_s:
            return seat
    return None


def _turn(seat: Seat, before: float) -> tuple[LeavingTurn, float] | None:
    """Its turn, and since when; None where it keeps its place, as it does for what began after `before`."""
    unread = seat.behind_since
    if seat.is_closing:
        turn, since = LeavingTurn.ENDED, unread
    elif seat.awaited is None and not seat.at_work and unread is None:
        return LeavingTurn.IDLE, seat.since
    elif seat.awaited is not None and not (seat.at_work and seat.awaited is Awaited.HEAD) and seat.since < before:
        turn, since = LeavingTurn.UNFINISHED, seat.since
    else:
        turn, since = LeavingTurn.UNREAD, unread
    return None if since is None or since >= before else (turn, since)
