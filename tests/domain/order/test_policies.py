"""What the customer's wishes mean when stock is short: backorder or not, in parts or all at once."""

import pytest

from domain.event_values import LineKind, Shortage
from domain.order.commands import (
    ConfirmIfReady,
    OrderCommand,
    RequestCancel,
    ResolveException,
    SendIfReady,
    SendToWarehouse,
    ShortPick,
)
from domain.order.decisions.shared_refusals import OnHold, OrderClosed, StockNotAnswered
from domain.order.decisions.warehouse import Incomplete, NotConfirmed, NothingToSend
from domain.order.event_terms import NamedUnits, TroubleFacts, WantTerms
from domain.order.events import (
    CancelRequested,
    ExceptionOpened,
    ExceptionResolved,
    OrderCancelled,
    OrderConfirmed,
    Packed,
    Picked,
    SentToWarehouse,
    StockAsked,
    StockReconfirmed,
    UnitsBackordered,
    UnitsCancelled,
    UnitsReserved,
)
from domain.order.status import NextAction, waiting
from domain.order.terms import Bucket, CancelCause, ExceptionCode, Step
from domain.roles import Party, Role
from tests.domain.order.orders import (
    CONFIRMED,
    PLACED,
    RESERVED,
    SENT,
    TERMS,
    answer,
    buckets,
    folded,
    given,
    hold_terms,
    lived,
    moves,
    of_kind,
    pack,
    pick,
    place,
    units,
    wants,
)
from tests.spec import NOW

MISSING = WantTerms(priority=5, shortage=Shortage.REFUSE_MISSING)
WHOLE = WantTerms(priority=5, shortage=Shortage.REFUSE_WHOLE)
PROVISIONAL = WantTerms(priority=5, shortage=Shortage.REFUSE_WHOLE, provisional=True)
NO_WAITING = place(10, backorder=False)
ALL_OR_NOTHING = place(10, backorder=False, partial=False)
SHORT_2 = ShortPick(lines=units((1, 2)))


def reserved(quantity: int, *, still_open: int = 0) -> UnitsReserved:
    return UnitsReserved(
        occurred_at=NOW,
        sku="SKU-1",
        location="main",
        stock_version=1,
        moves=moves(Bucket.OPEN, Bucket.RESERVED, (1, quantity)),
        still_open=still_open,
    )


def test_units_that_stock_refuses_are_cancelled_by_us_and_the_rest_goes_on() -> None:
    order = (
        given(*lived(NO_WAITING))
        .when(answer((1, 6, 0)), role=Role.WORKFLOW)
        .then(
            reserved(6, still_open=4),
            UnitsCancelled(
                occurred_at=NOW,
                cause=CancelCause.NO_STOCK,
                moves=moves(Bucket.OPEN, Bucket.CANCELLED, (1, 4)),
                wants=(wants((1, 6)),),
                terms=MISSING,
            ),
        )
    )
    assert buckets(order) == {Bucket.RESERVED: 6, Bucket.CANCELLED: 4}


def test_an_order_that_gets_nothing_is_cancelled_and_never_confirmed() -> None:
    order = (
        given(*lived(NO_WAITING)).when(answer((1, 0, 0))).then_kinds(StockReconfirmed, UnitsCancelled, OrderCancelled)
    )
    assert order is not None
    assert order.confirmed_at is None


def test_an_all_or_nothing_order_ends_with_the_first_refusal() -> None:
    events = lived(place(10, 5, partial=False, backorder=False), answer((1, 10, 0)))
    outcome = given(*events).when(answer((2, 0, 0), sku="SKU-2"))
    outcome.then_kinds(StockReconfirmed, UnitsCancelled, OrderCancelled)
    assert outcome.events[1:] == (
        UnitsCancelled(
            occurred_at=NOW,
            cause=CancelCause.NO_STOCK,
            moves=(
                *moves(Bucket.RESERVED, Bucket.CANCELLED, (1, 10)),
                *moves(Bucket.OPEN, Bucket.CANCELLED, (2, 5)),
            ),
            wants=(),
            terms=PROVISIONAL,
        ),
        OrderCancelled(occurred_at=NOW, location="main", skus=("SKU-1", "SKU-2")),
    )


def test_a_refusal_of_an_older_want_is_none() -> None:
    fewer = RequestCancel(lines=units((1, 1)), reason="fewer")
    events = lived(NO_WAITING, fewer)
    asked_again = len(events)
    given(*events).when(answer((1, 0, 0), want_version=asked_again - 1)).then_kinds(StockReconfirmed)
    given(*events).when(answer((1, 0, 0), want_version=asked_again)).then_kinds(
        StockReconfirmed, UnitsCancelled, OrderCancelled
    )


