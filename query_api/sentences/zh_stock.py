"""Chinese: one sentence for every event of a stock item. One line a case. Must not know: pages, rows."""

from __future__ import annotations

from typing import assert_never

from domain.stock import events as stock
from domain.stock.terms import Place
from query_api.sentences.stock_units import (
    all_moves,
    orders_moved,
    reserved_to_date,
    units_into,
    units_out_of,
    waiting_now,
)
from query_api.sentences.zh_words import PARTIES


def _standing(event: stock.WantAnswered) -> str:
    return f"本订单现已预留 {reserved_to_date(event):,} 件，等待 {waiting_now(event):,} 件"


def _weighed(event: stock.WantWeighed) -> str:
    return f"需要 {event.wanted:,} 件，可用 {event.available:,} 件"


def _received(event: stock.StockReceived) -> str:
    with_document = f"，单据 {event.document}" if event.document else ""
    into_bin = f"，放入货位 {event.bin}" if event.bin else ""
    known = "更新的盘点已计入。" if event.counted else ""
    return f"收货 {event.quantity:,} 件{with_document}{into_bin}。{known}"


def _counted(event: stock.StockCounted) -> str:
    at_bin = f"货位 {event.bin}，" if event.bin else ""
    too_late = "录入过晚，无法比较，库存不变。" if event.too_late else ""
    return f"盘点：{at_bin}货架上 {event.counted:,} 件，应有 {event.expected:,} 件。{too_late}"


def _served(event: stock.StockAllocated) -> str:
    reserved, refused = (units_into(all_moves(event), place) for place in (Place.RESERVED, Place.NOT_WANTED))
    more = "还有订单待处理。" if event.more else ""
    if not orders_moved(event):
        return f"已答复等待的订单，数量不变。{more}"
    refusal = f"；{refused:,} 件确定无法预留" if refused else ""
    return f"为 {orders_moved(event):,} 个等待的订单预留 {reserved:,} 件{refusal}。{more}"


def _taken_back(event: stock.ReservationsTakenBack) -> str:
    units = units_into(all_moves(event), Place.WAITING)
    more = "还有订单待处理。" if event.more else ""
    return f"因实物不足收回预留：{orders_moved(event):,} 个订单共 {units:,} 件。{more}"


def _staged(event: stock.StockStaged) -> str:
    put_back = units_out_of(event.moves, Place.STAGED)
    at_bin = f"，货位 {event.bin}" if event.bin else ""
    picked = units_into(event.moves, Place.STAGED)
    return f"已放回 {put_back:,} 件。" if put_back else f"已为订单拣货 {picked:,} 件{at_bin}。"


def _missed(event: stock.StockWrittenOff) -> str:
    missed = units_into(event.moves, Place.WAITING)
    return f"拣货未找到订单的 {missed:,} 件，订单改为等待；核销 {event.quantity:,} 件。"


def _closed(event: stock.EntryClosed) -> str:
    left = units_out_of(event.moves, Place.RESERVED, Place.STAGED)
    return f"订单已结束；释放其剩余的 {left:,} 件。" if left else "订单已结束。"


def sentence(event: stock.StockEvent) -> str:
    """One event as one sentence."""
    match event:
        case stock.StockReceived():
            return _received(event)
        case stock.StockCounted():
            return _counted(event)
        case stock.StockReserved():
            return f"为订单预留：{_weighed(event)}；{_standing(event)}。"
        case stock.StockBackordered():
            return f"无法预留：{_weighed(event)}；{_standing(event)}。"
        case stock.StockRefused():
            return f"订单不接受等待，确定无法预留：{_weighed(event)}；{_standing(event)}。"
        case stock.StockPended():
            return f"尚未决定，已预留的件数还可能释放：{_weighed(event)}。"
        case stock.StockFreed():
            return f"已释放：{_standing(event)}。"
        case stock.StockKept():
            return f"订单再次说明需求；{_standing(event)}。"
        case stock.StockAllocated():
            return _served(event)
        case stock.ReservationsTakenBack():
            return _taken_back(event)
        case stock.StockStaged():
            return _staged(event)
        case stock.StockIssued():
            return f"已出库：订单的 {event.quantity:,} 件。"
        case stock.StockWrittenOff():
            return _missed(event)
        case stock.ExcessTaken():
            return f"多拣 {event.taken:,} 件，超出订单所需；核销 {event.quantity:,} 件。"
        case stock.EntryClosed():
            return _closed(event)
        case stock.StockShortfallDetected():
            return f"比已承诺给订单的少 {event.shortfall:,} 件，由{PARTIES[event.owner]}处理。"
        case stock.CountAsked():
            return f"盘点任务（{PARTIES[event.owner]}）：实物与应有的不一致。"
        case stock.CodeTaught():
            return f"已登记条码：{event.article_code} 表示 {event.factor:,} 件。"
        case _:
            assert_never(event)
