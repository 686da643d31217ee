"""What holds for every order, whatever happens to it, in whatever order, however often."""

from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decider import Context, Rejected
from domain.event_values import LineKind
from domain.order.commands import (
    AddNote,
    CompleteOrder,
    ConfirmIfReady,
    GiveBack,
    Hold,
    LogContact,
    OrderCommand,
    Pack,
    PassOn,
    Pick,
    PlaceOrder,
    RecallFromWarehouse,
    ReportRefusal,
    RequestCancel,
    SendIfReady,
    ShortPick,
    Take,
    TakeStockAnswer,
)
from domain.order.event_terms import Move
from domain.order.events import OrderEvent, OrderPlaced, PickStarted, SentToWarehouse, Taken, UnitsReserved, Unpacked
from domain.order.ledger import LIVE
from domain.order.state import Order
from domain.order.status import badges, headline, milestone, waiting
from domain.order.terms import Bucket
from domain.roles import Role
from tests.domain.order.orders import ORDER, STREAM, answer, hand_over, lived, moves, pack, pick, place
from tests.spec import NOW, NUMBER, SERIAL, TRACKING_TOKEN
from tests.strategies import any_of, likely

# Said again, these mean another portion, hold or sentence, or more time: a repetition is a new wish.
CUMULATIVE = (AddNote, Hold, LogContact, Pack, Pick, ShortPick, Take)
TAKING = (GiveBack, PassOn, Take)
WORKFLOW = (CompleteOrder, ConfirmIfReady, ReportRefusal, SendIfReady, TakeStockAnswer)

placed = likely(OrderPlaced)
likely_events: st.SearchStrategy[OrderEvent] = st.one_of(*(likely(kind) for kind in get_args(OrderEvent)))
all_events: st.SearchStrategy[OrderEvent] = st.one_of(*(any_of(kind) for kind in get_args(OrderEvent)))
commands: st.SearchStrategy[OrderCommand] = st.one_of(*(likely(kind) for kind in get_args(OrderCommand)))
roles = st.sampled_from([Role.SALES, Role.WORKFLOW])
actors = st.sampled_from(["ada", "bob"])


@dataclass(frozen=True)
class Sent:
    """A command, and who sent it."""

    command: OrderCommand
    role: Role
    actor: str


sent = st.builds(Sent, commands, roles, actors)

ANSWERED = (place(3, 4, 2), answer((1, 3, 0)), answer((2, 1, 3), sku="SKU-2"), answer((3, 2, 0), sku="SKU-3"))
AT_WORK = (*ANSWERED, ConfirmIfReady(), SendIfReady(), pick(3), pick(1, line=2))
UNDER_WAY = (*AT_WORK, pack(2), pack(1), pack(1, line=2), hand_over(1, "T-1"), hand_over(2, "T-2"))
# Chance alone rarely gets an order so far.
beginnings: st.SearchStrategy[tuple[OrderEvent, ...]] = st.one_of(
    likely(PlaceOrder).map(lived), st.sampled_from([lived(*ANSWERED), lived(*AT_WORK), lived(*UNDER_WAY)])
)


def decided(state: Order | None, one: Sent) -> tuple[OrderEvent, ...] | None:
    """None where it was refused."""
    context = Context(
        actor=one.actor,
        role=one.role,
        occurred_at=one.command.occurred_at or NOW,
        stream=STREAM,
        serial=SERIAL,
        number=NUMBER,
        tracking_token=TRACKING_TOKEN,
    )
    try:
        return ORDER.decide(state, one.command, context)
    except Rejected:
        return None


def applied(state: Order | None, events: tuple[OrderEvent, ...]) -> Order | None:
    for event in events:
        state = ORDER.evolve(state, event)
    return state


def assert_ledger_holds(order: Order) -> None:
    sums = [0] * len(Bucket)
    for state in order.lines.values():
        assert min(state.buckets) >= 0
        ordered = state.line.quantity if state.line.kind is LineKind.GOODS else 0
        assert sum(state.buckets) - state.buckets[Bucket.EXCESS] == ordered
        sums = [total + count for total, count in zip(sums, state.buckets, strict=True)]
    assert order.totals == tuple(sums)


def assert_every_word_is_there(order: Order) -> None:
    party, action = waiting(order)
    assert party
    assert action
    assert order.waiting_on is party
    assert order.waiting_since is not None
    assert headline(order)
    assert all(badge.count > 0 for badge in badges(order))
    milestone(order)


@given(placed, st.lists(likely_events, max_size=12))
def test_any_events_leave_a_ledger_that_adds_up_and_an_order_that_waits_for_somebody(
    first: OrderPlaced, events: list[OrderEvent]
) -> None:
    order: Order | None = None
    for event in (first, *events):
        order = ORDER.evolve(order, event)
        assert order is not None
        assert_ledger_holds(order)
        assert_every_word_is_there(order)


