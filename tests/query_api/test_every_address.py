"""Rules of every address: outsiders learn nowhere how much the log holds, neither in words nor by waiting, and HEAD is
answered where GET is.
"""

import asyncio
import re
from collections.abc import Iterable, Iterator

import pytest
from starlette.routing import BaseRoute, Route

from domain.roles import Role
from tests.query_api.conftest import PAGE, Api, api_on
from tests.query_api.shop import shop
from tests.timing import DEADLINE_S

SHOP = shop()
LINK = f"/track/{SHOP.token(SHOP.part_shipped)}"
POSITION = re.compile(r"(?<![\w:+.-])\d{1,3}:\d+(?![\w:])")
"""`1:57`; no time of day, which has two digits on both sides, and no part of a longer one."""
HOUR = re.compile(r"\d\d:\d\d")
EXAMPLE = "0:12,1:4"
"""How the description of the interface writes positions."""
"""Far more than an answer takes that waits for nothing."""


def addresses(api: Api) -> Iterator[str]:
    """Every address that can be read, its parameters filled in by what a customer has."""
    for route in within(api.app.routes):
        if "GET" in (route.methods or ()):
            yield route.path.replace("{token}", SHOP.token(SHOP.part_shipped)).replace("{name}", "sales")


def within(routes: Iterable[BaseRoute]) -> Iterator[Route]:
    """The routes, those of included routers too."""
    for route in routes:
        if isinstance(route, Route):
            yield route
        elif included := getattr(route, "original_router", None):
            yield from within(included.routes)


async def test_head_is_answered_where_get_is_and_follows_nothing(shop_url: str) -> None:
    seen = set()
    async with api_on(shop_url, follow_s=0.0) as api:
        for path in addresses(api):
            for headers in ({}, PAGE):
                got, head = await api.get(path, Role.SALES, headers=headers), await api.head(path, headers=headers)
                follows = got.headers["content-type"].startswith("text/event-stream")
                assert head.status_code == (405 if follows else got.status_code), path
                if not follows:
                    assert head.headers["content-type"] == got.headers["content-type"], path
                seen.add(head.status_code)
        assert (await api.head("/static/follow.js")).headers["content-length"] > "0"
    assert {200, 405} <= seen


def positions(text: str) -> list[str]:
    return [found for found in POSITION.findall(text.replace(EXAMPLE, "")) if not HOUR.fullmatch(found)]


@pytest.mark.parametrize("role", [None, Role.CARRIER], ids=["a customer", "a carrier"])
async def test_no_address_tells_an_outsider_a_position(shop_url: str, role: Role | None) -> None:
    read = []
    async with api_on(shop_url, follow_s=0.0) as api:
        for path in addresses(api):
            for headers in ({}, PAGE):
                answer = await api.get(path, role, headers=headers)
                told = f"{answer.text} {' '.join(answer.headers.values())}"
                assert positions(told) == [], path
                assert "ordertrail-position" not in answer.headers, path
                read += [path] if answer.is_success else []
    assert {LINK, f"{LINK}/events", "/", "/health/ready", "/problems", "/openapi.json"} <= set(read)
    assert not [path for path in read if path.startswith(("/orders", "/boards", "/stock", "/status", "/metrics"))]


async def test_the_same_search_finds_positions_where_staff_read(shop_url: str) -> None:
    async with api_on(shop_url, follow_s=0.0) as api:
        for path in ("/status", f"/orders/{SHOP.number(SHOP.part_shipped)}/events"):
            assert positions((await api.get(path)).text), path


@pytest.mark.parametrize("after", ["0:1", "0:100000000", "9:1"])
@pytest.mark.parametrize("role", [None, Role.CARRIER], ids=["a customer", "a carrier"])
async def test_no_position_keeps_a_link_s_reader_waiting_or_changes_the_answer(
    shop_url: str, after: str, role: Role | None
) -> None:
    async with api_on(shop_url, wait_s=10 * DEADLINE_S) as api, asyncio.timeout(DEADLINE_S):
        known = await api.get(f"{LINK}?after={after}", role)
        unknown = await api.get(f"/track/{'x' * 22}?after={after}", role)
    assert (known.status_code, unknown.status_code) == (200, 404)
    assert unknown.json()["code"] == "unknown-link"


async def test_staff_may_wait_at_a_link_for_what_they_have_just_written(shop_url: str) -> None:
    async with api_on(shop_url, wait_s=0.05) as api:
        answer = await api.get(f"{LINK}?after=0:100000000", Role.SALES)
    assert (answer.status_code, answer.json()["code"]) == (503, "position-not-reached")
