"""What holds for a stock item whatever is sent to it, in whatever order, however often."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import STOCK
from domain.stock.commands import CountStock, Issue, ReceiveStock, Stage, StockCommand, Want, WriteOff
from domain.stock.events import StockEvent, StockReserved
from domain.stock.state import StockItem
from domain.values import LineTotal
from tests.domain.stock.example import CONTEXT, STREAM

ORDERS = [UUID(int=number) for number in range(1, 5)]
orders = st.sampled_from(ORDERS)
versions = st.integers(1, 6)
quantities = st.integers(0, 6)
promises = st.none() | st.dates(date(2026, 3, 1), date(2026, 3, 4))
totals = st.dictionaries(st.integers(1, 3), quantities, min_size=1).map(
    lambda lines: tuple(LineTotal(line=line, quantity=quantity) for line, quantity in lines.items())
)
wants = st.builds(
    Want,
    order_id=orders,
    order_version=versions,
    lines=totals,
    priority=st.none() | st.integers(0, 9),
    promise=promises,
    occurred_at=st.none(),
    reason=st.none(),
)


def facts(kind: type[Stage | WriteOff | Issue]) -> st.SearchStrategy[Stage | WriteOff | Issue]:
    return st.builds(
        kind, order_id=orders, order_version=versions, lines=totals, occurred_at=st.none(), reason=st.none()
    )


commands: st.SearchStrategy[StockCommand] = st.one_of(
    wants,
    st.builds(ReceiveStock, quantity=st.integers(1, 12), document=st.none(), occurred_at=st.none(), reason=st.none()),
    st.builds(CountStock, counted=st.integers(0, 12), occurred_at=st.none(), reason=st.none()),
    facts(Stage),
    facts(WriteOff),
    facts(Issue),
)
many_commands = st.lists(commands, max_size=25)


def run(state: StockItem, command: StockCommand) -> tuple[StockItem, tuple[StockEvent, ...]]:
    events = STOCK.decide(state, command, CONTEXT)
    for event in events:
        state = STOCK.evolve(state, event)
    return state, events


def after_all(commands_in_turn: Iterable[StockCommand]) -> StockItem:
    state = STOCK.initial(STREAM)
    for command in commands_in_turn:
        state, _ = run(state, command)
    return state


def assert_lawful(state: StockItem) -> None:
    entries = list(state.entries.values())
    lines = [line for entry in entries for line in entry.lines]
    assert state.available >= 0
    assert state.on_hand >= state.staged >= 0
    assert state.waiting == 0 or state.available == 0
    assert (state.reserved, state.waiting, state.staged) == (
        sum(line.reserved for line in lines),
        sum(line.waiting for line in lines),
        sum(line.staged for line in lines),
    )
    assert all(line.wanted == line.reserved + line.waiting + line.staged + line.issued for line in lines)
    assert all(min(line.reserved, line.waiting, line.staged, line.issued) >= 0 for line in lines)
    assert sorted(state.waiting_list) == sorted(entry.order_id for entry in entries if entry.waiting)
    assert list(state.waiting_list) == sorted(state.waiting_list, key=lambda order: turn(state, order))
    assert sorted(entry.arrival for entry in entries) == list(range(1, len(entries) + 1))
    assert not any(entry.first and not entry.waiting for entry in entries)


def turn(state: StockItem, order: UUID) -> tuple[bool, int, date, int]:
    entry = state.entries[order]
    return not entry.first, entry.priority, entry.promise or date.max, entry.arrival


@pytest.mark.slow
@given(many_commands)
@settings(max_examples=300, deadline=None)
def test_no_sequence_of_commands_oversells_or_lets_anybody_wait_while_a_unit_is_free(
    sequence: list[StockCommand],
) -> None:
    state = STOCK.initial(STREAM)
    for command in sequence:
        state, _ = run(state, command)
        assert_lawful(state)


@given(many_commands, commands)
@settings(deadline=None)
def test_a_total_that_comes_again_is_decided_to_nothing(sequence: list[StockCommand], command: StockCommand) -> None:
    once, _ = run(after_all(sequence), command)
    if not isinstance(command, ReceiveStock | CountStock):
        assert run(once, command) == (once, ())


@given(many_commands)
@settings(deadline=None)
def test_a_stock_item_is_the_fold_of_its_events(sequence: list[StockCommand]) -> None:
    state, events = STOCK.initial(STREAM), list[StockEvent]()
    for command in sequence:
        state, decided = run(state, command)
        events += decided
    assert STOCK.fold(STREAM, events) == state


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
        Want(order_id=UUID(int=number), order_version=1, lines=(LineTotal(line=1, quantity=demand),))
        for number, demand in enumerate(demands, start=1)
    ]
    for sequence in ([*receipts, *asked], [*asked, *receipts]):
        assert after_all(sequence).reserved == min(units, sum(demands))


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
    sequence += [
        Want(
            order_id=ORDERS[0],
            order_version=version,
            lines=tuple(LineTotal(line=line, quantity=total) for line, total in enumerate(wanted[version - 1], 1)),
        )
        for version in order_of_arrival
    ]
    entry = after_all(sequence).entries[ORDERS[0]]
    assert tuple(line.wanted for line in entry.lines) == wanted[-1]
    assert entry.reserved == min(units, sum(wanted[-1]))


@given(many_commands, commands)
@settings(deadline=None)
def test_one_decision_tells_an_order_at_most_once_that_units_became_reserved(
    sequence: list[StockCommand], command: StockCommand
) -> None:
    _, events = run(after_all(sequence), command)
    served = [event.order_id for event in events if isinstance(event, StockReserved)]
    assert len(served) == len(set(served))


@given(many_commands, wants)
@settings(deadline=None)
def test_a_newer_want_is_always_answered_first_and_once(sequence: list[StockCommand], command: Want) -> None:
    before = after_all(sequence)
    known = before.entries.get(command.order_id)
    _, events = run(before, command)
    if known is not None and command.order_version <= known.want_version:
        assert events == ()
    else:
        answers = [getattr(event, "order_id", None) for event in events]
        assert answers.index(command.order_id) == 0
        assert answers.count(command.order_id) == 1
