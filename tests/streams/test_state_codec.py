"""States as bytes: what is loaded is what was dumped, for every state that a company comes through."""

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.catalogue import DECIDERS
from domain.order.commands import Pick, PickedUnits, RequestCancel
from domain.paged_map import PagedMap
from domain.roles import Role
from domain.stock.commands import CountStock, ReceiveStock
from domain.stock.state import StockItem
from domain.stream_names import kind_of, stock_stream
from domain.values import MAIN
from streams.state_codec import dump, dump_apart, dump_entry, load, load_apart, shape
from tests.life import Life, line
from tests.projections.company import company


@pytest.mark.slow
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), quantities=st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_a_state_that_was_stored_is_the_same_state(seed: int, quantities: list[int]) -> None:
    life = Life(Random(seed))
    mug = stock_stream("MUG", MAIN)
    life.do(mug, ReceiveStock(quantity=10), role=Role.WAREHOUSE)
    for quantity in quantities:
        stream = life.place(line("MUG", quantity), line("CUP", 1))
        picked = Pick(units=(PickedUnits(line=1, quantity=1), PickedUnits(sku="ODD", quantity=1)))
        life.do(stream, picked, role=Role.WAREHOUSE)
    life.do(mug, CountStock(counted=1, reason="count"), role=Role.WAREHOUSE_LEAD)
    life.do(life.place(line("MUG", 1)), RequestCancel(reason="no"), role=Role.CUSTOMER_SERVICE)
    for stream, state in life.states.items():
        assert load(kind_of(stream), dump(state)) == state


def test_every_state_on_the_way_comes_back_the_same() -> None:
    for stream, history in company().life.streams.items():
        decider = DECIDERS[kind_of(stream)]
        state = decider.initial(stream)
        for recorded in history:
            assert load(kind_of(stream), dump(state)) == state
            state = decider.evolve(state, recorded.event)


@given(st.dictionaries(st.integers(), st.decimals(allow_nan=False, allow_infinity=False), max_size=200))
def test_a_paged_map_comes_back_with_its_keys_and_values_typed(entries: dict[int, Decimal]) -> None:
    adapter = TypeAdapter(PagedMap[int, Decimal])
    assert adapter.validate_json(adapter.dump_json(PagedMap(entries))) == PagedMap(entries)


def test_a_stock_item_that_was_kept_apart_from_its_orders_comes_back_the_same() -> None:
    items = [state for state in company().life.states.values() if isinstance(state, StockItem)]
    assert any(item.entries for item in items)
    for item in items:
        assert load_apart(dump_apart(item), map(dump_entry, item.entries.values())) == item
        assert load_apart(dump_apart(item), []).entries == PagedMap()


def test_bytes_of_another_form_are_refused() -> None:
    with pytest.raises(ValidationError):
        load("stock", b'{"sku": "MUG"}')


def test_the_shape_is_one_hash_for_all_states() -> None:
    assert len(shape()) == 64
