"""One stock item, three orders, and how a test says what happened before."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access import Role
from domain.catalogue import STOCK
from domain.decider import Context
from domain.event_values import LineTotal, Shortage
from domain.stock.commands import (
    Allocate,
    Close,
    CountStock,
    Issue,
    ReceiveStock,
    Stage,
    StockCommand,
    TakeExcess,
    Want,
    WriteOff,
)
from domain.stock.events import StockEvent, answers_of
from domain.stock.state import Entry, StockItem
from domain.stock.terms import Answer
from tests.spec import NOW, Given, Spec

STREAM = "stock-85123A@main"
ADA, BOB, CYD = (UUID(int=number) for number in (1, 2, 3))
CONTEXT = Context(actor="workflow", role=Role.WORKFLOW, occurred_at=NOW, stream=STREAM)

given = Spec(STOCK, STREAM).given


def totals(*quantities: int) -> tuple[LineTotal, ...]:
    """Lines 1, 2, 3 … with these totals."""
    return tuple(LineTotal(line=number, quantity=quantity) for number, quantity in enumerate(quantities, start=1))


def want(order: UUID, *quantities: int, version: int = 1, **terms: Any) -> Want:
    usual: dict[str, Any] = {"priority": 5, "promise": None, "shortage": Shortage.WAIT}
    return Want(order_id=order, order_version=version, lines=totals(*quantities), **{**usual, **terms})


def stage(order: UUID, *quantities: int, version: int = 2, at: datetime | None = None) -> Stage:
    return Stage(order_id=order, order_version=version, lines=totals(*quantities), occurred_at=at)


def write_off(order: UUID, *quantities: int, version: int = 2, at: datetime | None = None) -> WriteOff:
    return WriteOff(order_id=order, order_version=version, lines=totals(*quantities), occurred_at=at)


def issue(order: UUID, *quantities: int, version: int = 3, at: datetime | None = None) -> Issue:
    return Issue(order_id=order, order_version=version, lines=totals(*quantities), occurred_at=at)


def take_excess(order: UUID, quantity: int, version: int = 2, at: datetime | None = None) -> TakeExcess:
    return TakeExcess(order_id=order, order_version=version, quantity=quantity, occurred_at=at)


def close(order: UUID, version: int = 9) -> Close:
    return Close(order_id=order, order_version=version)


def receive(quantity: int, at: datetime | None = None) -> ReceiveStock:
    return ReceiveStock(quantity=quantity, occurred_at=at)


def count(counted: int, at: datetime | None = None) -> CountStock:
    return CountStock(counted=counted, occurred_at=at)


def events_of(*commands: StockCommand) -> tuple[StockEvent, ...]:
    """All that was decided upon these commands, one after the other."""
    state = STOCK.initial(STREAM)
    events: tuple[StockEvent, ...] = ()
    for command in commands:
        decided = STOCK.decide(state, command, replace(CONTEXT, occurred_at=command.occurred_at or NOW))
        for event in decided:
            state = STOCK.evolve(state, event)
        events += decided
    return events


def after(*commands: StockCommand) -> Given[StockItem, StockCommand, StockEvent]:
    """A history in which these commands were decided."""
    return given(*events_of(*commands))


def units(state: StockItem, order: UUID) -> tuple[tuple[int, int, int, int], ...]:
    """Reserved, waiting, staged and gone units of each line."""
    return tuple((line.reserved, line.waiting, line.staged, line.gone) for line in state.entries[order].lines)


def waiting_list(state: StockItem) -> list[UUID]:
    """Orders that wait to be served, in their turn."""
    return [turn[-1] for turn in state.lists.eligible]


def served_first(state: StockItem, order: UUID) -> int:
    entry = state.entries[order]
    assert isinstance(entry, Entry)
    return entry.first


def told(events: Iterable[StockEvent]) -> dict[UUID, tuple[tuple[int, int, int], ...]]:
    """What each order is told: line, reserved to date and waiting. No order is told twice."""
    answers: list[Answer] = [answer for event in events for answer in answers_of(event)]
    assert len({answer.order_id for answer in answers}) == len(answers)
    return {
        answer.order_id: tuple((line.line, line.reserved, line.waiting) for line in answer.lines) for answer in answers
    }


def allocated_to_the_end(state: StockItem) -> tuple[StockItem, list[StockEvent]]:
    """As the workflow does it: `Allocate` as long as there is more."""
    events: list[StockEvent] = []
    while state.allocating:
        decided = STOCK.decide(state, Allocate(), CONTEXT)
        events += decided
        for event in decided:
            state = STOCK.evolve(state, event)
    return state, events