def test_an_order_that_has_not_asked_cannot_be_refused() -> None:
    events = lived(place(10, backorder=False, holds=(hold_terms(Step.RESERVE),)))
    given(*events).when(answer((1, 0, 0))).then_kinds(StockReconfirmed)


def test_units_picked_for_an_all_or_nothing_order_that_is_refused_are_looked_at() -> None:
    outcome = given(*lived(ALL_OR_NOTHING, pick(2))).when(answer((1, 2, 0)))
    order = outcome.then_kinds(StockReconfirmed, UnitsCancelled, ExceptionOpened)
    opened = outcome.events[-1]
    assert isinstance(opened, ExceptionOpened)
    assert (opened.code, opened.owner) == (ExceptionCode.PICKED_IN_VAIN, Party.WAREHOUSE)
    assert buckets(order) == {Bucket.PICKED: 2, Bucket.CANCELLED: 8}


def test_units_packed_for_an_all_or_nothing_order_that_is_refused_are_looked_at() -> None:
    refusal = answer((1, 8, 0), version=2).model_copy(update={"reason": "two were not found"})
    outcome = given(*lived(ALL_OR_NOTHING, answer((1, 10, 0)), pick(5), pack(5))).when(refusal)
    order = outcome.then_kinds(UnitsBackordered, UnitsCancelled, ExceptionOpened)
    _, cancelled, opened = outcome.events
    assert isinstance(opened, ExceptionOpened)
    assert opened.about == TroubleFacts(units=5)
    assert cancelled.reason == "two were not found"
    assert buckets(order) == {Bucket.PACKED: 5, Bucket.CANCELLED: 5}


def test_what_stock_gives_as_the_reason_of_its_refusal_is_the_reason_of_the_cancellation() -> None:
    refusal = answer((1, 6, 0)).model_copy(update={"reason": "no longer made"})
    cancelled = given(*lived(NO_WAITING)).when(refusal).events[1]
    assert cancelled.reason == "no longer made"


@pytest.mark.parametrize(("terms", "partial"), [(MISSING, True), (WHOLE, False)])
def test_before_confirmation_units_taken_back_are_asked_for_again(terms: WantTerms, partial: bool) -> None:
    events = lived(place(10, backorder=False, partial=partial), answer((1, 10, 0)))
    outcome = given(*events).when(answer((1, 7, 3), version=2))
    order = outcome.then_kinds(UnitsBackordered, StockAsked)
    assert outcome.events[1] == StockAsked(
        occurred_at=NOW, moves=moves(Bucket.BACKORDERED, Bucket.OPEN, (1, 3)), wants=(wants((1, 10)),), terms=terms
    )
    assert buckets(order) == {Bucket.RESERVED: 7, Bucket.OPEN: 3}


@pytest.mark.parametrize(("told", "shortage"), [(True, Shortage.REFUSE_WHOLE_NOW), (False, Shortage.REFUSE_WHOLE)])
def test_an_order_that_may_hold_a_later_article_asks_for_an_earlier_one_to_be_decided_at_once(
    told: bool, shortage: Shortage
) -> None:
    """As soon as the second article is asked for, stock may have reserved it, whether or not the order knows it."""
    first = answer((1, 10 if told else 9, 0 if told else 1))
    events = lived(place(10, 5, partial=False, backorder=False), first)
    outcome = given(*events).when(answer((1, 7, 3), version=2))
    asked = outcome.events[-1]
    assert isinstance(asked, StockAsked)
    assert asked.terms == WantTerms(priority=5, shortage=shortage, provisional=True)


def test_with_backorder_nothing_is_asked_again() -> None:
    given(*lived(*RESERVED)).when(answer((1, 7, 3), version=2)).then_kinds(UnitsBackordered)


def test_after_confirmation_nothing_is_cancelled_and_sales_looks_at_what_is_missing() -> None:
    events = lived(NO_WAITING, answer((1, 10, 0)), ConfirmIfReady(), SendIfReady())
    outcome = given(*events).when(answer((1, 7, 3), version=2))
    order = outcome.then_kinds(UnitsBackordered, ExceptionOpened)
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert (opened.code, opened.owner) == (ExceptionCode.UNITS_MISSING, Party.SALES)
    assert opened.about == TroubleFacts(parts=(NamedUnits(line=1, sku="SKU-1", quantity=3),), units=3)
    assert buckets(order) == {Bucket.SENT: 7, Bucket.BACKORDERED: 3}
    missing = (*events, *outcome.events)
    given(*missing).when(answer((1, 6, 4), version=3)).then_kinds(UnitsBackordered)


