"""Whole lives of orders, from placing to receipt, without anybody handing anything on."""

from datetime import date

from typing_extensions import override

from domain.event_values import LineKind
from domain.order.commands import (
    ConfirmReceipt,
    HoldTerms,
    RequestCancel,
    Resume,
    ShortPick,
)
from domain.order.status import BadgeKind, Headline, NextAction, badges, headline, waiting
from domain.order.terms import Bucket, Evidence, HoldType, Step
from domain.roles import Party, Role
from domain.stock.commands import CountStock, ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Units
from tests.deliveries import Delivery, Turns
from tests.life import Life, delivered, ledger, line, pack, pick, send_off, terms, with_stock

MUG = stock_stream("MUG", MAIN)


def test_an_order_with_enough_stock_is_at_the_warehouse_without_anybodys_help() -> None:
    life = with_stock(Life(), MUG=10)
    order = life.order(life.place(line("MUG", 4)))
    assert (headline(order), ledger(order)) == (Headline.PROCESSING, {Bucket.SENT: 4})
    assert waiting(order) == (Party.WAREHOUSE, NextAction.PICK)
    assert (life.stock("MUG").reserved, life.stock("MUG").available) == (4, 6)


def test_an_order_that_is_delivered_completes_and_stock_is_gone() -> None:
    life = with_stock(Life(), MUG=10)
    stream = life.place(line("MUG", 4))
    send_off(life, stream, 4)
    assert headline(life.order(stream)) is Headline.SHIPPED
    life.do(stream, delivered(), by="dhl", role=Role.CARRIER)
    assert headline(life.order(stream)) is Headline.COMPLETED
    assert waiting(life.order(stream)) == (Party.NOBODY, NextAction.NOTHING)
    stock = life.stock("MUG")
    assert (stock.on_hand, stock.staged, stock.reserved, stock.available) == (6, 0, 0, 6)


def test_every_event_of_a_life_leads_back_to_what_somebody_did() -> None:
    life = with_stock(Life(), MUG=10)
    life.place(line("MUG", 4))
    for recorded in life.log:
        first = [recorded, *life.causes(recorded)][-1]
        assert first.metadata.actor != "workflow"
        assert first.metadata.correlation_id == recorded.metadata.correlation_id


def test_what_is_there_is_sent_and_the_rest_waits() -> None:
    life = with_stock(Life(), MUG=6)
    stream = life.place(line("MUG", 10))
    assert ledger(life.order(stream)) == {Bucket.BACKORDERED: 4, Bucket.SENT: 6}
    send_off(life, stream, 6)
    order = life.order(stream)
    shown = {badge.kind: (badge.count, badge.of) for badge in badges(order)}
    assert headline(order) is Headline.PROCESSING
    assert shown == {BadgeKind.BACKORDERED: (4, 0), BadgeKind.PART_SHIPPED: (6, 10)}
    assert waiting(order) == (Party.PURCHASING, NextAction.RECEIVE_STOCK)
    life.do(MUG, ReceiveStock(quantity=4), role=Role.WAREHOUSE)
    assert ledger(life.order(stream)) == {Bucket.SENT: 4, Bucket.HANDED_OVER: 6}


def test_of_two_orders_for_the_last_unit_one_gets_it_and_both_are_recorded() -> None:
    life = with_stock(Life(), MUG=1)
    first, second = life.place(line("MUG", 1)), life.place(line("MUG", 1))
    assert ledger(life.order(first)) == {Bucket.SENT: 1}
    assert ledger(life.order(second)) == {Bucket.BACKORDERED: 1}
    assert life.kinds(MUG) == ["StockReceived", "StockReserved", "StockBackordered"]


def test_a_receipt_fills_backorders_in_an_order_that_can_be_foretold() -> None:
    life = Life()
    plain = life.place(line("MUG", 4))
    dated = life.place(line("MUG", 4), order=terms(requested_date=date(2026, 3, 9)))
    urgent = life.place(line("MUG", 4), order=terms(priority=0))
    life.do(MUG, ReceiveStock(quantity=10), role=Role.PURCHASING)
    assert [ledger(life.order(stream)).get(Bucket.SENT, 0) for stream in (urgent, dated, plain)] == [4, 4, 2]


def test_cancelling_before_the_pick_frees_units_for_the_next() -> None:
    life = with_stock(Life(), MUG=3)
    first, second = life.place(line("MUG", 3)), life.place(line("MUG", 2))
    life.do(first, RequestCancel(reason="changed their mind"), role=Role.CUSTOMER_SERVICE)
    assert headline(life.order(first)) is Headline.CANCELLED
    assert ledger(life.order(second)) == {Bucket.SENT: 2}
    assert life.stock("MUG").available == 1


