"""Orders for the tests of this folder: how to place one, and how far a few usual ones have come."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, get_args

from domain.decider import Context, Decider
from domain.event_values import LineKind, LineTotal, StockTotals
from domain.order.commands import (
    CompleteOrder,
    ConfirmIfReady,
    HandOver,
    HoldTerms,
    LineAnswer,
    OrderCommand,
    Pack,
    Pick,
    PickedUnits,
    PlaceOrder,
    SendIfReady,
    TakeStockAnswer,
)
from domain.order.decisions import decide
from domain.order.event_terms import Move, StockWant, WantTerms
from domain.order.events import OrderEvent
from domain.order.evolve import evolve
from domain.order.state import Order
from domain.order.terms import Bucket, HoldType, Step
from domain.roles import Role
from domain.values import MAIN, Address, Line, Price, Units
from tests.spec import NOW, NUMBER, SERIAL, TRACKING_TOKEN, Spec

ORDER: Final[Decider[Order | None, OrderCommand, OrderEvent]] = Decider(
    kind="order",
    initial=lambda _stream: None,
    decide=decide,
    evolve=evolve,
    commands=get_args(OrderCommand),
    events=get_args(OrderEvent),
)
ORDER_ID = "0198f0c2-7a50-7b3e-9c41-000000000001"
STREAM = f"order-{ORDER_ID}"
given = Spec(ORDER, STREAM).given

BY_WORKFLOW = (TakeStockAnswer, SendIfReady, CompleteOrder, ConfirmIfReady)


def goods(quantity: int, sku: str = "MUG", amount: str = "2.50") -> Line:
    return Line(sku=sku, name="Mug", quantity=quantity, unit_price=Price(amount=Decimal(amount), currency="EUR"))


def of_kind(kind: LineKind, amount: str = "9.00") -> Line:
    return Line(
        kind=kind, sku="EXTRA", name="Extra", quantity=1, unit_price=Price(amount=Decimal(amount), currency="EUR")
    )


def place(
    *lines: Line | int, partial: bool = True, backorder: bool = True, holds: tuple[HoldTerms, ...] = ()
) -> PlaceOrder:
    """A number is that many units of an article of the line's own: SKU-1, SKU-2, …"""
    return PlaceOrder(
        ship_to=Address(country="DE"),
        lines=tuple(
            goods(line, f"SKU-{number}") if isinstance(line, int) else line
            for number, line in enumerate(lines, start=1)
        ),
        partial_shipment=partial,
        backorder=backorder,
        holds=holds,
    )


def hold_terms(*blocks: Step, type: HoldType = HoldType.MANUAL) -> HoldTerms:  # noqa: A002 - the field's own name
    return HoldTerms(type=type, blocks=blocks or (Step.CONFIRM, Step.SEND, Step.HAND_OVER), reason="to be looked at")


TERMS = WantTerms(priority=5)
"""What an order of these tests asks for, unless it says otherwise."""

NEWEST = 10**6
"""Stands for the order's newest want, whichever that is."""


def answer(
    *lines: tuple[int, int, int], version: int = 1, sku: str = "SKU-1", want_version: int = NEWEST
) -> TakeStockAnswer:
    """Each of `lines` is line, reserved, waiting; what is neither of them, stock refuses."""
    return TakeStockAnswer(
        sku=sku,
        location=MAIN,
        stock_version=version,
        want_version=want_version,
        lines=tuple(LineAnswer(line=line, reserved=reserved, waiting=waiting) for line, reserved, waiting in lines),
    )


def lived(*commands: OrderCommand, by: str = "ada") -> tuple[OrderEvent, ...]:
    """Events of these commands, one after the other."""
    events: tuple[OrderEvent, ...] = ()
    for command in commands:
        context = Context(
            actor=by,
            role=Role.WORKFLOW if isinstance(command, BY_WORKFLOW) else Role.SALES,
            occurred_at=command.occurred_at or NOW,
            stream=STREAM,
            serial=SERIAL,
            number=NUMBER,
            tracking_token=TRACKING_TOKEN,
        )
        events += decide(ORDER.fold(STREAM, events), command, context)
    return events


def order_of(*commands: OrderCommand) -> Order:
    """The order after these commands."""
    return folded(lived(*commands))


def folded(events: tuple[OrderEvent, ...]) -> Order:
    order = ORDER.fold(STREAM, events)
    assert order is not None
    return order


def pick(quantity: int, line: int | None = 1, sku: str | None = None) -> Pick:
    return Pick(units=(PickedUnits(line=line, sku=sku, quantity=quantity),))


def pack(quantity: int, line: int = 1) -> Pack:
    return Pack(contents=(Units(line=line, quantity=quantity),))


def hand_over(parcel: int = 1, tracking_number: str | None = "T-1") -> HandOver:
    return HandOver(parcel=parcel, carrier="DHL", tracking_number=tracking_number)


def units(*parts: tuple[int, int]) -> tuple[Units, ...]:
    """Each of `parts` is line, quantity."""
    return tuple(Units(line=line, quantity=quantity) for line, quantity in parts)


def totals(*parts: tuple[int, int], sku: str = "SKU-1") -> StockTotals:
    """Each of `parts` is line, total."""
    return StockTotals(
        sku=sku, location=MAIN, lines=tuple(LineTotal(line=line, quantity=quantity) for line, quantity in parts)
    )


def wants(*parts: tuple[int, int], sku: str = "SKU-1", deferred: bool = False) -> StockWant:
    """Each of `parts` is line, total."""
    return StockWant(**dict(totals(*parts, sku=sku)), deferred=deferred)


def moves(source: Bucket, target: Bucket, *parts: tuple[int, int]) -> tuple[Move, ...]:
    """Each of `parts` is line, quantity."""
    return tuple(Move(line=line, quantity=quantity, source=source, target=target) for line, quantity in parts)


def buckets(order: Order | None, line: int = 1) -> dict[Bucket, int]:
    """Where the units of a line are; empty buckets left out."""
    assert order is not None
    return {bucket: count for bucket, count in zip(Bucket, order.lines[line].buckets, strict=True) if count}


def later(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

PLACED = (place(10),)
RESERVED = (*PLACED, answer((1, 10, 0)))
PART_RESERVED = (*PLACED, answer((1, 6, 4)))
CONFIRMED = (*RESERVED, ConfirmIfReady())
SENT = (*CONFIRMED, SendIfReady())
PICKED = (*SENT, pick(10))
PACKED = (*PICKED, pack(10))
HANDED_OVER = (*PACKED, hand_over())
