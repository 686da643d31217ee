"""A count entered after newer facts is compared with the book of its own time; what moved since stays moved."""

from datetime import timedelta

from domain.stock.commands import Stage
from domain.stock.events import CountAsked, StockCounted
from domain.stock.movements import MOST
from tests.domain.stock.example import (
    ADA,
    after,
    count,
    issue,
    receive,
    stage,
    take_excess,
    units,
    want,
    write_off,
)
from tests.spec import NOW

BEFORE, LATER = NOW - timedelta(minutes=5), NOW + timedelta(minutes=5)


def test_units_picked_after_a_count_that_is_entered_late_have_left_what_it_found() -> None:
    """Ten counted, four of them picked five minutes later, then the count is entered: six lie there, not ten."""
    outcome = after(receive(10, at=BEFORE), want(ADA, 4), stage(ADA, 4, at=LATER)).when(count(10))
    state = outcome.then(StockCounted(occurred_at=NOW, counted=10, expected=10, difference=0))
    assert (state.shelf, state.available, state.count_asked_at) == (6, 6, None)


def test_goods_that_came_after_a_count_that_is_entered_late_lie_there_too() -> None:
    """One counted, ten received five minutes later, then the count is entered: nobody's units are taken back."""
    outcome = after(receive(1, at=BEFORE), receive(10, at=LATER), want(ADA, 8)).when(count(1))
    state = outcome.then_kinds(StockCounted)
    assert (state.shelf, units(state, ADA)) == (11, ((8, 0, 0, 0),))


def test_a_late_count_corrects_the_book_by_what_was_wrong_then() -> None:
    state = after(receive(10, at=BEFORE), want(ADA, 4), stage(ADA, 4, at=LATER)).when(count(7)).state
    assert (state.shelf, state.counted_at) == (3, NOW)


def test_units_put_back_left_unseen_or_picked_in_excess_after_a_late_count_moved_too() -> None:
    put_back = after(receive(9, at=BEFORE), want(ADA, 4), stage(ADA, 4, at=BEFORE), stage(ADA, 1, version=3, at=LATER))
    assert put_back.when(count(5)).state.shelf == 8
    assert after(receive(9, at=BEFORE), want(ADA, 4), issue(ADA, 4, at=LATER)).when(count(8)).state.shelf == 4
    assert after(receive(9, at=BEFORE), take_excess(ADA, 2, at=LATER)).when(count(8)).state.shelf == 6


def test_units_picked_that_the_book_did_not_know_of_were_found_by_the_late_count() -> None:
    history = after(stage(ADA, 4, at=LATER))
    state = history.when(count(4)).then(StockCounted(occurred_at=NOW, counted=4, expected=4, difference=0))
    assert (state.on_hand, state.shelf) == (4, 0)


def test_units_a_picker_missed_after_a_late_count_are_missing_once() -> None:
    """Of ten, two are not there: count and picker say the same. A third one the count alone knows of."""
    history = after(receive(10, at=BEFORE), want(ADA, 10), write_off(ADA, 2, at=LATER))
    assert [history.when(count(found)).state.shelf for found in (10, 9, 8, 7)] == [8, 8, 8, 7]
    assert history.when(count(12)).state.shelf == 10


def test_what_a_picker_missed_after_a_late_count_is_to_be_counted_again() -> None:
    """The task is older than the count, and what was missed last is newer."""
    missed = (write_off(ADA, 2, at=BEFORE), write_off(ADA, 3, version=4, at=LATER))
    history = after(receive(10, at=BEFORE), want(ADA, 9), *missed)
    assert history.state.count_asked_at == BEFORE
    assert history.when(count(8)).state.count_asked_at == NOW


def test_where_more_left_since_than_a_late_count_found_the_shelf_is_in_doubt() -> None:
    outcome = after(receive(9, at=BEFORE), want(ADA, 4), stage(ADA, 4, at=LATER)).when(count(3))
    state = outcome.then_kinds(StockCounted, CountAsked)
    assert (state.shelf, state.on_hand) == (0, 4)


def test_a_count_that_is_older_than_what_is_remembered_is_recorded_and_made_again() -> None:
    busy = after(receive(1_000, at=BEFORE), want(ADA, 1_000), *(pick_at(second) for second in range(1, MOST + 2)))
    outcome = busy.when(count(5))
    state = outcome.then_kinds(StockCounted, CountAsked)
    assert (state.shelf, state.counted_at) == (busy.state.shelf, None)
    assert busy.when(count(990, at=NOW + timedelta(seconds=2))).state.shelf == 990 - (MOST - 1)


def test_movements_are_remembered_over_a_weekend_and_no_longer() -> None:
    friday, monday = NOW - timedelta(days=2, hours=23), NOW
    history = after(receive(9, at=friday - timedelta(days=1)), receive(1, at=friday), receive(2, at=monday))
    assert history.when(count(5, at=friday)).state.shelf == 7
    assert history.when(count(5, at=friday - timedelta(hours=2))).state.shelf == 12
    assert len(history.state.movements) == 2


def test_what_was_counted_is_remembered_no_longer() -> None:
    history = after(receive(9, at=BEFORE), receive(1, at=LATER), count(9))
    assert [movement.units for movement in history.state.movements] == [1]
    assert history.when(receive(5, at=BEFORE)).state.movements == history.state.movements


def test_a_count_older_than_the_newest_leaves_the_count_task_of_a_receipt_before_that() -> None:
    history = after(count(10), receive(5, at=BEFORE))
    assert history.when(count(9, at=BEFORE)).state.count_asked_at == BEFORE


def pick_at(second: int) -> Stage:
    """One unit more, so many seconds from now."""
    return stage(ADA, second, version=second, at=NOW + timedelta(seconds=second))
