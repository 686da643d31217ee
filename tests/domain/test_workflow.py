"""What follows from an event, rule by rule. Only commands; what becomes of them is the aggregates' affair."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain import workflow
from domain.decider import Command, Event
from domain.order.commands import CompleteOrder, ConfirmOrder, LineAnswer, SendToWarehouse, TakeStockAnswer
from domain.order.events import (
    CheckpointRecorded,
    ContactLogged,
    ExceptionResolved,
    HandedOver,
    HoldPlaced,
    NoteAdded,
    OrderCompleted,
    OrderConfirmed,
    OrderPlaced,
    Picked,
    ReceiptConfirmed,
    Resumed,
    ShortPicked,
    StockReconfirmed,
    UnitsBackordered,
    UnitsCancelled,
    UnitsReserved,
)
from domain.order.terms import Audience, CancelCause, Channel, Evidence, HoldType, ParcelStatus, Step
from domain.recorded import Metadata, Origin, Position, Recorded
from domain.roles import Role
from domain.stock.commands import Issue, Stage, Want, WriteOff
from domain.stock.events import (
    LineEntry,
    ReservationTakenBack,
    StockCounted,
    StockFreed,
    StockIssued,
    StockKept,
    StockReceived,
    StockReservationRefused,
    StockReserved,
    StockStaged,
    StockWrittenOff,
)
from domain.stream_names import order_stream, stock_stream
from domain.values import Address, Customer, Line, LineKind, LineTotal, OrderId, Price, StockTotals
from domain.workflow import RULES, Reaction, react
from tests.spec import NOW

ORDER_ID = UUID("0198f0c2-7a50-7b3e-9c41-000000000001")
ORDER = order_stream(ORDER_ID)
MUG = stock_stream("MUG", "main")
YESTERDAY = NOW - timedelta(days=1)
MUGS = StockTotals(sku="MUG", location="main", lines=(LineTotal(line=1, quantity=2), LineTotal(line=3, quantity=1)))
CUPS = StockTotals(sku="CUP", location="main", lines=(LineTotal(line=2, quantity=4),))
ENTRY = (LineEntry(line=1, wanted=10, reserved=1, waiting=2, staged=3, issued=4),)


def recorded(event: Event, *, stream: str = ORDER, version: int = 7, origin: Origin = Origin.LIVE) -> Recorded[Event]:
    metadata = Metadata(
        command_id=UUID(int=1),
        command_hash="0" * 64,
        actor="ada",
        role=Role.SALES,
        recorded_at=NOW,
        correlation_id=UUID(int=2),
        origin=origin,
    )
    return Recorded(Position(0, 1), stream, version, UUID(int=3), event, metadata, "0" * 64)


def follows(event: Event, *, stream: str = ORDER) -> list[tuple[str, Command]]:
    return [(reaction.stream, reaction.command) for reaction in react(recorded(event, stream=stream))]


def line(sku: str, quantity: int, kind: LineKind = LineKind.GOODS) -> Line:
    return Line(kind=kind, sku=sku, name=sku, quantity=quantity, unit_price=Price(amount=Decimal(1), currency="EUR"))


def placed(*lines: Line, blocks: Step | None = None) -> OrderPlaced:
    hold = HoldPlaced(number=1, type=HoldType.MANUAL, blocks=(blocks or Step.SEND,), reason="wait", placed_by="ada")
    return OrderPlaced(
        occurred_at=NOW,
        order_id=OrderId(str(ORDER_ID)),
        lines=lines,
        serial=1,
        number="OT-2026-000001-00",
        tracking_token="t" * 22,
        placed_by="ada",
        customer=Customer(),
        ship_to=Address(country="DE"),
        business_date=NOW.date(),
        requested_date=NOW.date(),
        partial_shipment=True,
        backorder=True,
        priority=2,
        location="main",
        holds=(hold,) if blocks else (),
    )


def want(totals: StockTotals, *, turn: bool = True) -> tuple[str, Want]:
    return stock_stream(totals.sku, totals.location), Want(
        order_id=ORDER_ID,
        order_version=7,
        lines=totals.lines,
        priority=2 if turn else None,
        promise=NOW.date() if turn else None,
    )


def test_a_placed_order_asks_each_stock_item_once_with_all_its_lines() -> None:
    assert follows(placed(line("MUG", 2), line("CUP", 4), line("MUG", 1))) == [want(MUGS), want(CUPS)]


def test_only_goods_are_asked_for() -> None:
    placed_with_service = placed(line("MUG", 2), line("FITTING", 1, LineKind.SERVICE), line("MUG", 1))
    assert follows(placed_with_service) == [want(MUGS)]


def test_a_hold_on_reserving_keeps_the_order_from_asking_and_no_other_hold_does() -> None:
    assert follows(placed(line("CUP", 4), blocks=Step.RESERVE)) == []
    assert len(follows(placed(line("CUP", 4), blocks=Step.CONFIRM))) == 1


def test_an_order_without_goods_is_confirmed_at_once() -> None:
    assert follows(placed(line("FITTING", 1, LineKind.SERVICE))) == [(ORDER, ConfirmOrder())]


def test_a_resumed_order_asks_with_its_own_turn_and_then_goes_on() -> None:
    resumed = Resumed(occurred_at=NOW, hold=1, resumed_by="bea", wants=(MUGS,), priority=2, requested_date=NOW.date())
    assert follows(resumed) == [
        want(MUGS),
        (ORDER, ConfirmOrder()),
        (ORDER, SendToWarehouse()),
        (ORDER, CompleteOrder()),
    ]


def test_cancelled_units_are_told_to_stock_without_changing_the_orders_turn() -> None:
    cancelled = UnitsCancelled(occurred_at=NOW, cause=CancelCause.CUSTOMER, units=(), wants=(MUGS, CUPS))
    assert follows(cancelled) == [
        want(MUGS, turn=False),
        want(CUPS, turn=False),
        (ORDER, ConfirmOrder()),
        (ORDER, SendToWarehouse()),
        (ORDER, CompleteOrder()),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        StockReserved(
            occurred_at=NOW,
            order_id=ORDER_ID,
            order_version=3,
            lines=ENTRY,
            priority=5,
            wanted=3,
            available=1,
            arrival=1,
        ),
        StockReservationRefused(
            occurred_at=NOW,
            order_id=ORDER_ID,
            order_version=3,
            lines=ENTRY,
            priority=5,
            wanted=3,
            available=0,
            arrival=1,
        ),
        StockFreed(occurred_at=NOW, order_id=ORDER_ID, order_version=3, lines=ENTRY, priority=5),
        StockKept(occurred_at=NOW, order_id=ORDER_ID, order_version=3, lines=ENTRY, priority=5),
        ReservationTakenBack(occurred_at=NOW, order_id=ORDER_ID, order_version=3, lines=ENTRY),
        StockWrittenOff(occurred_at=NOW, order_id=ORDER_ID, order_version=3, lines=ENTRY, quantity=1, written_off=()),
    ],
    ids=lambda event: type(event).__name__,
)
def test_every_change_of_what_an_order_has_is_told_to_it_in_totals(answer: Event) -> None:
    assert follows(answer, stream=MUG) == [
        (
            ORDER,
            TakeStockAnswer(
                sku="MUG", location="main", stock_version=7, lines=(LineAnswer(line=1, reserved=8, waiting=2),)
            ),
        )
    ]


@pytest.mark.parametrize(
    "event",
    [
        StockReceived(occurred_at=NOW, quantity=1),
        StockCounted(occurred_at=NOW, counted=1, expected=1),
        StockStaged(occurred_at=NOW, order_id=ORDER_ID, order_version=3, lines=ENTRY),
        StockIssued(occurred_at=NOW, order_id=ORDER_ID, order_version=3, lines=ENTRY),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_the_order_knows_already_or_need_not_know_is_not_told(event: Event) -> None:
    assert follows(event, stream=MUG) == []


def stock_answer(
    kind: type[UnitsReserved | UnitsBackordered | StockReconfirmed], *, still_open: int
) -> UnitsReserved | UnitsBackordered | StockReconfirmed:
    return kind(occurred_at=NOW, sku="MUG", location="main", stock_version=1, units=(), still_open=still_open)


def test_the_order_is_confirmed_when_every_unit_has_been_answered() -> None:
    assert follows(stock_answer(UnitsBackordered, still_open=0)) == [(ORDER, ConfirmOrder())]
    assert follows(stock_answer(StockReconfirmed, still_open=0)) == [(ORDER, ConfirmOrder())]
    assert follows(stock_answer(UnitsReserved, still_open=0)) == [(ORDER, ConfirmOrder()), (ORDER, SendToWarehouse())]


@pytest.mark.parametrize("kind", [UnitsReserved, UnitsBackordered, StockReconfirmed])
def test_nothing_is_confirmed_while_a_unit_is_unanswered(
    kind: type[UnitsReserved | UnitsBackordered | StockReconfirmed],
) -> None:
    assert follows(stock_answer(kind, still_open=1)) == []


def test_a_confirmed_order_is_sent_and_completed_if_nothing_is_to_be_done() -> None:
    assert follows(OrderConfirmed(occurred_at=NOW)) == [(ORDER, SendToWarehouse()), (ORDER, CompleteOrder())]


def totals_told(command: type[Stage | WriteOff | Issue], totals: StockTotals) -> tuple[str, Command]:
    return stock_stream(totals.sku, totals.location), command(
        order_id=ORDER_ID, order_version=7, lines=totals.lines, occurred_at=YESTERDAY
    )


def test_what_was_done_with_goods_is_told_to_each_stock_item_with_the_time_it_happened() -> None:
    both = (MUGS, CUPS)
    assert follows(Picked(occurred_at=YESTERDAY, units=(), staged=both)) == [totals_told(Stage, t) for t in both]
    assert follows(ShortPicked(occurred_at=YESTERDAY, units=(), missing=both)) == [
        totals_told(WriteOff, t) for t in both
    ]
    assert follows(HandedOver(occurred_at=YESTERDAY, parcel=1, carrier="DHL", contents=(), issued=both)) == [
        totals_told(Issue, t) for t in both
    ]


def test_a_receipt_completes_and_tells_stock_what_left_unrecorded() -> None:
    received = ReceiptConfirmed(occurred_at=YESTERDAY, parcel=1, evidence=Evidence.COUNTER, contents=(), issued=(CUPS,))
    assert follows(received) == [totals_told(Issue, CUPS), (ORDER, CompleteOrder())]


def test_a_resolved_exception_may_have_been_the_last_thing_open() -> None:
    assert follows(ExceptionResolved(occurred_at=NOW, exception=1, resolved_by="bea")) == [(ORDER, CompleteOrder())]


@pytest.mark.parametrize(
    "event",
    [
        NoteAdded(occurred_at=NOW, author="ada", audience=Audience.INTERNAL, text="hello"),
        ContactLogged(occurred_at=NOW, channel=Channel.PHONE, question="where?", answer="there"),
        OrderCompleted(occurred_at=NOW),
        CheckpointRecorded(
            occurred_at=NOW, parcel=1, carrier="DHL", tracking_number="T", status=ParcelStatus.IN_TRANSIT, code="T"
        ),
    ],
    ids=lambda event: type(event).__name__,
)
def test_words_and_ends_set_nothing_in_motion(event: Event) -> None:
    assert follows(event) == []


def test_imported_history_is_not_reacted_to() -> None:
    assert react(recorded(placed(line("MUG", 1)), origin=Origin.IMPORT)) == ()


def test_a_rule_gives_a_stream_at_most_one_command_so_that_its_id_is_its_own() -> None:
    reactions = react(recorded(placed(*(line(f"SKU-{number % 7}", 1) for number in range(70)))))
    names = [(reaction.rule, reaction.stream) for reaction in reactions]
    assert len(names) == len(set(names)) == 7
    assert reactions[0] == Reaction("whenever_placed_want_stock", reactions[0].stream, reactions[0].command)


def test_every_rule_is_listed_and_says_what_it_does() -> None:
    named = {name for name in vars(workflow) if name.startswith("whenever_")}
    assert {rule.__name__ for rule in RULES} == named
    assert len(RULES) == len(named)
    assert all(rule.__doc__ for rule in RULES)