@pytest.mark.parametrize(("source", "target"), [(Bucket.EXCESS, Bucket.PICKED), (Bucket.PICKED, Bucket.EXCESS)])
def test_no_event_makes_excess_of_what_was_ordered_or_the_other_way_round(source: Bucket, target: Bucket) -> None:
    before = applied(None, lived(*AT_WORK, pick(9)))
    event = Unpacked(occurred_at=NOW, parcel=1, moves=(Move(line=1, quantity=1, source=source, target=target),))
    after = applied(before, (event,))
    assert before
    assert after
    assert before.count(Bucket.EXCESS) > 0
    assert after.totals == before.totals
    assert_ledger_holds(after)


@given(st.lists(all_events, max_size=10))
def test_no_event_however_odd_stops_a_fold(events: list[OrderEvent]) -> None:
    order = ORDER.fold(STREAM, events)
    assert (order is not None) == any(isinstance(event, OrderPlaced) for event in events)


@pytest.mark.slow
@given(beginnings, st.lists(sent, max_size=30))
@settings(max_examples=300)
def test_decisions_keep_the_ledger_the_parcels_and_the_facts(
    history: tuple[OrderEvent, ...], later: list[Sent]
) -> None:
    state = ORDER.fold(STREAM, history)
    for one in later:
        events = decided(state, one)
        assert events is not None or not one.command.fact
        state = applied(state, events or ())
        history += events or ()
        assert state is not None
        assert_ledger_holds(state)
        assert_every_word_is_there(state)
        in_parcels = sum(units.quantity for parcel in state.parcels for units in parcel.contents)
        assert in_parcels == state.count(Bucket.PACKED, Bucket.HANDED_OVER, Bucket.RECEIVED)
        assert state.cancelled_at is None or state.count(*LIVE) == 0
    assert state == ORDER.fold(STREAM, history)


@pytest.mark.slow
@given(beginnings, st.lists(sent, max_size=20))
@settings(max_examples=300)
def test_a_command_sent_twice_never_makes_the_same_fact_twice(
    history: tuple[OrderEvent, ...], later: list[Sent]
) -> None:
    state = ORDER.fold(STREAM, history)
    for one in later:
        state = applied(state, decided(state, one) or ())
        names_a_portion = isinstance(one.command, RecallFromWarehouse | RequestCancel) and one.command.lines
        if not isinstance(one.command, CUMULATIVE) and not names_a_portion:
            assert not decided(state, one)


@given(beginnings, st.lists(sent, max_size=10))
def test_a_workflow_command_is_never_refused(history: tuple[OrderEvent, ...], later: list[Sent]) -> None:
    state = ORDER.fold(STREAM, history)
    for one in later:
        by_workflow = isinstance(one.command, WORKFLOW)
        events = decided(state, Sent(one.command, Role.WORKFLOW, "workflow") if by_workflow else one)
        assert events is not None or not by_workflow
        state = applied(state, events or ())


@given(beginnings, st.lists(likely(Taken), min_size=1, max_size=4), sent)
def test_nobody_is_stopped_by_who_has_taken_the_order(
    history: tuple[OrderEvent, ...], takes: list[Taken], one: Sent
) -> None:
    free = ORDER.fold(STREAM, history)
    taken = applied(free, tuple(take.model_copy(update={"until": NOW + timedelta(days=1)}) for take in takes))
    if not isinstance(one.command, TAKING):
        assert without_colleague(decided(taken, one)) == decided(free, one)


def without_colleague(events: tuple[OrderEvent, ...] | None) -> tuple[OrderEvent, ...] | None:
    """The events, but for from whom somebody who begins to pick took the order."""
    if events is None:
        return None
    return tuple(
        event.model_copy(update={"taken_from": None}) if isinstance(event, PickStarted) else event for event in events
    )


def test_an_event_costs_what_it_touches_not_what_the_order_is_long() -> None:
    before = ORDER.fold(STREAM, lived(place(*[5] * 700)))
    reserved = UnitsReserved(
        occurred_at=NOW,
        sku="SKU-350",
        location="main",
        stock_version=1,
        moves=moves(Bucket.OPEN, Bucket.RESERVED, (350, 5)),
        still_open=1,
    )
    left = SentToWarehouse(occurred_at=NOW, location="main", moves=moves(Bucket.RESERVED, Bucket.SENT, (350, 5)))
    for event in (reserved, left):
        after = ORDER.evolve(before, event)
        assert before is not None
        assert after is not None
        pages = zip(before.lines._pages, after.lines._pages, strict=True)
        assert sum(one is not other for one, other in pages) == 1
        assert after.by_sku is before.by_sku
        before = after
