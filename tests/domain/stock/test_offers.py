"""What is offered of a stock item."""

from dataclasses import replace

from domain.decider import Context
from domain.offering import Act, Rank
from domain.offers import stock_offers
from domain.roles import Role
from domain.stock.state import StockItem
from domain.values import MAIN
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
