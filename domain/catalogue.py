"""Every kind of stream, event and command there is, read off the unions: nothing registers itself by being imported.

Decides: what an event is called in the log. Must not know: how it is encoded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, get_args

from domain.decider import Command, Decider, Event
from domain.order import decisions as order_decisions
from domain.order import evolve as order_evolve
from domain.order.commands import OrderCommand
from domain.order.events import OrderEvent
from domain.order.state import Order
from domain.person import decisions as person_decisions
from domain.person import evolve as person_evolve
from domain.person.commands import PersonCommand
from domain.person.events import RegisterEvent
from domain.person.state import Register
from domain.stock import decisions as stock_decisions
from domain.stock import evolve as stock_evolve
from domain.stock.commands import StockCommand
from domain.stock.events import StockEvent
from domain.stock.state import StockItem

AnyEvent = OrderEvent | StockEvent | RegisterEvent
"""Whatever the log can hold: who handles one by one what can happen is told by the types when something is added."""

AnyState = Order | StockItem | Register
"""What a stream's events come to; None for an order that is not placed."""


def _not_placed(_stream: str) -> None:
    """An order's state before it is placed."""


ORDER: Final[Decider[Order | None, OrderCommand, OrderEvent]] = Decider(
    kind="order",
    initial=_not_placed,
    decide=order_decisions.decide,
    evolve=order_evolve.evolve,
    commands=get_args(OrderCommand),
    events=get_args(OrderEvent),
)
"""An order; its state is None until it is placed."""

STOCK: Final[Decider[StockItem, StockCommand, StockEvent]] = Decider(
    kind="stock",
    initial=stock_evolve.initial,
    decide=stock_decisions.decide,
    evolve=stock_evolve.evolve,
    commands=get_args(StockCommand),
    events=get_args(StockEvent),
)
"""One article at one location."""

PERSON: Final[Decider[Register, PersonCommand, RegisterEvent]] = Decider(
    kind="person",
    initial=person_evolve.initial,
    decide=person_decisions.decide,
    evolve=person_evolve.evolve,
    commands=get_args(PersonCommand),
    events=get_args(RegisterEvent),
)
"""Everybody who works with us."""

DECIDERS: Final[dict[str, Decider[Any, Any, Any]]] = {decider.kind: decider for decider in (ORDER, STOCK, PERSON)}
"""By what stands before the first hyphen of a stream's id."""

_KIND_OF: Final[dict[type[Event], str]] = {
    event: decider.kind for decider in DECIDERS.values() for event in decider.events
}


def event_type(event: type[Event]) -> str:
    """The CloudEvents type, e.g. `ordertrail.order.OrderPlaced.v1`; KeyError for a class that is no event of ours."""
    return f"ordertrail.{_KIND_OF[event]}.{event.__name__}.v{event.schema_version}"


def _by_name(commands: Iterable[type[Command]]) -> dict[str, type[Command]]:
    return {command.__name__: command for command in commands}


EVENTS: Final[dict[str, type[AnyEvent]]] = {
    event_type(event): event for decider in DECIDERS.values() for event in decider.events
}
"""By CloudEvents type."""

COMMANDS: Final[dict[str, dict[str, type[Command]]]] = {
    kind: _by_name(decider.commands) for kind, decider in DECIDERS.items()
}
"""By kind of stream, then by name."""
