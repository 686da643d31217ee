"""What is offered of a stock item."""

from dataclasses import replace

import pytest

from domain.decider import Context
from domain.offering import Act, Rank
from domain.offers import ChangedMeanwhile, ReceivedMeanwhile, SeenOffer, require_still_offered, stock_offers
from domain.roles import Role
from domain.stock.commands import StockCommand
from domain.stock.state import StockItem
from domain.values import MAIN
from tests.domain.stock.example import ADA, STREAM, after, count, receive, want
from tests.spec import NOW

ITEM = StockItem("MUG", MAIN, on_hand=3)
AT_REST = [(Act.COUNT_STOCK, Rank.USUAL), (Act.RECEIVE_STOCK, Rank.USUAL), (Act.TEACH_CODE, Rank.POSSIBLE)]


def offered(item: StockItem, role: Role = Role.WAREHOUSE) -> list[tuple[Act, Rank]]:
    context = Context(actor="eve", role=role, occurred_at=NOW, stream="stock-MUG@main")
    return [(offer.act, offer.rank) for offer in stock_offers(item, 3, context)]


def test_the_warehouse_may_always_receive_count_and_teach_a_code() -> None:
    assert offered(ITEM) == AT_REST
    assert offered(ITEM, Role.PURCHASING) == AT_REST[1:]
    assert offered(ITEM, Role.SALES) == []
    assert offered(ITEM, Role.WORKFLOW) == []


def test_a_shelf_in_doubt_is_counted_first() -> None:
    assert offered(replace(ITEM, count_asked_at=NOW, waiting=5))[0] == (Act.COUNT_STOCK, Rank.NEXT)


def test_goods_that_orders_wait_for_are_received_first() -> None:
    assert offered(replace(ITEM, waiting=5))[0] == (Act.RECEIVE_STOCK, Rank.NEXT)


def require(seen: int, command: StockCommand, *history: StockCommand) -> None:
    item = after(*history).state
    context = Context(actor="eve", role=Role.WAREHOUSE, occurred_at=NOW, stream=STREAM)
    require_still_offered(SeenOffer(seen), command, item, item.version, context)


def test_goods_are_received_from_a_page_that_has_shown_every_receipt() -> None:
    require(0, receive(8), want(ADA, 2))
    require(1, receive(8), receive(20), want(ADA, 2), count(7))
    require(1, count(8), receive(8), receive(20))


def test_who_receives_where_others_did_and_has_not_seen_it_is_asked_for_it_may_be_the_same_delivery() -> None:
    for seen in (0, 1):
        with pytest.raises(ReceivedMeanwhile):
            require(seen, receive(20), want(ADA, 2), receive(20), count(7))


def test_who_says_to_have_seen_what_is_not_there_yet_is_asked() -> None:
    with pytest.raises(ChangedMeanwhile):
        require(9, receive(20), receive(20))
    with pytest.raises(ChangedMeanwhile):
        require(9, count(20), receive(20))
