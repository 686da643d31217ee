"""An order that is over leaves the item; what it still had here is free again."""

from domain.stock.events import CountAsked, EntryClosed, StockAllocated
from domain.stock.terms import Place, Shift
from tests.domain.stock.example import ADA, BOB, after, close, given, issue, receive, stage, told, units, want
from tests.spec import NOW


def test_an_order_that_is_over_is_forgotten() -> None:
    history = after(receive(5), want(ADA, 3), stage(ADA, 3), issue(ADA, 3))
    outcome = history.when(close(ADA))
    outcome.then(EntryClosed(occurred_at=NOW, order_id=ADA, order_version=9, moves=()))
    assert (ADA in outcome.state.entries, outcome.state.on_hand, outcome.state.available) == (False, 2, 2)


def test_what_was_still_reserved_or_waiting_goes_back_and_serves_others() -> None:
    outcome = after(receive(4), want(ADA, 6), want(BOB, 3)).when(close(ADA))
    state = outcome.then_kinds(EntryClosed, StockAllocated)
    closed = outcome.events[0]
    assert isinstance(closed, EntryClosed)
    assert closed.moves == (
        Shift(line=1, quantity=4, source=Place.RESERVED, target=Place.NOT_WANTED),
        Shift(line=1, quantity=2, source=Place.WAITING, target=Place.NOT_WANTED),
    )
    assert (units(state, BOB), state.waiting, state.available) == (((3, 0, 0, 0),), 0, 1)
    assert told(outcome.events) == {BOB: ((1, 3, 0),)}


def test_units_picked_for_an_order_that_is_over_are_looked_for() -> None:
    state = after(receive(4), want(ADA, 4), stage(ADA, 4)).when(close(ADA)).then_kinds(EntryClosed, CountAsked)
    assert (state.on_hand, state.staged, state.available) == (4, 0, 4)


def test_the_end_of_an_unknown_order_is_nothing() -> None:
    given().when(close(ADA)).then_nothing()
    after(receive(4), want(ADA, 4), close(ADA)).when(close(ADA, version=10)).then_nothing()
