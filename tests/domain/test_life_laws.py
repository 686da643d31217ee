"""However deliveries between streams fall out, orders and stock end the same, and agree."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.order.commands import RequestCancel, ShortPick
from domain.order.status import headline
from domain.order.terms import Bucket
from domain.roles import Role
from domain.values import Units
from tests.life import Life, delivered, ledger, line, send_off, terms, with_stock

PRIORITIES = st.permutations(range(4))
LINES = st.lists(st.tuples(st.sampled_from(["MUG", "CUP", "POT"]), st.integers(1, 5)), min_size=1, max_size=4)
BASKETS = st.lists(LINES, min_size=1, max_size=4)
STOCK = st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 12))

Story = Callable[[Life], list[str]]


def story(baskets: list[list[tuple[str, int]]], priorities: list[int], units: tuple[int, int, int]) -> Story:
    """All orders wait before goods come; then some is picked, some not found, one order cancelled, some delivered."""

    def play(life: Life) -> list[str]:
        streams = [
            life.submit_order(*(line(sku, quantity) for sku, quantity in basket), order=terms(priority=priority))
            for basket, priority in zip(baskets, priorities, strict=False)
        ]
        life.settle()
        with_stock(life, MUG=units[0], CUP=units[1], POT=units[2])
        for stream in streams:
            work_on(life, stream)
        cancellable = life.order(streams[-1])
        if not cancellable.count(Bucket.PICKED, Bucket.PACKED, Bucket.HANDED_OVER, Bucket.RECEIVED):
            life.do(streams[-1], RequestCancel(reason="too late"), role=Role.SALES)
        return streams

    return play


def work_on(life: Life, stream: str) -> None:
    """The warehouse misses one unit of the first line sent and ships the second."""
    sent = [number for number, state in sorted(life.order(stream).lines.items()) if state.buckets[Bucket.SENT]]
    if sent:
        life.do(stream, ShortPick(lines=(Units(line=sent[0], quantity=1),)), role=Role.WAREHOUSE)
    for number in sent[1:2]:
        quantity = life.order(stream).lines[number].buckets[Bucket.SENT]
        if quantity:
            send_off(life, stream, quantity, number)
            life.do(stream, delivered(), role=Role.CARRIER)


def outcome(life: Life, streams: list[str]) -> object:
    """What people would see in the end; versions and times depend on the way there."""
    items = [life.stock(sku) for sku in ("MUG", "CUP", "POT")]
    return (
        [
            (headline(order), [ledger(order, number) for number in sorted(order.lines)])
            for order in map(life.order, streams)
        ],
        [(item.on_hand, item.staged, item.reserved, item.waiting, item.waiting_list) for item in items],
        [{entry.order_id: entry.lines for entry in item.entries.values()} for item in items],
    )


@pytest.mark.slow
@given(BASKETS, PRIORITIES, STOCK, st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_the_order_and_number_of_deliveries_between_streams_changes_no_outcome(
    baskets: list[list[tuple[str, int]]], priorities: list[int], units: tuple[int, int, int], seed: int
) -> None:
    play = story(baskets, priorities, units)
    calm, wild = Life(), Life(luck=Random(seed))
    assert outcome(calm, play(calm)) == outcome(wild, play(wild))


@pytest.mark.slow
@given(BASKETS, PRIORITIES, STOCK, st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_orders_and_stock_agree_once_all_is_quiet(
    baskets: list[list[tuple[str, int]]], priorities: list[int], units: tuple[int, int, int], seed: int
) -> None:
    life = Life(luck=Random(seed))
    streams = story(baskets, priorities, units)(life)
    for sku in ("MUG", "CUP", "POT"):
        buckets = [
            state.buckets
            for order in map(life.order, streams)
            for state in order.lines.values()
            if state.line.sku == sku
        ]
        item = life.stock(sku)
        assert item.waiting == sum(units_of[Bucket.BACKORDERED] for units_of in buckets)
        assert item.reserved == sum(units_of[Bucket.RESERVED] + units_of[Bucket.SENT] for units_of in buckets)
        assert item.staged == sum(units_of[Bucket.PICKED] + units_of[Bucket.PACKED] for units_of in buckets)
        assert sum(units_of[Bucket.OPEN] for units_of in buckets) == 0
