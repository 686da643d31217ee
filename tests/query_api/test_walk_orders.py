"""What a picker is told of an order before anything is taken for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.decider import Context
from domain.offering import Act, UnitsWithin
from domain.offers import order_offers
from domain.order.commands import ConfirmIfReady, SendIfReady
from domain.order.events import Taken
from domain.order.state import Order
from domain.roles import Department, Role
from query_api.walk_orders import WalkOrder, another_on, joining, lines_of, short_pick_of, start_of
from query_api.walks import Walk
from tests.domain.order.orders import SENT, STREAM, answer, folded, lived, order_of, place
from tests.spec import NOW

UNTIL = NOW + timedelta(minutes=30)
BY_WEI = Taken(occurred_at=NOW, department=Department.WAREHOUSE, person="wei", until=UNTIL)
ADA = Context(actor="ada", role=Role.WAREHOUSE, occurred_at=NOW, stream=STREAM)


def order(*taken: Taken) -> Order:
    return folded((*lived(*SENT), *taken))


def walked(state: Order, who: Context = ADA, *, anyway: bool = False) -> WalkOrder:
    return WalkOrder(
        0,
        state.number,
        None,
        state,
        (),
        anyway,
        another_on(state, who.actor, lambda take: take.stands(who.occurred_at)),
    )


@pytest.mark.parametrize(
    ("who", "stops"),
    [(ADA, True), (replace(ADA, actor="wei"), False), (replace(ADA, occurred_at=UNTIL), False)],
    ids=["a colleague", "themselves", "once their time is over"],
)
def test_who_is_on_an_order_is_told_to_others_as_long_as_they_are(who: Context, *, stops: bool) -> None:
    told = walked(order(BY_WEI), who).against
    assert (told is not None) is stops
    if told is not None:
        assert (told.name, told.about["name"], told.may_go_on) == ("taken", "wei", True)


def test_a_take_of_another_department_stops_no_picker() -> None:
    assert walked(order(BY_WEI.model_copy(update={"department": Department.SALES}))).against is None


def test_whoever_picks_all_the_same_is_stopped_no_more_and_only_such_orders_join_a_walk() -> None:
    taken, free = walked(order(BY_WEI)), walked(order())
    assert walked(order(BY_WEI), anyway=True).against is None
    assert [(each.place, each.number) for each in joining((taken, free))] == [(0, free.number)]


@pytest.mark.parametrize(("taken", "act"), [((BY_WEI,), Act.TAKE_OVER_PICK), ((), Act.START_PICK)])
def test_whoever_picks_all_the_same_begins_to_pick_by_the_act_that_says_whose_it_is(
    taken: tuple[Taken, ...], act: Act
) -> None:
    state = order(*taken)
    begin = start_of([replace(walked(state, anyway=True), offers=order_offers(state, {}, ADA))])
    assert begin is not None
    assert begin.act is act


def limited(state: Order, *, anyway: bool = False) -> WalkOrder:
    """With all that the order offers to somebody of the warehouse."""
    return replace(walked(state, anyway=anyway), offers=order_offers(state, {}, ADA))


def test_while_something_speaks_against_an_order_nothing_of_it_is_to_be_picked_nor_begun() -> None:
    stopped, anyway = limited(order(BY_WEI)), limited(order(BY_WEI), anyway=True)
    assert ([each.likely for each in anyway.limits], stopped.limits) == ([10], ())
    assert start_of([anyway]) is not None
    assert start_of([stopped]) is None


def test_units_that_may_have_been_picked_and_are_not_to_be_are_no_part_of_a_walk() -> None:
    part = order_of(place(4, 1), answer((1, 4, 0)), answer((2, 0, 1), sku="SKU-2"), ConfirmIfReady(), SendIfReady())
    there = limited(part)
    assert there.pick is not None
    within = there.pick.limits["units"]
    assert isinstance(within, UnitsWithin)
    assert [each.line for each in within.lines] == [1, 2]
    assert [each.line for each in there.limits] == [1]


def test_of_a_line_nothing_is_missing_once_all_of_it_is_taken() -> None:
    there = limited(order())
    (line,) = lines_of(there, {})
    some, all_of_it = (Walk((replace(line, got=got),)) for got in (9, 10))
    form = short_pick_of("0.1", [there], some)
    assert form is not None
    assert form.act is Act.SHORT_PICK
    assert short_pick_of("0.1", [there], all_of_it) is None


def test_orders_keep_their_places_while_lines_are_named_by_them_and_only_one_that_comes_is_left_out() -> None:
    taken, free = walked(order(BY_WEI)), replace(walked(order()), place=1)
    assert joining((taken, free, replace(taken, place=2)), 2) == [taken, free]
