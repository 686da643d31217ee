"""The ledger counts units where they are now, and knows nothing of lines that the order does not have."""

import pytest

from domain.order.ledger import Ledger
from domain.order.terms import Bucket
from tests.domain.order.orders import PICKED, RESERVED, folded, lived, order_of, place

NO_SUCH_LINE = 9


def test_what_was_moved_is_counted_where_it_is_now() -> None:
    ledger = Ledger(order_of(*RESERVED))
    ledger.take(1, 4, sources=(Bucket.RESERVED,), target=Bucket.SENT)
    counted = {bucket: ledger.count(1, bucket) for bucket in Bucket if ledger.count(1, bucket)}
    assert counted == {Bucket.RESERVED: 6, Bucket.SENT: 4}
    assert ledger.count(1, Bucket.RESERVED, Bucket.SENT) == 10


def test_missing_and_excess_units_add_up() -> None:
    ledger = Ledger(order_of(*RESERVED))
    for quantity in (2, 3):
        ledger.add_missing(1, quantity)
        ledger.add_excess(1, quantity)
    order = ledger.order()
    assert (order.lines[1].missing, order.lines[1].buckets[Bucket.EXCESS], order.count(Bucket.EXCESS)) == (5, 5, 5)


def test_a_line_that_is_not_there_has_no_units_and_takes_no_notes() -> None:
    order = order_of(*RESERVED)
    ledger = Ledger(order)
    assert ledger.count(NO_SUCH_LINE, *Bucket) == 0
    assert ledger.take(NO_SUCH_LINE, 1, sources=tuple(Bucket), target=Bucket.CANCELLED) == []
    ledger.ask(NO_SUCH_LINE, 5, deferred=True)
    ledger.add_missing(NO_SUCH_LINE, 1)
    ledger.add_excess(NO_SUCH_LINE, 1)
    ledger.take_version(NO_SUCH_LINE, 7)
    assert ledger.order() == order


@pytest.mark.parametrize(
    ("asks", "deferred_units"),
    [
        ((), 4),
        (((2, False),), 0),
        (((2, True),), 4),
        (((1, True),), 7),
        (((1, True), (2, False)), 3),
        (((1, False), (2, False), (2, True)), 4),
    ],
)
def test_units_that_wait_for_their_articles_turn_are_counted_as_each_ask_says(
    asks: tuple[tuple[int, bool], ...], deferred_units: int
) -> None:
    ledger = Ledger(folded(lived(place(3, 4, partial=False))))
    for version, (line, deferred) in enumerate(asks, start=7):
        ledger.ask(line, version, deferred=deferred)
    order = ledger.order()
    assert order.deferred_units == deferred_units
    newest = dict(zip((line for line, _ in asks), range(7, 7 + len(asks)), strict=True))
    assert {line: order.lines[line].asked for line in newest} == newest


def test_units_that_stock_has_reserved_wait_for_no_turn() -> None:
    ledger = Ledger(order_of(*PICKED))
    ledger.ask(1, 9, deferred=True)
    assert ledger.order().deferred_units == 0
