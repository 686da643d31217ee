"""What holds for a stock item whatever is sent to it, in whatever order, however often."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import STOCK
from domain.event_values import LineTotal, Shortage
from domain.stock import allocation
from domain.stock.allocation import ALL_OR_NOTHING
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
from domain.stock.entries import filled
from domain.stock.events import OfOrder, StockApportioned, StockEvent, StockPended, WantAnswered, answers_of
from domain.stock.evolve import entry_after
from domain.stock.state import Entry, StockItem
from domain.stock.terms import Place
from tests.domain.stock.example import CONTEXT, STREAM
from tests.spec import NOW
from tests.strategies import any_of

ORDERS = [UUID(int=number) for number in range(1, 6)]
orders = st.sampled_from(ORDERS)
versions = st.integers(1, 6)
moments = st.none() | st.sampled_from([NOW + timedelta(minutes=minutes) for minutes in (-5, 5)])
totals = st.dictionaries(st.integers(1, 3), st.integers(0, 6), min_size=1).map(
    lambda lines: tuple(LineTotal(line=line, quantity=quantity) for line, quantity in lines.items())
)
wants = st.builds(
    Want,
    order_id=orders,
    order_version=versions,
    lines=totals,
    priority=st.integers(0, 2),
    promise=st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 3)),
    shortage=st.sampled_from(Shortage),
    provisional=st.booleans(),
    deferred=st.sampled_from([False, False, True]),
)


def facts(kind: type[Stage | WriteOff | Issue]) -> st.SearchStrategy[Stage | WriteOff | Issue]:
    return st.builds(kind, order_id=orders, order_version=versions, lines=totals, occurred_at=moments)


repeatable: st.SearchStrategy[StockCommand] = st.one_of(
    wants,
    facts(Stage),
    facts(WriteOff),
    facts(Issue),
    st.builds(Close, order_id=orders, order_version=versions),
)
commands: st.SearchStrategy[StockCommand] = st.one_of(
    repeatable,
    wants,
    st.builds(ReceiveStock, quantity=st.integers(1, 12)),
    st.builds(CountStock, counted=st.integers(0, 12), occurred_at=moments),
    st.builds(TakeExcess, order_id=orders, order_version=versions, quantity=st.integers(1, 4), occurred_at=moments),
    st.builds(Allocate),
)
many_commands = st.lists(commands, max_size=25)


def run(state: StockItem, command: StockCommand) -> tuple[StockItem, tuple[StockEvent, ...]]:
    events = STOCK.decide(state, command, replace(CONTEXT, occurred_at=command.occurred_at or NOW))
    for event in events:
        state = STOCK.evolve(state, event)
    return state, events


def through(state: StockItem, occurred_at: datetime = NOW) -> StockItem:
    """The item once it has gone on as long as there was more, as of when that began."""
    while state.allocating:
        state, events = run(state, Allocate(occurred_at=occurred_at))
        assert events
    return state


def at_rest(state: StockItem, command: StockCommand) -> StockItem:
    return through(run(state, command)[0], command.occurred_at or NOW)


def after_all(
    commands_in_turn: Iterable[StockCommand], step: Callable[[StockItem, StockCommand], StockItem]
) -> StockItem:
    state = STOCK.initial(STREAM)
    for command in commands_in_turn:
        state = step(state, command)
    return state


def unsettled(state: StockItem, command: StockCommand) -> StockItem:
    """`Allocate` comes whenever it comes."""
    return run(state, command)[0]


def small_portions(lines: int = 2) -> AbstractContextManager[Any]:
    return patch.object(allocation, "PORTION", lines)


def assert_sound(state: StockItem) -> None:
    """What holds at every moment."""
    entries = list(state.entries.values())
    assert state.staged == sum(entry.staged for entry in entries) <= state.on_hand
    assert state.reserved == sum(entry.reserved for entry in entries)
    assert state.waiting == sum(entry.waiting for entry in entries)
    assert all(number >= 0 for entry in entries for line in entry.lines for number in line)
    assert all(0 <= entry.first <= entry.waiting and 0 <= entry.missing <= entry.waiting for entry in entries)
    assert state.missing == sum(entry.missing for entry in entries)
    assert 0 <= state.shortfall <= state.waiting + max(-state.available, 0)
    assert state == filled(state, entries)
    assert state.lists == filled(state, entries).lists


def assert_at_rest(state: StockItem) -> None:
    """What holds once the item is through."""
    assert state.available >= 0
    entries = list(state.entries.values())
    eligible = sorted((entry for entry in entries if entry.waiting and not entry.deferred), key=attrgetter("turn"))
    for entry in eligible:
        whole = entry.shortage in ALL_OR_NOTHING
        if whole and entry.undecided and state.available < entry.waiting:
            break  # who comes after it waits with it
        assert state.available < (entry.waiting if whole else 1), "a free unit lies beside an order that could take it"
    if any(entry.undecided for entry in eligible):
        assert any(entry.provisional and entry.reserved and not entry.undecided for entry in entries)


@given(many_commands, st.sampled_from([2, 1_000]))
@settings(deadline=None)
def test_at_rest_nothing_is_promised_twice_and_no_free_unit_lies_beside_who_could_take_it(
    sequence: list[StockCommand], portion: int
) -> None:
    with small_portions(portion):
        state = STOCK.initial(STREAM)
        for command in sequence:
            state = at_rest(state, command)
            assert_sound(state)
            assert_at_rest(state)


@pytest.mark.slow
@given(many_commands, st.sampled_from([2, 1_000]))
@settings(max_examples=1_000, deadline=None)
def test_at_rest_the_same_holds_in_many_more_histories(sequence: list[StockCommand], portion: int) -> None:
    with small_portions(portion):
        state = STOCK.initial(STREAM)
        for command in sequence:
            state = at_rest(state, command)
            assert_sound(state)
            assert_at_rest(state)


@given(many_commands)
@settings(deadline=None)
def test_an_item_that_is_not_through_is_sound_and_comes_to_rest(sequence: list[StockCommand]) -> None:
    with small_portions():
        state = STOCK.initial(STREAM)
        for command in sequence:
            state = unsettled(state, command)
            assert_sound(state)
        assert_at_rest(through(state))


@given(many_commands, commands)
@settings(deadline=None)
def test_no_reservation_makes_availability_negative(sequence: list[StockCommand], command: StockCommand) -> None:
    with small_portions():
        state = after_all(sequence, unsettled)
        for event in STOCK.decide(state, command, CONTEXT):
            after = STOCK.evolve(state, event)
            if after.reserved + after.staged > state.reserved + state.staged and after.on_hand == state.on_hand:
                assert after.available >= 0 or isinstance(command, Stage | Issue)
            state = after


@given(many_commands, commands)
@settings(deadline=None)
def test_portions_come_to_what_one_big_decision_comes_to(sequence: list[StockCommand], command: StockCommand) -> None:
    before = after_all(sequence, at_rest)
    with small_portions():
        in_portions = at_rest(before, command)
    at_once = at_rest(before, command)
    assert in_portions == at_once


@given(many_commands, repeatable)
@settings(deadline=None)
def test_a_command_of_an_order_that_comes_again_is_decided_to_nothing(
    sequence: list[StockCommand], command: StockCommand
) -> None:
    once, events = run(after_all(sequence, at_rest), command)
    if not isinstance(command, Close):
        assert run(once, command) == (once, ())
    elif events:
        assert run(once, command)[1] == ()


@given(many_commands, commands)
@settings(deadline=None)
def test_units_only_move_between_places_that_have_them(sequence: list[StockCommand], command: StockCommand) -> None:
    state = after_all(sequence, unsettled)
    for event in run(state, command)[1]:
        parts = [event] if isinstance(event, OfOrder) else event.answers if isinstance(event, StockApportioned) else ()
        for part in parts:
            entry = state.entries.get(part.order_id) or Entry(part.order_id)
            moved = entry_after(entry, part.moves)
            wanted = sum(line.wanted for line in moved.lines) - sum(line.wanted for line in entry.lines)
            into = sum(move.quantity for move in part.moves if move.source is Place.NOT_WANTED)
            out_of = sum(move.quantity for move in part.moves if move.target is Place.NOT_WANTED)
            assert wanted == into - out_of
            assert all(move.quantity > 0 and move.source is not move.target for move in part.moves)
        state = STOCK.evolve(state, event)
        assert_sound(state)


@given(many_commands, commands)
@settings(deadline=None)
def test_one_decision_tells_each_order_at_most_once_and_as_it_stands_after_it(
    sequence: list[StockCommand], command: StockCommand
) -> None:
    with small_portions():
        before = after_all(sequence, unsettled)
        after, events = run(before, command)
    answers = [answer for event in events for answer in answers_of(event)]
    assert len({answer.order_id for answer in answers}) == len(answers)
    for answer in answers:
        entry = after.entries[answer.order_id]
        known = {line.line: (line.held, line.waiting) for line in entry.lines}
        assert all(known.get(line.line, (0, 0)) == (line.reserved, line.waiting) for line in answer.lines)
        assert answer.want_version == entry.want_version
        assert not entry.undecided


@given(many_commands, commands)
@settings(deadline=None)
def test_who_has_more_or_less_than_before_is_told_unless_it_is_undecided_or_over(
    sequence: list[StockCommand], command: StockCommand
) -> None:
    before = after_all(sequence, at_rest)
    after, events = run(before, command)
    told = {answer.order_id for event in events for answer in answers_of(event)}
    for order_id, entry in after.entries.items():
        known = before.entries.get(order_id) or Entry(order_id)
        changed = [(line.line, line.held, line.waiting) for line in entry.lines if line.wanted] != [
            (line.line, line.held, line.waiting) for line in known.lines if line.wanted
        ]
        decided = known.undecided and not entry.undecided
        if (changed or decided) and not entry.undecided:
            assert order_id in told


@given(many_commands, wants)
@settings(deadline=None)
def test_a_newer_want_is_answered_first_and_by_one_event(sequence: list[StockCommand], command: Want) -> None:
    before = after_all(sequence, unsettled)
    known = before.entries.get(command.order_id)
    after, events = run(before, command)
    if known is not None and command.order_version <= known.want_version:
        assert events == ()
    else:
        assert isinstance(events[0], WantAnswered)
        assert events[0].order_id == command.order_id
        assert isinstance(events[0], StockPended) == after.entries[command.order_id].undecided
        assert len(events) <= 2


@given(many_commands)
@settings(deadline=None)
def test_a_stock_item_is_the_fold_of_its_events(sequence: list[StockCommand]) -> None:
    state, events = STOCK.initial(STREAM), list[StockEvent]()
    for command in sequence:
        state, decided = run(state, command)
        events += decided
    assert STOCK.fold(STREAM, events) == state


any_events = st.lists(st.one_of(*(any_of(kind) for kind in STOCK.events)), max_size=12)


@given(any_events)
@settings(deadline=None)
def test_evolve_never_raises_whatever_the_events_say(events: list[StockEvent]) -> None:
    assert isinstance(STOCK.fold(STREAM, events), StockItem)


@given(many_commands, st.data())
@settings(deadline=None)
def test_evolve_never_raises_whatever_happened_before(sequence: list[StockCommand], data: st.DataObject) -> None:
    """Events of another history, shuffled and thinned out: nothing that decide would ever write."""
    state, events = STOCK.initial(STREAM), list[StockEvent]()
    for command in sequence:
        state, decided = run(state, command)
        events += decided
    kept = data.draw(st.lists(st.sampled_from(events), max_size=30)) if events else []
    assert isinstance(STOCK.fold(STREAM, kept), StockItem)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.integers(0, 30))
@settings(deadline=None)
def test_of_so_many_units_exactly_as_many_as_are_wanted_are_granted(demands: list[int], units: int) -> None:
    receipts: list[StockCommand] = [ReceiveStock(quantity=units)] if units else []
    asked: list[StockCommand] = [
        newest(UUID(int=number), 1, (demand,)) for number, demand in enumerate(demands, start=1)
    ]
    for sequence in ([*receipts, *asked], [*asked, *receipts]):
        assert after_all(sequence, at_rest).reserved == min(units, sum(demands))


def newest(order: UUID, version: int, quantities: Iterable[int]) -> Want:
    return Want(
        order_id=order,
        order_version=version,
        lines=tuple(LineTotal(line=line, quantity=total) for line, total in enumerate(quantities, 1)),
        priority=5,
        promise=None,
        shortage=Shortage.WAIT,
    )


quantities = st.integers(0, 6)


@given(
    st.lists(st.tuples(quantities, quantities), min_size=1, max_size=5).flatmap(
        lambda wanted: st.tuples(st.just(wanted), st.permutations(range(1, len(wanted) + 1)))
    ),
    st.integers(0, 8),
)
@settings(deadline=None)
def test_wants_that_overtake_each_other_end_in_the_newest_ones_totals(
    given_wants: tuple[list[tuple[int, int]], list[int]], units: int
) -> None:
    wanted, order_of_arrival = given_wants
    sequence: list[StockCommand] = [ReceiveStock(quantity=units)] if units else []
    sequence += [newest(ORDERS[0], version, wanted[version - 1]) for version in order_of_arrival]
    entry = after_all(sequence, at_rest).entries[ORDERS[0]]
    totals = {line.line: line.wanted for line in entry.lines}
    assert (totals.get(1, 0), totals.get(2, 0)) == wanted[-1]
    assert entry.reserved == min(units, sum(wanted[-1]))
