from datetime import timedelta

import pytest

from domain.event_values import LineKind
from domain.order.commands import Hold, RequestCancel, Resume, SendIfReady
from domain.order.decisions.holds import FourEyes, HoldOfAnotherDepartment, NoSuchHold
from domain.order.decisions.shared_refusals import OrderClosed
from domain.order.events import Held, HoldPlaced, Resumed, SentToWarehouse, StockAsked
from domain.order.terms import HoldType, Step
from domain.roles import Party, Role
from domain.values import Units
from tests.domain.order.orders import (
    CONFIRMED,
    PLACED,
    TERMS,
    given,
    goods,
    hold_terms,
    lived,
    of_kind,
    place,
    wants,
)
from tests.spec import NOW

STOP = Hold(type=HoldType.ADDRESS, reason="no such street")
GO = Resume(hold=1, reason="street found")


def test_a_hold_is_numbered_and_knows_who_placed_it() -> None:
    review_at = NOW + timedelta(days=1)
    command = Hold(type=HoldType.ADDRESS, reason="no such street", blocks=(Step.SEND,), review_at=review_at)
    order = (
        given(*lived(place(10, holds=(hold_terms(),))))
        .when(command, by="cleo")
        .then(
            Held(
                occurred_at=NOW,
                reason="no such street",
                hold=HoldPlaced(
                    number=2,
                    type=HoldType.ADDRESS,
                    blocks=(Step.SEND,),
                    reason="no such street",
                    review_at=review_at,
                    placed_by="cleo",
                    placed_at=NOW,
                ),
            )
        )
    )
    assert order is not None
    assert [hold.number for hold in order.holds] == [1, 2]


def test_a_lifted_hold_gives_way_and_the_order_goes_on_where_it_stood() -> None:
    held = lived(*CONFIRMED, STOP)
    given(*held).when(SendIfReady(), role=Role.WORKFLOW).then_nothing()
    resumed = given(*held).when(GO, by="cleo").events
    assert resumed == (Resumed(occurred_at=NOW, reason="street found", hold=1, resumed_by="cleo"),)
    given(*held, *resumed).when(SendIfReady(), role=Role.WORKFLOW).then_kinds(SentToWarehouse)


def test_a_hold_is_lifted_once() -> None:
    given(*lived(*PLACED, STOP, GO)).when(GO).then_nothing()


def test_a_hold_that_never_was_cannot_be_lifted() -> None:
    given(*lived(*PLACED)).when(GO).then_rejected(NoSuchHold, saying="Hold 1 of 0")


@pytest.mark.parametrize(
    ("placed_by", "lifts"),
    [("Ada King", "ada king"), ("Ada King", " ADA  KING"), ("Ada King", "AdaKing"), ("sam", "Sam")],
)
def test_a_name_written_in_another_way_is_no_second_pair_of_eyes(placed_by: str, lifts: str) -> None:
    placed = lived(*PLACED, by="fay")
    held = (*placed, *given(*placed).when(Hold(type=HoldType.FRAUD, reason="odd"), by=placed_by).events)
    given(*held).when(GO, by=lifts, role=Role.FINANCE).then_rejected(FourEyes)


@pytest.mark.parametrize("type_", [HoldType.STOCK, HoldType.DATE_UNKNOWN])
def test_purchasing_places_the_holds_that_wait_for_purchasing(type_: HoldType) -> None:
    given(*lived(*PLACED)).when(Hold(type=type_, reason="supplier silent"), role=Role.PURCHASING).then_kinds(Held)


@pytest.mark.parametrize("type_", [HoldType.CREDIT, HoldType.MANUAL, HoldType.PRICE])
def test_purchasing_places_no_hold_of_another_department(type_: HoldType) -> None:
    given(*lived(*PLACED)).when(Hold(type=type_, reason="x"), role=Role.PURCHASING).then_rejected(
        HoldOfAnotherDepartment, saying=type_.value
    )
    given(*lived(*PLACED)).when(Hold(type=type_, reason="x"), role=Role.SALES).then_kinds(Held)