def test_missing_units_that_somebody_has_looked_at_are_trouble_again_only_with_others() -> None:
    both = (place(5, 5, backorder=False), answer((1, 5, 0)), answer((2, 5, 0), sku="SKU-2"))
    seen = lived(*both, ConfirmIfReady(), SendIfReady(), answer((1, 3, 2), version=2), resolve())
    given(*seen).when(answer((2, 5, 0), version=3, sku="SKU-2")).then_kinds(StockReconfirmed)
    given(*seen).when(answer((1, 4, 1), version=3)).then_kinds(UnitsReserved)
    outcome = given(*seen).when(answer((2, 4, 1), version=3, sku="SKU-2"))
    outcome.then_kinds(UnitsBackordered, ExceptionOpened)
    opened = outcome.events[1]
    assert isinstance(opened, ExceptionOpened)
    assert opened.about == TroubleFacts(parts=(NamedUnits(line=2, sku="SKU-2", quantity=1),), units=1)


def resolve() -> ResolveException:
    return ResolveException(exception=1, reason="the customer waits after all")


@pytest.mark.parametrize(
    ("command", "first"),
    [
        (answer((1, 10, 0), version=3), UnitsReserved),
        (RequestCancel(lines=units((1, 3)), reason="the customer cannot wait"), CancelRequested),
        (pick(10), Picked),
    ],
    ids=["reserved", "cancelled", "picked all the same"],
)
def test_missing_units_are_no_trouble_any_more_once_they_are_reserved_cancelled_or_found(
    command: OrderCommand, first: type
) -> None:
    events = lived(NO_WAITING, answer((1, 10, 0)), ConfirmIfReady(), SendIfReady(), answer((1, 7, 3), version=2))
    outcome = given(*events).when(command)
    assert isinstance(outcome.events[0], first)
    assert outcome.events[-1] == ExceptionResolved(occurred_at=NOW, exception=1, resolved_by="workflow")
    some = answer((1, 9, 1), version=3)
    given(*events).when(some).then_kinds(UnitsReserved)


def test_what_a_confirmed_order_wants_waits_whatever_was_agreed_before() -> None:
    events = lived(NO_WAITING, answer((1, 10, 0)), ConfirmIfReady())
    cancelled = given(*events).when(RequestCancel(lines=units((1, 1)), reason="fewer")).events[1]
    assert isinstance(cancelled, UnitsCancelled)
    assert cancelled.terms == TERMS


def test_a_refusal_after_the_confirmation_is_asked_again_to_wait() -> None:
    events = lived(NO_WAITING, answer((1, 10, 0)), ConfirmIfReady(), SendIfReady(), SHORT_2)
    outcome = given(*events).when(answer((1, 8, 0), version=2))
    order = outcome.then_kinds(StockReconfirmed, StockAsked)
    assert outcome.events[1] == StockAsked(occurred_at=NOW, wants=(wants((1, 10)),), terms=TERMS)
    assert buckets(order) == {Bucket.SENT: 8, Bucket.OPEN: 2}


def test_of_units_not_found_some_may_wait_and_the_others_are_asked_for_again() -> None:
    events = lived(place(8), answer((1, 4, 4)), ConfirmIfReady(), SendIfReady(), SHORT_2)
    order = given(*events).when(answer((1, 2, 5), version=2)).then_kinds(UnitsBackordered, StockAsked)
    assert buckets(order) == {Bucket.SENT: 2, Bucket.BACKORDERED: 5, Bucket.OPEN: 1}


def test_while_a_unit_is_unanswered_nothing_is_cancelled_or_sent_for_lack_of_an_answer() -> None:
    short = ShortPick(lines=units((1, 1), (2, 1)))
    confirmed = (place(4, 4, backorder=False), answer((1, 4, 0)), answer((2, 4, 0), sku="SKU-2"), ConfirmIfReady())
    events = lived(*confirmed, SendIfReady(), short)
    first = given(*events).when(answer((1, 4, 0), version=2))
    first.then_kinds(UnitsReserved)
    half = (*events, *first.events)
    given(*half).when(ConfirmIfReady(), role=Role.WORKFLOW).then_nothing()
    given(*half).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()
    given(*half).when(SendToWarehouse()).then_rejected(StockNotAnswered, saying="Units unanswered: 1.")
    whole = (*half, *given(*half).when(answer((2, 4, 0), version=2, sku="SKU-2")).events)
    given(*whole).when(SendIfReady(), role=Role.WORKFLOW).then_kinds(SentToWarehouse)


def test_ship_complete_is_packed_only_when_nothing_is_missing() -> None:
    sent = lived(place(10, partial=False), answer((1, 10, 0)), ConfirmIfReady(), SendIfReady(), pick(8), SHORT_2)
    given(*sent).when(pack(8)).then_rejected(Incomplete, saying=": 2.")
    waits = (*sent, *given(*sent).when(answer((1, 8, 2), version=2)).events)
    given(*waits).when(pack(8)).then_rejected(Incomplete, saying=": 2.")
    assert waiting(folded(waits)) == (Party.PURCHASING, NextAction.RECEIVE_STOCK)
    fewer = (*waits, *given(*waits).when(RequestCancel(lines=units((1, 2)), reason="enough")).events)
    given(*fewer).when(pack(8)).then_kinds(Packed)


