"""What an order asks of a stock item and what it is answered."""

from datetime import date

from domain.event_values import Shortage
from domain.stock.events import (
    EntryClosed,
    StockAllocated,
    StockBackordered,
    StockFreed,
    StockKept,
    StockReceived,
    StockReserved,
    StockStaged,
    answers_of,
    reserves,
)
from domain.stock.terms import Answer, LineStanding, Place, Shift
from tests.domain.stock.example import (
    ADA,
    BOB,
    CYD,
    after,
    close,
    events_of,
    given,
    receive,
    stage,
    told,
    units,
    waiting_list,
    want,
)
from tests.spec import NOW


def test_units_that_are_there_are_reserved() -> None:
    given(StockReceived(occurred_at=NOW, quantity=10)).when(want(ADA, 4)).then(
        StockReserved(
            occurred_at=NOW,
            order_id=ADA,
            order_version=1,
            moves=(Shift(line=1, quantity=4, source=Place.NOT_WANTED, target=Place.RESERVED),),
            lines=(LineStanding(line=1, reserved=4, waiting=0),),
            priority=5,
            shortage=Shortage.WAIT,
            provisional=False,
            deferred=False,
            wanted=4,
            available=10,
        )
    )


def test_an_order_is_told_which_units_moved_and_how_its_lines_stand() -> None:
    assert answers_of(*events_of(want(ADA, 4, version=3))) == (
        Answer(
            order_id=ADA,
            want_version=3,
            moves=(Shift(line=1, quantity=4, source=Place.NOT_WANTED, target=Place.WAITING),),
            lines=(LineStanding(line=1, reserved=0, waiting=4),),
        ),
    )


def test_what_is_missing_waits_and_one_event_says_both() -> None:
    state = after(receive(6)).when(want(ADA, 10)).then_kinds(StockReserved)
    assert units(state, ADA) == ((6, 4, 0, 0),)
    assert waiting_list(state) == [ADA]


def test_units_that_all_wait_record_what_was_wanted_and_what_was_there() -> None:
    given().when(want(ADA, 3, promise=date(2026, 3, 9))).then(
        StockBackordered(
            occurred_at=NOW,
            order_id=ADA,
            order_version=1,
            moves=(Shift(line=1, quantity=3, source=Place.NOT_WANTED, target=Place.WAITING),),
            lines=(LineStanding(line=1, reserved=0, waiting=3),),
            priority=5,
            promise=date(2026, 3, 9),
            shortage=Shortage.WAIT,
            provisional=False,
            deferred=False,
            wanted=3,
            available=0,
        )
    )


def test_two_orders_for_the_last_unit_leave_one_of_them_waiting() -> None:
    state = after(receive(1), want(ADA, 1)).when(want(BOB, 1)).then_kinds(StockBackordered)
    assert (units(state, ADA), units(state, BOB)) == (((1, 0, 0, 0),), ((0, 1, 0, 0),))


def test_one_article_on_two_lines_is_granted_in_line_order() -> None:
    state = after(receive(5)).when(want(ADA, 3, 4)).then_kinds(StockReserved)
    assert units(state, ADA) == ((3, 0, 0, 0), (2, 2, 0, 0))


def test_the_same_want_twice_changes_nothing() -> None:
    after(receive(5), want(ADA, 3)).when(want(ADA, 3)).then_nothing()


def test_an_older_want_changes_nothing() -> None:
    after(receive(5), want(ADA, 3, version=7)).when(want(ADA, 5, version=6)).then_nothing()


def test_a_newer_want_of_the_same_is_recorded_so_that_an_older_one_stays_old() -> None:
    history = after(receive(5), want(ADA, 3, version=5), want(ADA, 3, version=9))
    assert type(history.events[-1]) is StockKept
    history.when(want(ADA, 1, version=7)).then_nothing()


def test_fewer_units_give_up_waiting_ones_before_reserved_ones() -> None:
    history = after(receive(6), want(ADA, 10))
    assert units(history.when(want(ADA, 7, version=2)).then_kinds(StockFreed), ADA) == ((6, 1, 0, 0),)
    assert units(history.when(want(ADA, 4, version=2)).then_kinds(StockFreed), ADA) == ((4, 0, 0, 0),)


def test_freed_units_go_to_who_waits_in_the_same_decision() -> None:
    state = (
        after(receive(6), want(ADA, 6), want(BOB, 2), want(CYD, 3))
        .when(want(ADA, 2, version=2))
        .then_kinds(StockFreed, StockAllocated)
    )
    assert [units(state, order)[0][:2] for order in (ADA, BOB, CYD)] == [(2, 0), (2, 0), (2, 1)]


def test_what_one_line_gives_up_another_line_of_the_order_may_get() -> None:
    state = after(receive(5), want(ADA, 5, 3)).when(want(ADA, 2, 3, version=2)).then_kinds(StockReserved)
    assert units(state, ADA) == ((2, 0, 0, 0), (3, 0, 0, 0))


def test_a_line_that_a_want_does_not_name_stays_as_it_is() -> None:
    state = after(receive(9), want(ADA, 3, 4)).when(want(ADA, 1, version=2)).then_kinds(StockFreed)
    assert units(state, ADA) == ((1, 0, 0, 0), (4, 0, 0, 0))


def test_wanting_nothing_frees_everything() -> None:
    state = after(receive(5), want(ADA, 8)).when(want(ADA, 0, version=2)).then_kinds(StockFreed)
    assert (state.available, state.waiting, waiting_list(state)) == (5, 0, [])


def test_a_new_priority_changes_the_turn() -> None:
    state = after(want(ADA, 1), want(BOB, 1)).when(want(BOB, 1, version=2, priority=1)).then_kinds(StockKept)
    assert waiting_list(state) == [BOB, ADA]


def test_an_order_is_told_of_every_line_that_its_want_names_or_changes() -> None:
    history = after(receive(5), want(ADA, 5, 3))
    assert told(history.when(want(ADA, 2, version=2)).events) == {ADA: ((1, 2, 0), (2, 3, 0))}


def test_the_answers_of_one_want_name_each_order_once() -> None:
    outcome = after(receive(6), want(ADA, 6), want(BOB, 2), want(CYD, 3)).when(want(ADA, 2, version=2))
    assert told(outcome.events) == {ADA: ((1, 2, 0),), BOB: ((1, 2, 0),), CYD: ((1, 2, 1),)}


def test_only_what_reserves_free_units_counts_as_a_reservation() -> None:
    history = events_of(receive(2), want(ADA, 2), want(BOB, 1), stage(ADA, 2), stage(ADA, 0, version=3), close(ADA))
    assert [(type(event), reserves(event)) for event in history] == [
        (StockReceived, False),
        (StockReserved, True),
        (StockBackordered, False),
        (StockStaged, False),
        (StockStaged, False),
        (EntryClosed, False),
        (StockAllocated, True),
    ]