@pytest.mark.parametrize("type_", [HoldType.FRAUD, HoldType.CREDIT])
def test_neither_who_placed_the_order_nor_who_placed_the_hold_lifts_a_fraud_or_credit_hold(type_: HoldType) -> None:
    placed = lived(*PLACED, by="sam")
    held = (*placed, *given(*placed).when(Hold(type=type_, reason="odd"), by="fay").events)
    for same in ("sam", "fay"):
        given(*held).when(GO, by=same, role=Role.FINANCE).then_rejected(FourEyes)
    given(*held).when(GO, by="finn", role=Role.FINANCE).then_kinds(Resumed)


@pytest.mark.parametrize(
    ("type_", "others", "owner"),
    [
        (HoldType.CREDIT, (Role.SALES, Role.SALES_LEAD, Role.LOGISTICS), Role.FINANCE),
        (HoldType.PAYMENT, (Role.SALES, Role.CUSTOMER_SERVICE), Role.FINANCE),
        (HoldType.STOCK, (Role.SALES,), Role.PURCHASING),
        (HoldType.COMPLIANCE, (Role.SALES, Role.FINANCE), Role.WAREHOUSE_LEAD),
        (HoldType.MANUAL, (), Role.LOGISTICS),
        (HoldType.CREDIT, (), Role.ADMIN),
    ],
)
def test_a_hold_is_lifted_by_the_department_whose_hold_it_is(
    type_: HoldType, others: tuple[Role, ...], owner: Role
) -> None:
    placed = lived(*PLACED, by="sam")
    held = (*placed, *given(*placed).when(Hold(type=type_, reason="odd"), by="fay").events)
    for role in others:
        given(*held).when(GO, by="finn", role=role).then_rejected(HoldOfAnotherDepartment, saying=type_.value)
    given(*held).when(GO, by="finn", role=owner).then_kinds(Resumed)


def test_other_holds_are_lifted_by_whoever_placed_them() -> None:
    given(*lived(*PLACED, STOP, by="sam")).when(GO, by="sam").then_kinds(Resumed)


def test_the_last_hold_that_kept_stock_unasked_tells_what_the_order_wants() -> None:
    reserve = hold_terms(Step.RESERVE)
    events = lived(place(goods(3), goods(2, "CUP"), goods(4), of_kind(LineKind.CHARGE), holds=(reserve, reserve)))
    one_left = (*events, *given(*events).when(GO).events)
    order = (
        given(*one_left)
        .when(Resume(hold=2, reason="paid"))
        .then(
            Resumed(occurred_at=NOW, reason="paid", hold=2, resumed_by="ada"),
            StockAsked(
                occurred_at=NOW,
                wants=(wants((2, 2), sku="CUP"), wants((1, 3), (3, 4), sku="MUG")),
                terms=TERMS,
            ),
        )
    )
    assert order is not None
    assert (order.stock_asked, order.waiting_on) == (True, Party.SYSTEM)


def test_units_cancelled_while_stock_was_not_asked_are_not_wanted() -> None:
    events = lived(
        place(3, 2, 4, holds=(hold_terms(Step.RESERVE),)),
        RequestCancel(lines=(Units(line=1, quantity=1), Units(line=2, quantity=2)), reason="fewer"),
    )
    asked = given(*events).when(GO).events[1]
    assert isinstance(asked, StockAsked)
    assert asked.wants == (wants((1, 2)), wants((3, 4), sku="SKU-3"))


def test_stock_that_was_asked_is_not_asked_again() -> None:
    events = lived(*PLACED, Hold(type=HoldType.MANUAL, blocks=(Step.RESERVE,), reason="wait"))
    given(*events).when(GO).then_kinds(Resumed)


def test_a_closed_order_takes_no_hold_and_has_none_to_be_lifted() -> None:
    events = lived(place(10, holds=(hold_terms(Step.RESERVE),)), RequestCancel(reason="changed mind"))
    given(*events).when(STOP).then_rejected(OrderClosed)
    given(*events).when(GO).then_nothing()
