"""Given past events, when a command comes, then these events follow, or a refusal: tests of deciders read like the rule.

given = Spec(ORDER, "order-…").given
given(placed).when(Hold(...), by="fay", role=Role.FINANCE).then(Held(...))
given(placed, held).when(Resume(...), by="fay").then_rejected(FourEyes)
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Generic, TypeVar
from uuid import UUID

import pytest

from domain.decider import NO_COMMAND, Command, Context, Decider, Event, Rejected
from domain.roles import Role

S = TypeVar("S")
C = TypeVar("C", bound=Command)
E = TypeVar("E", bound=Event)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""When everything happens unless a command or `at` says otherwise."""
SERIAL = 123
NUMBER = "OT-2026-000123-32"
TRACKING_TOKEN = "t" * 22


@dataclass(frozen=True)
class Outcome(Generic[S, E]):
    """What a decision gave; exactly one of `events` and `refusal` counts."""

    events: tuple[E, ...]
    refusal: Rejected | None
    state: S
    """After the events; the state before where the command was refused."""

    def then(self, *expected: E) -> S:
        """Exactly these events; gives the state after them."""
        if self.refusal is not None:
            raise self.refusal
        assert self.events == expected
        return self.state

    def then_nothing(self) -> None:
        """No event and no refusal."""
        self.then()

    def then_kinds(self, *expected: type[E]) -> S:
        """Events of exactly these classes; gives the state after them."""
        if self.refusal is not None:
            raise self.refusal
        assert tuple(type(event) for event in self.events) == expected
        return self.state

    def then_rejected(self, rule: type[Rejected], saying: str = "") -> None:
        """Refused by this very rule, with this text in the detail."""
        if self.refusal is None:
            pytest.fail(f"{rule.__name__} expected, but it was decided: {self.events!r}")
        assert type(self.refusal) is rule
        assert saying in self.refusal.detail


@dataclass(frozen=True)
class Given(Generic[S, C, E]):
    """A history."""

    decider: Decider[S, C, E]
    stream: str
    events: tuple[E, ...]

    @property
    def state(self) -> S:
        """The history folded."""
        return self.decider.fold(self.stream, self.events)

    def when(
        self,
        command: C,
        *,
        by: str = "ada",
        role: Role = Role.SALES,
        at: datetime = NOW,
        zone: tzinfo = UTC,
        command_id: UUID = NO_COMMAND,
    ) -> Outcome[S, E]:
        """Decide `command` as `by`; its own `occurred_at` goes before `at`."""
        context = Context(
            actor=by,
            role=role,
            occurred_at=command.occurred_at or at,
            stream=self.stream,
            serial=SERIAL,
            number=NUMBER,
            zone=zone,
            tracking_token=TRACKING_TOKEN,
            command_id=command_id,
        )
        before = self.state
        try:
            events = self.decider.decide(before, command, context)
        except Rejected as refusal:
            return Outcome((), refusal, before)
        return Outcome(events, None, self.decider.fold(self.stream, (*self.events, *events)))


@dataclass(frozen=True)
class Spec(Generic[S, C, E]):
    """Specifications of one kind of stream, all on the same stream."""

    decider: Decider[S, C, E]
    stream: str

    def given(self, *events: E) -> Given[S, C, E]:
        """Start from this history; without events, from nothing."""
        return Given(self.decider, self.stream, events)
