"""Cursors come back from outside: whatever one says is read as a place in a list, or refused."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.board import place
from query_api.routes.cursors import (
    instant_and_id,
    instant_sku_and_location,
    priority_instant_and_id,
    search_place,
    sku_and_location,
    version_only,
)
from web.paging import encode_cursor
from web.problems import Problem

EDGES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00+99:00", "2026-01-01"]
PARTS = (
    st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(codec="utf-8"))
    | st.sampled_from(EDGES)
    | st.uuids().map(str)
    | st.none()
    | st.booleans()
)


@pytest.mark.parametrize(
    "read",
    [
        instant_and_id,
        lambda cursor: place(*priority_instant_and_id(cursor)),
        search_place,
        sku_and_location,
        instant_sku_and_location,
        version_only,
    ],
)
@given(st.lists(PARTS, max_size=3) | st.tuples(st.integers(0, 9), st.sampled_from(EDGES), st.uuids().map(str)))
def test_whatever_a_cursor_says_is_a_place_or_refused(read: Callable[[str], object], key: list[Any]) -> None:
    with contextlib.suppress(Problem):
        read(encode_cursor(*key))


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(UTC)), st.uuids())  # noqa: DTZ001 - bounds of naive ones
def test_a_place_that_a_list_gave_is_read_back(at: datetime, order: Any) -> None:
    assert instant_and_id(encode_cursor(at.isoformat(), str(order))) == (at, order)
