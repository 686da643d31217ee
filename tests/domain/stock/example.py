"""One stock item, three orders, and how a test says what happened before."""

from datetime import date
from uuid import UUID

from domain.access import Role
from domain.catalogue import STOCK
from domain.decider import Context
from domain.stock.commands import CountStock, Issue, ReceiveStock, Stage, StockCommand, Want, WriteOff
from domain.stock.events import LineEntry, StockEvent
from domain.stock.state import StockItem
from domain.values import LineTotal
from tests.spec import NOW, Given, Spec

STREAM = "stock-85123A@main"
ADA, BOB, CYD = (UUID(int=number) for number in (1, 2, 3))
CONTEXT = Context(actor="workflow", role=Role.WORKFLOW, occurred_at=NOW, stream=STREAM)

given = Spec(STOCK, STREAM).given


def totals(*quantities: int) -> tuple[LineTotal, ...]:
    """Lines 1, 2, 3 … with these totals."""
    return tuple(LineTotal(line=number, quantity=quantity) for number, quantity in enumerate(quantities, start=1))


def want(order: UUID, *quantities: int, version: int = 1, priority: int = 5, promise: date | None = None) -> Want:
    return Want(order_id=order, order_version=version, lines=totals(*quantities), priority=priority, promise=promise)


def stage(order: UUID, *quantities: int, version: int = 2) -> Stage:
    return Stage(order_id=order, order_version=version, lines=totals(*quantities))


def write_off(order: UUID, *quantities: int, version: int = 2) -> WriteOff:
    return WriteOff(order_id=order, order_version=version, lines=totals(*quantities))


def issue(order: UUID, *quantities: int, version: int = 3) -> Issue:
    return Issue(order_id=order, order_version=version, lines=totals(*quantities))


def receive(quantity: int) -> ReceiveStock:
    return ReceiveStock(quantity=quantity)


def count(counted: int) -> CountStock:
    return CountStock(counted=counted)


def events_of(*commands: StockCommand) -> tuple[StockEvent, ...]:
    """All that was decided upon these commands, one after the other."""
    state = STOCK.initial(STREAM)
    events: tuple[StockEvent, ...] = ()
    for command in commands:
        decided = STOCK.decide(state, command, CONTEXT)
        for event in decided:
            state = STOCK.evolve(state, event)
        events += decided
    return events


def after(*commands: StockCommand) -> Given[StockItem, StockCommand, StockEvent]:
    """A history in which these commands were decided."""
    return given(*events_of(*commands))


def units(state: StockItem, order: UUID) -> tuple[tuple[int, int, int, int], ...]:
    """Reserved, waiting, staged and issued units of each line."""
    return tuple((line.reserved, line.waiting, line.staged, line.issued) for line in lines_of(state, order))


def lines_of(state: StockItem, order: UUID) -> tuple[LineEntry, ...]:
    return state.entries[order].lines
