"""In a full house: who gives its place to a newcomer, and who is behind with its reading."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from typing_extensions import override

from web.outgoing import Outgoing
from web.places import Awaited, gives_way

NOW = 100.0


@dataclass
class Seated:
    """A connection at `NOW`; by itself one that was answered and has asked for nothing since."""

    name: str
    since: float = 50.0
    awaited: Awaited | None = None
    at_work: bool = False
    is_closing: bool = False
    behind: float | None = None

    behind_at_a_look: float | None = None

    @property
    def behind_since(self) -> float | None:
        return None if self.behind is None else NOW - self.behind

    def behind_s(self) -> float | None:
        return self.behind if self.behind_at_a_look is None else self.behind_at_a_look


IN_TURN = (
    Seated("closed, and does not read its last answer", is_closing=True, behind=2.0),
    Seated("idle"),
    Seated("idle for less long", since=99.9),
    Seated("has never asked", since=90.0, awaited=Awaited.HEAD),
    Seated("sends its body slowly", since=91.0, awaited=Awaited.BODY, at_work=True),
    Seated("has asked for half", since=92.0, awaited=Awaited.HEAD),
    Seated("has been behind for long", at_work=True, behind=30.0),
    Seated("has asked ahead and does not read", awaited=Awaited.HEAD, at_work=True, behind=20.0),
    Seated("is answered and does not read", behind=10.0),
)
KEPT = (
    Seated("closes", is_closing=True),
    Seated("reads its last answer", is_closing=True, behind=0.5),
    Seated("was answered this moment", since=NOW, behind=0.0),
    Seated("is answered", at_work=True),
    Seated("is answered, and begins the next request", awaited=Awaited.HEAD, at_work=True),
    Seated("reads", at_work=True, behind=0.9),
    Seated("has taken a piece since somebody looked", at_work=True, behind=1.9, behind_at_a_look=0.0),
    Seated("newcomer", since=99.5, awaited=Awaited.HEAD),
    Seated("sends its body", since=99.5, awaited=Awaited.BODY, at_work=True),
)


def test_places_are_given_up_in_the_order_of_what_is_lost_by_it() -> None:
    there = [*reversed(IN_TURN), *KEPT]
    given = []
    while (found := gives_way(there, NOW, moment_s=1.0)) is not None:
        given.append(found.name)
        there.remove(found)
    assert given == [seated.name for seated in IN_TURN]


@dataclass
class Buffer(asyncio.Transport):
    """A transport whose reader takes what the test says."""

    held: int = 0

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    @override
    def get_write_buffer_size(self) -> int:
        return self.held

    @override
    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.held += len(data)


@pytest.mark.parametrize(
    ("taken", "behind_s"), [(0, 10.0), (1, 10.0), (39, 10.0), (100, 2.0), (400, 0.0), (5_000, None)]
)
def test_who_takes_a_byte_now_and_then_is_as_far_behind_as_who_takes_none(taken: int, behind_s: float | None) -> None:
    buffer, seconds = Buffer(), 0.0
    outgoing = Outgoing(buffer, piece=400, clock=lambda: seconds)
    outgoing.write(b"x" * 5_000)
    found = outgoing.behind_s()
    for _ in range(10):
        seconds += 1.0
        buffer.held -= taken
        found = outgoing.behind_s()
        outgoing.write(b"x" * taken)
    assert found == behind_s


def test_who_has_everything_begins_anew() -> None:
    buffer, seconds = Buffer(), 0.0
    outgoing = Outgoing(buffer, piece=400, clock=lambda: seconds)
    outgoing.write(b"x" * 5_000)
    buffer.held, seconds = 0, 20.0
    assert outgoing.behind_s() is None
    outgoing.write(b"x" * 5_000)
    seconds = 21.0
    assert outgoing.behind_s() == 1.0
