"""Replacing fields of a state: as `dataclasses.replace` does it."""

import dataclasses

import pytest

from domain.catalogue import DECIDERS
from domain.replacing import replace
from domain.stock.state import StockItem


def item() -> StockItem:
    state = DECIDERS["stock"].initial("stock-MUG@main")
    assert isinstance(state, StockItem)
    return state


def test_a_copy_has_the_named_fields_changed_and_all_others_kept() -> None:
    before = item()
    changes = {"on_hand": 7, "arrivals": 2}
    assert replace(before, **changes) == dataclasses.replace(before, **changes)  # type: ignore[arg-type]
    assert before == item()


def test_a_copy_without_changes_is_equal_and_not_the_same() -> None:
    before = item()
    assert replace(before) == before
    assert replace(before) is not before


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError, match="colour"):
        replace(item(), colour="red")  # type: ignore[call-arg]
