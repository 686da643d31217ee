"""What the writers of a process remember between batches is bounded in bytes, and what was used last goes last."""

import gc
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import DECIDERS
from domain.stock.commands import ReceiveStock, TeachCode
from domain.stream_names import kind_of, stock_stream
from domain.values import MAIN
from streams.writing.memory import OBJECTS_PER_BYTE, Cache, Recent, weight
from streams.writing.staging import Stream
from tests.life import Life, line, with_stock

MOST = 100


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, MOST))))
def test_what_is_kept_is_known_and_never_adds_up_to_more_than_the_limit(kept: list[tuple[int, int]]) -> None:
    cache = Cache[int, int](MOST)
    for key, size in kept:
        cache.put(key, size, size)
        assert cache.get(key) == size
        assert cache.bytes == sum(cache.get(known) or 0 for known in range(10)) <= MOST


def test_what_was_used_last_is_forgotten_last() -> None:
    cache = Cache[str, int](2)
    cache.put("a", 1, 1)
    cache.put("b", 2, 1)
    assert cache.get("a") == 1
    cache.put("c", 3, 1)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_of_the_last_events_no_more_is_kept_than_the_limit_and_a_gap_is_never_passed_over() -> None:
    events = with_stock(Life(), A=1, B=1, C=1).log
    recent = Recent(2 * MOST * OBJECTS_PER_BYTE)
    for event in events:
        recent.extend([event], [MOST])
    first, second, third = (event.position.sequence for event in events)
    assert recent.after(first - 1, 10) is None
    assert recent.after(first, 10) == list(events[1:])
    assert recent.after(second, 10) == list(events[2:])
    assert recent.after(third, 10) == []


def many_orders() -> Life:
    life = with_stock(Life(), A=10**6, B=10**6, C=10**6)
    for _ in range(100):
        life.place(line("A", 1), line("B", 1), line("C", 1))
    return life


def long_orders_of_one_article() -> Life:
    life = Life()
    for _ in range(3):
        life.place(*[line("A", 1)] * 500)
    return life


def articles_of_many_codes() -> Life:
    life = Life()
    for number in range(30):
        taught = [TeachCode(article_code=f"{number:05}{code:08}", factor=1) for code in range(20)]
        life.do(stock_stream(f"A{number}", MAIN), *taught, ReceiveStock(quantity=1, bin=f"B-{number}"))
    return life


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "kinds"),
    [
        (many_orders, {"order", "stock"}),
        (long_orders_of_one_article, {"stock"}),
        (articles_of_many_codes, {"stock"}),
    ],
    ids=["many orders", "long orders of one article", "articles of many codes"],
)
def test_a_state_weighs_about_what_its_objects_take_however_many_events_it_is_made_of(
    made: Callable[[], Life], kinds: set[str]
) -> None:
    life = made()
    tracemalloc.start()
    try:
        states: dict[str, object] = {}
        for recorded in life.log:
            if kind_of(recorded.stream) not in kinds:
                continue
            decider = DECIDERS[kind_of(recorded.stream)]
            state = states.get(recorded.stream) or decider.initial(recorded.stream)
            states[recorded.stream] = decider.evolve(state, recorded.event)
        gc.collect()  # what other tests left behind and what these states replaced is not theirs
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    weighed = sum(weight(Stream(state, 1)) for state in states.values())
    assert taken < weighed < 4 * taken


def test_a_stock_item_weighs_its_orders_and_not_its_events() -> None:
    item = with_stock(Life(), A=1)
    item.place(line("A", 1))
    state = item.stock("A")
    assert weight(Stream(state, 1, size=10**9)) == weight(Stream(state, 1))
