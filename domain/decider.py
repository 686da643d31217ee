"""The shape every aggregate has: pure `decide` and `evolve`, and how a command is refused.

    Coded                         whatever callers meet by a code and a title
    ├── Rejected                  the command is well formed, a rule says no (the class docstring is the message)
    │   ├── order/…  stock/…      one class per rule, next to the decision that raises it
    │   └── UnknownOrder          there is no such order
    └── WriteError                in streams: no rule refused it, and yet it was not, or not certainly, carried out

Must not know: storage, clocks, HTTP. A decision takes time, ids and actor from its `Context`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

from pydantic import AwareDatetime

from domain.company_time import day_in
from domain.event_values import Model
from domain.roles import Role
from domain.values import Moment, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

NO_COMMAND: Final = UUID(int=0)
"""Of a context in which nothing is decided for good, but only looked at what could be."""

S = TypeVar("S")
C = TypeVar("C")
E = TypeVar("E")

TAKE_FOR: Final = timedelta(minutes=30)
"""Unless a company wants it otherwise."""


class Command(Model):
    """What somebody wants. `occurred_at` is when it happened in the world; without it, the moment it reached us."""

    fact: ClassVar[bool] = False
    """A fact happened whether we like it or not: it is never refused, and If-Match does not apply to it."""
    final: ClassVar[bool] = False
    """Nothing undoes it, and a customer is told of it: whoever sends it by a form is shown first what it would do."""

    occurred_at: Moment | None = None
    reason: Reason | None = None


class Event(Model):
    """What happened: payload only, the envelope is `Recorded`. Stored for ever: fields are added, never changed."""

    schema_version: ClassVar[int] = 1

    occurred_at: AwareDatetime
    """Business time: when it happened in the world."""
    reason: str | None = None
    """Why, in the words of the person who did it; None where no reason was given."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision may know besides state and command: who acts, when, and the ids that the edge has issued."""

    actor: str
    role: Role
    occurred_at: datetime
    stream: str
    serial: int = 0
    """Serial number for an order that is being placed; unique in the company."""
    number: str = ""
    """The order number made of it, as people read it."""
    tracking_token: str = ""
    """Unguessable part of the customer's tracking link, for an order that is being placed."""
    zone: tzinfo = UTC
    """The company's time zone."""
    take_for: timedelta = TAKE_FOR
    """How long somebody is on an order who takes it."""
    command_id: UUID = NO_COMMAND
    """Of the command that is decided; whoever comes to be known by it is called so."""

    @property
    def today(self) -> date:
        """The company's day on which it happened; OverflowError where the calendar has none."""
        return day_in(self.zone, self.occurred_at)


class Coded(Exception):
    """An exception that callers meet by code and title: its class name and the first line of its docstring."""

    @classmethod
    def title(cls) -> str:
        """The sentence that people read."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def code(cls) -> str:
        """Kebab-case of the class name; stable, programs may rely on it."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


class Rejected(Coded):
    """The command was refused. `facts` are the numbers that the rule looked at: they are logged, so no text is."""

    version: int | None = None
    """Version of the stream at which the rule said no; filled in by whoever loaded the state."""

    def __init__(self, detail: str = "", **facts: int) -> None:
        self.detail = detail
        self.facts = facts
        super().__init__(f"{self.title()} {detail}".strip())


class UnknownOrder(Rejected):
    """There is no such order."""


def require(holds: bool, rule: type[Rejected], detail: str = "", **facts: int) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise `rule` unless it holds."""
    if not holds:
        raise rule(detail, **facts)


@dataclass(frozen=True, slots=True)
class Decider(Generic[S, C, E]):
    """One kind of stream: its initial state, its two pure functions and the classes that they know."""

    kind: str
    initial: Callable[[str], S]
    """State of a stream nobody has written to; takes the stream id."""
    decide: Callable[[S, C, Context], tuple[E, ...]]
    evolve: Callable[[S, E], S]
    commands: tuple[type[Any], ...]
    events: tuple[type[Any], ...]

    def fold(self, stream: str, events: Iterable[E]) -> S:
        """State after `events`, from nothing."""
        state = self.initial(stream)
        for event in events:
            state = self.evolve(state, event)
        return state
