"""What follows from an event, rule by rule. Only commands; what becomes of them is the aggregates' affair."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from domain import workflow
from domain.decider import Command, Event
from domain.event_values import LineKind, LineTotal, OrderId, Shortage, StockTotals
from domain.order.commands import CompleteOrder, ConfirmIfReady, LineAnswer, SendIfReady, TakeStockAnswer
from domain.order.event_terms import NamedUnits, PickedUnits, StockWant, WantTerms
from domain.order.events import (
    CheckpointRecorded,
    ContactLogged,
    ExceptionResolved,
    HandedOver,
    HoldPlaced,
    NoteAdded,
    OrderCancelled,
    OrderCompleted,
    OrderConfirmed,
    OrderPlaced,
    Picked,
    ReceiptConfirmed,
    Resumed,
    ShortPicked,
    StockAsked,
    StockReconfirmed,
    UnitsBackordered,
    UnitsCancelled,
    UnitsReserved,
)
from domain.order.terms import Audience, CancelCause, Channel, Evidence, HoldType, ParcelStatus, Step
from domain.recorded import Metadata, Origin, Position, Recorded
from domain.roles import Role
from domain.stock.commands import Allocate, Close, Issue, Stage, TakeExcess, Want, WriteOff
from domain.stock.events import (
    EntryClosed,
    ReservationsTakenBack,
    StockAllocated,
    StockBackordered,
    StockCounted,
    StockFreed,
    StockIssued,
    StockKept,
    StockPended,
    StockReceived,
    StockRefused,
    StockReserved,
    StockStaged,
    StockWrittenOff,
    WantAnswered,
    WantWeighed,
)
from domain.stock.terms import Answer, LineStanding
from domain.stream_names import order_stream, stock_stream
from domain.values import Address, Customer, Line, Price
from domain.workflow import RULES, Reaction, react
from tests.spec import NOW

ORDER_ID = UUID("0198f0c2-7a50-7b3e-9c41-000000000001")
ORDER = order_stream(ORDER_ID)
MUG = stock_stream("MUG", "main")
YESTERDAY = NOW - timedelta(days=1)
MUGS = StockTotals(sku="MUG", location="main", lines=(LineTotal(line=1, quantity=2), LineTotal(line=3, quantity=1)))
CUPS = StockTotals(sku="CUP", location="main", lines=(LineTotal(line=2, quantity=4),))
OTHER_ID = UUID("0198f0c2-7a50-7b3e-9c41-000000000002")
STANDING = (LineStanding(line=1, reserved=8, waiting=2),)
TERMS = WantTerms(priority=2, promise=NOW.date())


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


def placed(*lines: Line, blocks: Step | None = None, partial: bool = True, backorder: bool = True) -> OrderPlaced:
    hold = HoldPlaced(number=1, type=HoldType.MANUAL, blocks=(blocks or Step.SEND,), reason="wait", placed_by="ada")
    return OrderPlaced(
        occurred_at=NOW,
        order_id=OrderId(str(ORDER_ID)),
        lines=lines,
        currency="EUR",
        total_minor=100,
        serial=1,
        number="OT-2026-000001-00",
        tracking_token="t" * 22,
        placed_by="ada",
        customer=Customer(),
        ship_to=Address(country="DE"),
        business_date=NOW.date(),
        requested_date=NOW.date(),
        partial_shipment=partial,
        backorder=backorder,
        priority=2,
        location="main",
        holds=(hold,) if blocks else (),
    )


def want(
    totals: StockTotals,
    *,
    shortage: Shortage = Shortage.WAIT,
    provisional: bool = False,
    deferred: bool = False,
) -> tuple[str, Want]:
    return stock_stream(totals.sku, totals.location), Want(
        order_id=ORDER_ID,
        order_version=7,
        lines=totals.lines,
        priority=2,
        promise=NOW.date(),
        shortage=shortage,
        provisional=provisional,
        deferred=deferred,
    )


def wanted(totals: StockTotals, *, deferred: bool = False) -> StockWant:
    return StockWant(**dict(totals), deferred=deferred)


def test_a_placed_order_asks_each_stock_item_once_with_all_its_lines() -> None:
    assert follows(placed(line("MUG", 2), line("CUP", 4), line("MUG", 1))) == [want(CUPS), want(MUGS)]


@pytest.mark.parametrize(
    ("partial", "backorder", "shortage"),
    [
        (True, True, Shortage.WAIT),
        (True, False, Shortage.REFUSE_MISSING),
        (False, True, Shortage.WAIT),
        (False, False, Shortage.REFUSE_WHOLE),
    ],
)
def test_the_policies_of_an_order_travel_with_what_it_wants(partial: bool, backorder: bool, shortage: Shortage) -> None:
    assert follows(
        placed(line("MUG", 2), line("MUG", 0 + 4), line("MUG", 1), partial=partial, backorder=backorder)
    ) == [
        want(
            StockTotals(
                sku="MUG",
                location="main",
                lines=tuple(LineTotal(line=n, quantity=q) for n, q in ((1, 2), (2, 4), (3, 1))),
            ),
            shortage=shortage,
        )
    ]


@pytest.mark.parametrize("backorder", [True, False])
def test_an_order_that_ships_only_complete_is_served_article_by_article_in_the_order_of_their_codes(
    backorder: bool,
) -> None:
    terms = {"shortage": Shortage.WAIT if backorder else Shortage.REFUSE_WHOLE, "provisional": not backorder}
    lines = (line("MUG", 2), line("CUP", 4), line("MUG", 1))
    assert follows(placed(*lines, partial=False, backorder=backorder)) == [
        want(CUPS, **terms),  # type: ignore[arg-type]  # the two that differ
        want(MUGS, deferred=True, **terms),  # type: ignore[arg-type]
    ]


def test_only_goods_are_asked_for() -> None:
    placed_with_service = placed(line("MUG", 2), line("FITTING", 1, LineKind.SERVICE), line("MUG", 1))
    assert follows(placed_with_service) == [want(MUGS)]


def test_a_hold_on_reserving_keeps_the_order_from_asking_and_no_other_hold_does() -> None:
    assert follows(placed(line("CUP", 4), blocks=Step.RESERVE)) == []
    assert len(follows(placed(line("CUP", 4), blocks=Step.CONFIRM))) == 1


def test_an_order_without_goods_is_confirmed_at_once() -> None:
    assert follows(placed(line("FITTING", 1, LineKind.SERVICE))) == [(ORDER, ConfirmIfReady())]


def test_what_an_order_asks_later_it_asks_on_the_terms_that_it_names() -> None:
    terms = WantTerms(priority=2, promise=NOW.date(), shortage=Shortage.REFUSE_WHOLE, provisional=True)
    asked = StockAsked(occurred_at=NOW, wants=(wanted(CUPS), wanted(MUGS, deferred=True)), terms=terms)
    assert follows(asked) == [
        want(CUPS, shortage=Shortage.REFUSE_WHOLE, provisional=True),
        want(MUGS, shortage=Shortage.REFUSE_WHOLE, provisional=True, deferred=True),
    ]


def test_a_resumed_order_goes_on_where_it_stood() -> None:
    resumed = Resumed(occurred_at=NOW, hold=1, resumed_by="bea")
    assert follows(resumed) == [
        (ORDER, ConfirmIfReady()),
        (ORDER, SendIfReady()),
        (ORDER, CompleteOrder()),
    ]


def test_cancelled_units_are_told_to_stock_with_all_the_terms_of_the_order() -> None:
    cancelled = UnitsCancelled(
        occurred_at=NOW, cause=CancelCause.CUSTOMER, wants=(wanted(MUGS), wanted(CUPS)), terms=TERMS
    )
    assert follows(cancelled) == [
        want(MUGS),
        want(CUPS),
        (ORDER, ConfirmIfReady()),
        (ORDER, SendIfReady()),
        (ORDER, CompleteOrder()),
    ]


@pytest.mark.parametrize("kind", [OrderCancelled, OrderCompleted])
def test_stock_forgets_an_order_that_is_over(kind: type[OrderCancelled | OrderCompleted]) -> None:
    over = kind(occurred_at=NOW, location="main", skus=("CUP", "MUG"))
    close = Close(order_id=ORDER_ID, order_version=7)
    assert follows(over) == [(stock_stream("CUP", "main"), close), (MUG, close)]


def answered(kind: type[WantAnswered]) -> WantAnswered:
    weighed = {"wanted": 3, "available": 1} if issubclass(kind, WantWeighed) else {}
    return kind.model_validate(
        {
            "occurred_at": NOW,
            "order_id": ORDER_ID,
            "order_version": 3,
            "moves": (),
            "lines": STANDING,
            "priority": 5,
            "shortage": Shortage.WAIT,
            "provisional": False,
            "deferred": False,
            **weighed,
        }
    )


def told(order_id: UUID = ORDER_ID) -> tuple[str, Command]:
    return order_stream(order_id), TakeStockAnswer(
        sku="MUG",
        location="main",
        stock_version=7,
        want_version=3,
        lines=(LineAnswer(line=1, reserved=8, waiting=2),),
    )


@pytest.mark.parametrize("kind", [StockReserved, StockBackordered, StockRefused, StockFreed, StockKept])
def test_what_became_of_a_want_is_told_to_its_order_in_totals(kind: type[WantAnswered]) -> None:
    assert follows(answered(kind), stream=MUG) == [told()]


def test_an_undecided_want_is_not_answered() -> None:
    assert follows(answered(StockPended), stream=MUG) == []


@pytest.mark.parametrize("kind", [StockAllocated, ReservationsTakenBack])
def test_every_order_of_a_list_is_told_once_and_the_item_goes_on_with_the_rest(
    kind: type[StockAllocated | ReservationsTakenBack],
) -> None:
    answers = (
        Answer(order_id=ORDER_ID, want_version=3, lines=STANDING),
        Answer(order_id=OTHER_ID, want_version=3, lines=STANDING),
        Answer(order_id=OTHER_ID, want_version=4),
    )
    assert follows(kind(occurred_at=NOW, answers=answers), stream=MUG) == [told(), told(OTHER_ID)]
    assert follows(kind(occurred_at=NOW, answers=(), more=True), stream=MUG) == [(MUG, Allocate(occurred_at=NOW))]


@pytest.mark.parametrize(
    "event",
    [
        StockReceived(occurred_at=NOW, quantity=1),
        StockCounted(occurred_at=NOW, counted=1, expected=1, difference=0),
        StockStaged(occurred_at=NOW, order_id=ORDER_ID, order_version=3, moves=()),
        StockIssued(occurred_at=NOW, order_id=ORDER_ID, order_version=3, moves=(), quantity=1),
        StockWrittenOff(occurred_at=NOW, order_id=ORDER_ID, order_version=3, moves=(), quantity=1, written_off=()),
        EntryClosed(occurred_at=NOW, order_id=ORDER_ID, order_version=3, moves=()),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_fact_is_not_told_by_itself(event: Event) -> None:
    assert follows(event, stream=MUG) == []


def stock_answer(
    kind: type[UnitsReserved | UnitsBackordered | StockReconfirmed], *, still_open: int
) -> UnitsReserved | UnitsBackordered | StockReconfirmed:
    return kind(occurred_at=NOW, sku="MUG", location="main", stock_version=1, still_open=still_open)


@pytest.mark.parametrize("kind", [UnitsReserved, UnitsBackordered, StockReconfirmed])
def test_the_order_is_confirmed_and_sent_when_every_unit_has_been_answered(
    kind: type[UnitsReserved | UnitsBackordered | StockReconfirmed],
) -> None:
    assert follows(stock_answer(kind, still_open=0)) == [(ORDER, ConfirmIfReady()), (ORDER, SendIfReady())]


@pytest.mark.parametrize("kind", [UnitsReserved, UnitsBackordered, StockReconfirmed])
def test_nothing_is_confirmed_while_a_unit_is_unanswered(
    kind: type[UnitsReserved | UnitsBackordered | StockReconfirmed],
) -> None:
    assert follows(stock_answer(kind, still_open=1)) == []


def test_a_confirmed_order_is_sent_and_completed_if_nothing_is_to_be_done() -> None:
    assert follows(OrderConfirmed(occurred_at=NOW)) == [(ORDER, SendIfReady()), (ORDER, CompleteOrder())]


def totals_told(command: type[Stage | WriteOff | Issue], totals: StockTotals) -> tuple[str, Command]:
    return stock_stream(totals.sku, totals.location), command(
        order_id=ORDER_ID, order_version=7, lines=totals.lines, occurred_at=YESTERDAY
    )


def test_what_was_done_with_goods_is_told_to_each_stock_item_with_the_time_it_happened() -> None:
    both = (MUGS, CUPS)
    assert follows(Picked(occurred_at=YESTERDAY, picked=(), location="main", staged=both)) == [
        totals_told(Stage, t) for t in both
    ]
    assert follows(ShortPicked(occurred_at=YESTERDAY, missing=both)) == [totals_told(WriteOff, t) for t in both]
    assert follows(HandedOver(occurred_at=YESTERDAY, parcel=1, carrier="DHL", issued=both)) == [
        totals_told(Issue, t) for t in both
    ]


def test_stock_hears_from_which_bin_an_article_was_picked_the_last_one_that_was_named() -> None:
    parts = [(line, place) for line in (1, 2) for place in ("A-01", f"B-0{line}", None)]
    picked = tuple(PickedUnits(line=line, quantity=1, bin=place) for line, place in parts)
    told = follows(Picked(occurred_at=YESTERDAY, picked=picked, location="main", staged=(MUGS, CUPS)))
    assert [command.bin for _, command in told if isinstance(command, Stage)] == ["B-01", "B-02"]


def test_stock_hears_of_units_picked_beyond_the_order_article_by_article() -> None:
    excess = (
        NamedUnits(line=1, sku="MUG", quantity=2),
        NamedUnits(sku="CUP", quantity=1),
        NamedUnits(line=1, sku="MUG", quantity=3),
        NamedUnits(line=9, quantity=4),
    )
    picked = Picked(occurred_at=YESTERDAY, picked=(), excess=excess, location="main", staged=())
    assert follows(picked) == [
        (stock_stream(sku, "main"), TakeExcess(order_id=ORDER_ID, order_version=7, quantity=n, occurred_at=YESTERDAY))
        for sku, n in (("MUG", 5), ("CUP", 1))
    ]


def test_a_receipt_completes_and_tells_stock_what_left_unrecorded() -> None:
    received = ReceiptConfirmed(occurred_at=YESTERDAY, parcel=1, evidence=Evidence.COUNTER, issued=(CUPS,))
    assert follows(received) == [totals_told(Issue, CUPS), (ORDER, CompleteOrder())]


def test_a_resolved_exception_may_have_been_the_last_thing_open() -> None:
    assert follows(ExceptionResolved(occurred_at=NOW, exception=1, resolved_by="bea")) == [(ORDER, CompleteOrder())]


@pytest.mark.parametrize(
    "event",
    [
        NoteAdded(occurred_at=NOW, author="ada", audience=Audience.INTERNAL, text="hello"),
        ContactLogged(occurred_at=NOW, channel=Channel.PHONE, question="where?", answer="there"),
        CheckpointRecorded(
            occurred_at=NOW, parcel=1, carrier="DHL", tracking_number="T", status=ParcelStatus.IN_TRANSIT, code="T"
        ),
    ],
    ids=lambda event: type(event).__name__,
)
def test_words_set_nothing_in_motion(event: Event) -> None:
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
