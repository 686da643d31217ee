"""Positions and cursors survive the way to the client and back; anything else is refused by name."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from domain.recorded import MOST_PARTITIONS, Position
from ordertrail.settings import Settings
from web.paging import LONGEST_CURSOR, decode_cursor, encode_cursor, next_link
from web.positions import format_positions, parse_positions
from web.problems import Problem


@given(st.dictionaries(st.integers(0, 999), st.integers(0, 10**17), max_size=20))
def test_positions_are_read_as_they_were_written(places: dict[int, int]) -> None:
    assert parse_positions(format_positions(Position(*place) for place in places.items())) == places


def test_of_two_positions_in_one_partition_the_later_counts() -> None:
    assert parse_positions("0:12, 1:4,0:7") == {0: 12, 1: 4}


@pytest.mark.parametrize(
    "text", ["x", "0:", ":1", "0:-1", "0:1,", "0:1;1:2", "١:٢٣:", ",".join(["0:1"] * (MOST_PARTITIONS + 1))]
)
def test_malformed_positions_are_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        parse_positions(text)
    assert refused.value.kind.status == 422


def test_positions_in_every_partition_of_the_largest_log_are_taken() -> None:
    largest = Settings(partitions=MOST_PARTITIONS).partitions
    with pytest.raises(ValueError, match="partitions"):
        Settings(partitions=largest + 1)
    places = dict.fromkeys(range(largest), 10**17)
    assert parse_positions(format_positions(Position(*place) for place in places.items())) == places


async def test_a_read_takes_the_positions_of_its_query(client: httpx.AsyncClient) -> None:
    assert (await client.get("/list?after=0:12,1:4")).json() == {"0": 12, "1": 4}


@given(st.text(max_size=40), st.integers(-(2**53), 2**53))
def test_a_cursor_is_read_as_it_was_written(text: str, number: int) -> None:
    text = text.encode(errors="ignore").decode()
    assert decode_cursor(encode_cursor(text, number), (str, int)) == (text, number)


@given(st.text(max_size=60))
def test_a_foreign_cursor_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        decode_cursor(text, (str, str, str, int))


def test_a_cursor_longer_than_any_of_ours_is_refused_unread() -> None:
    longest = encode_cursor("x" * (LONGEST_CURSOR * 3 // 4 - len('[""]')))
    assert len(longest) == LONGEST_CURSOR
    assert decode_cursor(longest, (str,))
    with pytest.raises(Problem, match="cursor"):
        decode_cursor(encode_cursor("x" * LONGEST_CURSOR), (str,))


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(Problem, match="cursor"):
        decode_cursor(encode_cursor("2026-01-01", 7), (str, str))


def test_the_link_to_the_next_page_keeps_the_filters() -> None:
    scope = {
        "type": "http",
        "scheme": "http",
        "server": ("test", 80),
        "path": "/orders",
        "query_string": b"sku=A%20B&cursor=old",
        "headers": [],
    }
    assert next_link(Request(scope), "new") == {"Link": '</orders?sku=A+B&cursor=new>; rel="next"'}
    assert next_link(Request(scope), None) == {}
    assert next_link(Request({**scope, "path": "/stock/A B/main/timeline"}), "new")["Link"].startswith("</stock/A%20B/")