def test_cancelling_what_waits_leaves_an_order_that_can_be_completed() -> None:
    life = with_stock(Life(), MUG=6)
    stream = life.place(line("MUG", 10))
    send_off(life, stream, 6)
    life.do(stream, delivered(), role=Role.CARRIER)
    assert headline(life.order(stream)) is Headline.PROCESSING
    life.do(stream, RequestCancel(lines=(Units(line=1, quantity=4),), reason="enough"), role=Role.SALES)
    assert headline(life.order(stream)) is Headline.COMPLETED
    assert life.stock("MUG").waiting == 0


def test_who_wants_neither_parts_nor_waiting_gets_all_or_is_cancelled() -> None:
    life = with_stock(Life(), MUG=6)
    neither = terms(partial_shipment=False, backorder=False)
    too_much, fitting = life.place(line("MUG", 10), order=neither), life.place(line("MUG", 6), order=neither)
    assert headline(life.order(too_much)) is Headline.CANCELLED
    assert ledger(life.order(fitting)) == {Bucket.SENT: 6}


def test_who_does_not_wait_gets_what_is_there() -> None:
    life = with_stock(Life(), MUG=6)
    stream = life.place(line("MUG", 10), order=terms(backorder=False))
    assert ledger(life.order(stream)) == {Bucket.SENT: 6, Bucket.CANCELLED: 4}
    assert life.stock("MUG").waiting_orders == 0


def test_who_does_not_wait_keeps_what_was_confirmed_though_it_is_not_found() -> None:
    life = with_stock(Life(), MUG=4)
    stream = life.place(line("MUG", 4), order=terms(backorder=False))
    life.do(stream, ShortPick(lines=(Units(line=1, quantity=1),)))
    assert ledger(life.order(stream)) == {Bucket.BACKORDERED: 1, Bucket.SENT: 3}
    assert waiting(life.order(stream)) == (Party.SALES, NextAction.RESOLVE_EXCEPTION)
    life.do(MUG, ReceiveStock(quantity=1), role=Role.WAREHOUSE)
    assert ledger(life.order(stream)) == {Bucket.SENT: 4}
    assert waiting(life.order(stream)) == (Party.WAREHOUSE, NextAction.PICK)


def test_who_wants_all_at_once_has_units_reserved_until_all_are_there() -> None:
    life = with_stock(Life(), MUG=6)
    stream = life.place(line("MUG", 10), order=terms(partial_shipment=False))
    order = life.order(stream)
    assert ledger(order) == {Bucket.BACKORDERED: 4, Bucket.RESERVED: 6}
    assert waiting(order) == (Party.PURCHASING, NextAction.RECEIVE_STOCK)
    life.do(MUG, ReceiveStock(quantity=4), role=Role.WAREHOUSE)
    assert ledger(life.order(stream)) == {Bucket.SENT: 10}


def test_units_not_found_are_reserved_again_where_others_are_free() -> None:
    life = with_stock(Life(), MUG=10)
    stream = life.place(line("MUG", 4))
    life.do(stream, ShortPick(lines=(Units(line=1, quantity=1),)), pick(3), role=Role.WAREHOUSE)
    assert ledger(life.order(stream)) == {Bucket.SENT: 1, Bucket.PICKED: 3}
    assert (life.stock("MUG").on_hand, life.stock("MUG").available) == (9, 5)


def test_units_not_found_wait_before_all_others_where_none_is_free() -> None:
    life = with_stock(Life(), MUG=4)
    stream, urgent = life.place(line("MUG", 4)), life.place(line("MUG", 2), order=terms(priority=0))
    life.do(stream, ShortPick(lines=(Units(line=1, quantity=1),)), pick(3), role=Role.WAREHOUSE)
    assert ledger(life.order(stream)) == {Bucket.BACKORDERED: 1, Bucket.PICKED: 3}
    life.do(MUG, ReceiveStock(quantity=2), role=Role.WAREHOUSE)
    assert ledger(life.order(stream)) == {Bucket.SENT: 1, Bucket.PICKED: 3}
    assert ledger(life.order(urgent)) == {Bucket.BACKORDERED: 1, Bucket.SENT: 1}


