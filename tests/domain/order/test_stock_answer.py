from domain.event_values import LineKind
from domain.order.commands import CompleteOrder, ConfirmIfReady, RequestCancel, SendIfReady
from domain.order.events import StockReconfirmed, UnitsBackordered, UnitsReserved
from domain.order.terms import Bucket
from domain.roles import Role
from tests.domain.order.orders import (
    HANDED_OVER,
    PART_RESERVED,
    PICKED,
    PLACED,
    RESERVED,
    SENT,
    answer,
    buckets,
    given,
    goods,
    lived,
    moves,
    of_kind,
    place,
)
from tests.spec import NOW


def test_reserved_and_waiting_units_are_taken_over_in_one_decision() -> None:
    given(*lived(*PLACED)).when(answer((1, 6, 4)), role=Role.WORKFLOW).then(
        UnitsReserved(
            occurred_at=NOW,
            sku="SKU-1",
            location="main",
            stock_version=1,
            moves=moves(Bucket.OPEN, Bucket.RESERVED, (1, 6)),
            still_open=0,
        ),
        UnitsBackordered(
            occurred_at=NOW,
            sku="SKU-1",
            location="main",
            stock_version=1,
            moves=moves(Bucket.OPEN, Bucket.BACKORDERED, (1, 4)),
            still_open=0,
        ),
    )


def test_what_other_articles_leave_unanswered_is_told() -> None:
    events = lived(place(10, 7), answer((1, 10, 0)))
    assert isinstance(events[-1], UnitsReserved)
    assert events[-1].still_open == 7


def test_backordered_units_become_reserved_when_stock_has_more() -> None:
    order = given(*lived(*PART_RESERVED)).when(answer((1, 9, 1), version=2)).then_kinds(UnitsReserved)
    assert buckets(order) == {Bucket.RESERVED: 9, Bucket.BACKORDERED: 1}


def test_open_units_are_served_before_backordered_ones() -> None:
    order = given(*lived(*PLACED, answer((1, 0, 4)))).when(answer((1, 7, 3), version=2)).then_kinds(UnitsReserved)
    assert buckets(order) == {Bucket.RESERVED: 7, Bucket.BACKORDERED: 3}


def test_a_reservation_taken_back_takes_reserved_units_before_sent_ones() -> None:
    events = lived(place(10), answer((1, 4, 6)), *SENT[2:], answer((1, 6, 4), version=2))
    order = given(*events).when(answer((1, 3, 7), version=3)).then_kinds(UnitsBackordered)
    assert buckets(order) == {Bucket.SENT: 3, Bucket.BACKORDERED: 7}


def test_picked_units_stay_picked_whatever_stock_says() -> None:
    events = lived(*PICKED)
    order = given(*events).when(answer((1, 2, 8), version=2)).then_kinds(StockReconfirmed)
    assert buckets(order) == {Bucket.PICKED: 10}


def test_units_that_have_left_count_as_reserved() -> None:
    given(*lived(*HANDED_OVER)).when(answer((1, 10, 0), version=2)).then_kinds(StockReconfirmed)


def test_a_newer_answer_without_news_is_taken_note_of() -> None:
    order = given(*lived(*RESERVED)).when(answer((1, 10, 0), version=9)).then_kinds(StockReconfirmed)
    assert order is not None
    assert order.lines[1].stock_version == 9


def test_an_answer_that_is_not_newer_changes_nothing() -> None:
    events = lived(*PLACED, answer((1, 6, 4), version=5))
    for version in (4, 5):
        given(*events).when(answer((1, 10, 0), version=version)).then_nothing()


def test_an_answer_counts_for_every_line_of_its_article() -> None:
    events = lived(place(goods(3), goods(4), goods(5, "CUP")), answer((1, 3, 0), (2, 1, 3), version=8, sku="MUG"))
    order = given(*events).state
    assert order is not None
    assert [order.lines[line].stock_version for line in (1, 2, 3)] == [8, 8, 0]
    assert buckets(order, 2) == {Bucket.RESERVED: 1, Bucket.BACKORDERED: 3}


def test_an_answer_for_another_article_place_or_line_changes_nothing() -> None:
    events = lived(place(10, of_kind(LineKind.SERVICE)))
    given(*events).when(answer((1, 10, 0), sku="OTHER")).then_nothing()
    given(*events).when(answer((9, 10, 0))).then_nothing()
    given(*events).when(answer((2, 1, 0), sku="EXTRA")).then_nothing()
    elsewhere = answer((1, 10, 0)).model_copy(update={"location": "north"})
    given(*events).when(elsewhere).then_nothing()


def test_an_answer_of_another_place_does_not_count_as_the_newest() -> None:
    placed = lived(*PLACED)
    elsewhere = StockReconfirmed(occurred_at=NOW, sku="SKU-1", location="north", stock_version=9, still_open=10)
    given(*placed, elsewhere).when(answer((1, 10, 0), version=2)).then_kinds(UnitsReserved)


def test_a_cancelled_order_takes_no_answer() -> None:
    events = lived(*PLACED, RequestCancel(reason="changed mind"))
    given(*events).when(answer((1, 10, 0))).then_nothing()


def test_the_workflow_may_ask_too_early_without_harm() -> None:
    for command in (ConfirmIfReady(), SendIfReady(), CompleteOrder()):
        given(*lived(*PLACED)).when(command, role=Role.WORKFLOW).then_nothing()