def test_with_partial_shipment_what_is_picked_can_be_packed() -> None:
    given(*lived(*SENT, pick(8), SHORT_2)).when(pack(8)).then_kinds(Packed)


@pytest.mark.parametrize("backorder", [True, False])
def test_the_next_article_is_asked_for_once_the_one_before_is_reserved_whole(backorder: bool) -> None:
    events = lived(place(3, 4, 5, partial=False, backorder=backorder))
    part = answer((1, 2, 1)) if backorder else answer((1, 0, 3))
    still = given(*events).when(part)
    assert not any(isinstance(event, StockAsked) and event.wants[0].sku != "SKU-1" for event in still.events)
    outcome = given(*events).when(answer((1, 3, 0)))
    outcome.then_kinds(UnitsReserved, StockAsked)
    terms = TERMS if backorder else PROVISIONAL
    assert outcome.events[1] == StockAsked(occurred_at=NOW, wants=(wants((2, 4), sku="SKU-2"),), terms=terms)


def test_a_deferred_article_that_waits_does_not_jump_its_turn() -> None:
    events = lived(place(3, 4, partial=False), answer((2, 0, 4), sku="SKU-2"), answer((1, 1, 2)))
    asked = [event for event in events if isinstance(event, StockAsked)]
    assert asked == []
    given(*events).when(ConfirmIfReady(), role=Role.WORKFLOW).then_kinds(OrderConfirmed)
    outcome = given(*events).when(answer((1, 3, 0), version=2))
    outcome.then_kinds(UnitsReserved, StockAsked)


def test_an_article_that_nobody_wants_any_more_gives_its_turn_away() -> None:
    events = lived(place(3, 4, 5, partial=False))
    outcome = given(*events).when(RequestCancel(lines=units((1, 3), (2, 4)), reason="fewer"))
    outcome.then_kinds(CancelRequested, UnitsCancelled, StockAsked)
    cancelled, asked = outcome.events[1:]
    assert isinstance(cancelled, UnitsCancelled)
    assert isinstance(asked, StockAsked)
    assert [want.deferred for want in cancelled.wants] == [False, True]
    assert asked.wants == (wants((3, 5), sku="SKU-3"),)


def test_an_article_picked_before_its_turn_gives_its_turn_away() -> None:
    given(*lived(place(3, 4, partial=False))).when(pick(3)).then_kinds(Picked, StockAsked)


def test_an_all_or_nothing_order_takes_for_good_what_it_has_once_it_has_all() -> None:
    events = lived(place(3, 4, partial=False, backorder=False), answer((1, 3, 0)))
    outcome = given(*events).when(answer((2, 4, 0), sku="SKU-2"))
    order = outcome.then_kinds(UnitsReserved, StockAsked)
    assert outcome.events[1] == StockAsked(
        occurred_at=NOW, wants=(wants((1, 3)), wants((2, 4), sku="SKU-2")), terms=WHOLE
    )
    assert order is not None
    assert not order.provisional
    complete = (*events, *outcome.events)
    given(*complete).when(answer((2, 4, 0), version=2, sku="SKU-2")).then_kinds(StockReconfirmed)


def test_an_order_of_one_article_is_never_provisional_and_a_partial_one_defers_nothing() -> None:
    assert not folded(lived(ALL_OR_NOTHING)).provisional
    assert folded(lived(place(3, 4))).deferred == ()
    assert folded(lived(place(3, 4, of_kind(LineKind.SERVICE), partial=False))).deferred == ("SKU-2",)


def test_a_person_is_told_why_an_order_cannot_be_sent() -> None:
    given(*lived(*RESERVED)).when(SendToWarehouse()).then_rejected(NotConfirmed)
    held = lived(place(10, holds=(hold_terms(Step.SEND),)), answer((1, 10, 0)), ConfirmIfReady())
    given(*held).when(SendToWarehouse()).then_rejected(OnHold, saying="hold 1 (manual)")
    given(*lived(*SENT)).when(SendToWarehouse()).then_rejected(NothingToSend)
    incomplete = lived(place(10, partial=False), answer((1, 6, 4)), ConfirmIfReady())
    given(*incomplete).when(SendToWarehouse()).then_rejected(Incomplete, saying=": 4.")
    cancelled = lived(*PLACED, RequestCancel(reason="changed mind"))
    given(*cancelled).when(SendToWarehouse()).then_rejected(OrderClosed)
    given(*lived(*CONFIRMED)).when(SendToWarehouse()).then_kinds(SentToWarehouse)