def test_one_article_on_two_lines_is_not_sold_twice() -> None:
    life = with_stock(Life(), MUG=5)
    order = life.order(life.place(line("MUG", 3), line("MUG", 4)))
    assert (ledger(order, 1), ledger(order, 2)) == ({Bucket.SENT: 3}, {Bucket.BACKORDERED: 2, Bucket.SENT: 2})
    assert life.stock("MUG").available == 0


def test_an_order_of_two_articles_is_confirmed_once_both_have_answered() -> None:
    life = with_stock(Life(), MUG=5)
    stream = life.place(line("MUG", 3), line("CUP", 2))
    assert life.kinds(stream).count("OrderConfirmed") == 1
    order = life.order(stream)
    assert (ledger(order, 1), ledger(order, 2)) == ({Bucket.SENT: 3}, {Bucket.BACKORDERED: 2})


def test_a_count_takes_units_back_from_the_warehouse_and_gives_them_again() -> None:
    life = with_stock(Life(), MUG=5)
    stream = life.place(line("MUG", 5))
    life.do(MUG, CountStock(counted=3), role=Role.WAREHOUSE_LEAD)
    assert ledger(life.order(stream)) == {Bucket.BACKORDERED: 2, Bucket.SENT: 3}
    life.do(MUG, CountStock(counted=5), role=Role.WAREHOUSE_LEAD)
    assert ledger(life.order(stream)) == {Bucket.SENT: 5}


def test_an_order_without_goods_completes_once_it_is_confirmed() -> None:
    life = Life()
    assert headline(life.order(life.place(line("FITTING", 1, LineKind.SERVICE)))) is Headline.COMPLETED


def test_goods_received_without_a_recorded_hand_over_leave_stock_all_the_same() -> None:
    life = with_stock(Life(), MUG=5)
    stream = life.place(line("MUG", 2))
    life.do(stream, pick(2), pack(2), role=Role.WAREHOUSE)
    life.do(stream, ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN), role=Role.LOGISTICS)
    assert headline(life.order(stream)) is Headline.COMPLETED
    assert (life.stock("MUG").on_hand, life.stock("MUG").staged) == (3, 0)


def test_a_held_order_goes_on_where_it_stood() -> None:
    life = with_stock(Life(), MUG=5)
    hold = HoldTerms(type=HoldType.MANUAL, reason="address looks odd")
    stream = life.place(line("MUG", 2), order=terms(holds=(hold,)))
    assert ledger(life.order(stream)) == {Bucket.RESERVED: 2}
    life.do(stream, Resume(hold=1, reason="called them"), by="bea", role=Role.SALES)
    assert ledger(life.order(stream)) == {Bucket.SENT: 2}


def test_an_order_held_before_it_could_ask_for_stock_asks_with_its_own_turn() -> None:
    life = Life()
    hold = HoldTerms(type=HoldType.MANUAL, blocks=(Step.RESERVE,), reason="limits")
    urgent = life.place(line("MUG", 2), order=terms(holds=(hold,), priority=0))
    dated = life.place(line("MUG", 2), order=terms(holds=(hold,), requested_date=date(2026, 3, 9)))
    plain = life.place(line("MUG", 2))
    for held in (dated, urgent):
        life.do(held, Resume(hold=1, reason="fine"), by="bea", role=Role.SALES)
    for served in (urgent, dated, plain):
        life.do(MUG, ReceiveStock(quantity=2), role=Role.WAREHOUSE)
        assert ledger(life.order(served)) == {Bucket.SENT: 2}


def test_all_or_nothing_orders_do_not_block_each_other_when_a_count_takes_units_back() -> None:
    """The first holds mugs and does not know it, the second cups; a count leaves too few cups for both."""
    life = with_stock(Life(), CUP=10, MUG=5)
    life.deliveries.turns = slow = Slow()
    whole = terms(lines=(line("CUP", 5), line("MUG", 5)), partial_shipment=False, backorder=False)
    first = life.submit_order(order=whole.model_copy(update={"priority": 9}))
    slow.pair = (MUG, first)
    life.run_dry()
    second = life.submit_order(order=whole)
    life.run_dry()
    life.submit(stock_stream("CUP", MAIN), CountStock(counted=5))
    life.run_dry()
    slow.pair = None
    life.settle()
    assert headline(life.order(first)) is Headline.CANCELLED
    assert ledger(life.order(second)) == {Bucket.SENT: 5}


class Slow(Turns):
    """One stream's commands to another one are late."""

    pair: tuple[str, str] | None = None

    @override
    def allow(self, delivery: Delivery) -> bool:
        return delivery.pair != self.pair
