"""English: one sentence for every event of a stock item. One line a case. Must not know: pages, rows."""

from __future__ import annotations

from typing import assert_never

from domain.stock import events as stock
from domain.stock.terms import Place
from query_api.sentences.en_words import PARTIES, counted
from query_api.sentences.stock_units import (
    all_moves,
    orders_moved,
    reserved_to_date,
    units_into,
    units_out_of,
    waiting_now,
)


def _standing(event: stock.WantAnswered) -> str:
    return f"{reserved_to_date(event):,} reserved and {waiting_now(event):,} waiting for this order now"


def _weighed(event: stock.WantWeighed) -> str:
    return f"{event.wanted:,} wanted, {event.available:,} available"


def _received(event: stock.StockReceived) -> str:
    with_document = f" with {event.document}" if event.document else ""
    into_bin = f", into bin {event.bin}" if event.bin else ""
    known = " A newer count has them already." if event.counted else ""
    return f"Received {counted(event.quantity, 'unit')}{with_document}{into_bin}.{known}"


def _counted(event: stock.StockCounted) -> str:
    at_bin = f" in bin {event.bin}" if event.bin else ""
    too_late = " It came too late to be compared, so nothing changes." if event.too_late else ""
    return f"Counted {event.counted:,} on the shelf{at_bin}; expected {event.expected:,}.{too_late}"


def _served(event: stock.StockAllocated) -> str:
    reserved, refused = (units_into(all_moves(event), place) for place in (Place.RESERVED, Place.NOT_WANTED))
    orders = counted(orders_moved(event), "order")
    more = " More orders follow." if event.more else ""
    if not orders_moved(event):
        return f"Orders that waited were answered; no units moved.{more}"
    refusal = f"; {counted(refused, 'unit')} refused for good" if refused else ""
    return f"Reserved {counted(reserved, 'unit')} for those who waited, {orders}{refusal}.{more}"


def _taken_back(event: stock.ReservationsTakenBack) -> str:
    units = counted(units_into(all_moves(event), Place.WAITING), "unit")
    more = " More orders follow." if event.more else ""
    return f"Reservations taken back, because less was there: {units} of {counted(orders_moved(event), 'order')}.{more}"


def _staged(event: stock.StockStaged) -> str:
    put_back = units_out_of(event.moves, Place.STAGED)
    if put_back:
        return f"Put back for an order: {counted(put_back, 'unit')}."
    at_bin = f", from bin {event.bin}" if event.bin else ""
    return f"Picked for an order: {counted(units_into(event.moves, Place.STAGED), 'unit')}{at_bin}."


def _missed(event: stock.StockWrittenOff) -> str:
    missed = counted(units_into(event.moves, Place.WAITING), "unit")
    return f"The picker did not find {missed} of an order, which now wait; {event.quantity:,} written off."


def _closed(event: stock.EntryClosed) -> str:
    left = units_out_of(event.moves, Place.RESERVED, Place.STAGED)
    return (
        f"An order is over; {counted(left, 'unit')} it still had here are free again." if left else "An order is over."
    )


def sentence(event: stock.StockEvent) -> str:
    """One event as one sentence."""
    match event:
        case stock.StockReceived():
            return _received(event)
        case stock.StockCounted():
            return _counted(event)
        case stock.StockReserved():
            return f"Reserved for an order: {_weighed(event)}; {_standing(event)}."
        case stock.StockBackordered():
            return f"Nothing to reserve: {_weighed(event)}; {_standing(event)}."
        case stock.StockRefused():
            return f"Refused, because the order does not wait: {_weighed(event)}; {_standing(event)}."
        case stock.StockPended():
            return f"Not decided yet, because reserved units may come free: {_weighed(event)}."
        case stock.StockFreed():
            return f"Freed: {_standing(event)}."
        case stock.StockKept():
            return f"An order repeated what it wants, and nothing moved; {_standing(event)}."
        case stock.StockAllocated():
            return _served(event)
        case stock.ReservationsTakenBack():
            return _taken_back(event)
        case stock.StockStaged():
            return _staged(event)
        case stock.StockIssued():
            return f"Left the house: {counted(event.quantity, 'unit')} of an order."
        case stock.StockWrittenOff():
            return _missed(event)
        case stock.ExcessTaken():
            return f"Picked beyond what an order wants: {counted(event.taken, 'unit')}; {event.quantity:,} written off."
        case stock.EntryClosed():
            return _closed(event)
        case stock.StockShortfallDetected():
            return (
                f"{counted(event.shortfall, 'unit')} fewer than promised to orders; {PARTIES[event.owner]} looks at it."
            )
        case stock.CountAsked():
            return f"Count task for {PARTIES[event.owner]}: what was found is not what was to be found."
        case stock.CodeTaught():
            return f"Code taught: {event.article_code} stands for {counted(event.factor, 'unit')}."
        case _:
            assert_never(event)
