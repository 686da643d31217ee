"""Server-sent events: a page is told that something moved, resumes where it was, and is never left in silence."""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import quote

import pytest

from domain.roles import Role
from query_api import server_sent_events
from query_api.server_sent_events import MOST_OF_A_LINK, Followers
from tests.projections.company import Shelf, project
from tests.query_api.conftest import KEY, PARTITIONS, SESSIONS, Api, api_on, token
from tests.query_api.shop import shop
from tests.query_api.streaming import connected, listening
from tests.timing import DEADLINE_S
from web.caller_dependency import COOKIE
from web.database import edge_pool
from web.positions import position_seal
from web.sessions import Person
from web.tokens import form_secret

SHOP = shop()
HEARTBEAT_S = 0.05
STREAM = SHOP.out_for_delivery
LINK = f"/track/{SHOP.token(STREAM)}/events"


def followed_on(page: str) -> str:
    """What a page follows, as its script reads it."""
    found = re.search(r'data-follow="([^"]+)"', page)
    assert found is not None
    return found[1]


async def followed_by_page(api: Api) -> str:
    """What the tracking page follows."""
    return followed_on((await api.page(LINK.removesuffix("/events"), None)).text)


async def test_a_page_is_told_when_its_order_moves(database_url: str) -> None:
    records = SHOP.life.log
    last = max(place for place, recorded in enumerate(records) if recorded.stream == STREAM)
    shelf = Shelf(PARTITIONS)
    await project(shelf.log, database_url, await shelf.put(records[:last]))
    async with api_on(database_url, heartbeat_s=HEARTBEAT_S) as api:
        page = await followed_by_page(api)
        async with connected(api, page) as heard:
            assert await heard.before_heartbeat() == ["retry: 3000\n\n"]
            assert heard.headers["content-type"].startswith("text/event-stream")
            assert heard.headers["cache-control"] == "no-store"
            await project(shelf.log, database_url, await shelf.put(records[last:]))
            moved = await heard.next("id: ")
    told = moved.removeprefix("id: ").partition("\n")[0]
    assert moved == f'id: {told}\nevent: moved\ndata: {{"position": "{told}"}}\n\n'


async def test_a_page_that_comes_back_hears_at_once_what_it_missed_and_nothing_twice(shop_url: str) -> None:
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api:
        await listening(api)
        page = await followed_by_page(api)
        earlier = position_seal(form_secret(KEY)).closed("0:1,1:1")
        async with connected(api, page, last_event_id=earlier) as heard:
            now = (await heard.next("id: ")).removeprefix("id: ").partition("\n")[0]
        async with connected(api, f"{LINK}?seen={earlier}", last_event_id=now) as heard:
            assert await heard.before_heartbeat() == ["retry: 3000\n\n"]


async def test_staff_who_come_back_hear_at_once_what_they_missed_and_nothing_twice(shop_url: str) -> None:
    path, bearer = f"/orders/{SHOP.number(STREAM)}", f"Bearer {token(Role.WAREHOUSE)}"
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api:
        await listening(api)
        place = followed_on((await api.page(path)).text).partition("seen=")[2]
        async with connected(api, f"{path}/events?seen=0:1", authorization=bearer) as heard:
            assert (await heard.next("id: ")).startswith(f"id: {place}\n")
        async with connected(api, f"{path}/events?seen={place}", authorization=bearer) as heard:
            assert await heard.before_heartbeat() == ["retry: 3000\n\n"]


@pytest.mark.parametrize("out", [SESSIONS.end, partial(SESSIONS.work_as, role=Role.SALES)], ids=["out", "another role"])
async def test_who_is_out_or_goes_on_as_something_else_hears_nothing_more(
    shop_url: str, out: Callable[[str], Awaitable[None]]
) -> None:
    session = await SESSIONS.begin(Person("ada", Role.WAREHOUSE))
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api:
        path = f"/orders/{SHOP.number(STREAM)}/events"
        async with connected(api, path, cookie=f"{COOKIE}={session}") as heard, asyncio.timeout(DEADLINE_S):
            for _ in range(2):
                await heard.next(": still here")
            assert not heard.ended.is_set()
            await out(session)
            await heard.ended.wait()


async def test_a_position_that_is_none_of_ours_has_seen_nothing(shop_url: str) -> None:
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api:
        for seen in ("0:100000000", "é", "gAAAAA"):
            async with connected(api, f"{LINK}?seen={quote(seen)}") as heard:
                await heard.next("id: ")


async def test_boards_and_orders_are_followed_by_staff(shop_url: str) -> None:
    bearer = f"Bearer {token(Role.WAREHOUSE)}"
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api:
        await listening(api)
        moved = {"/boards/warehouse/events": "anew", f"/orders/{SHOP.number(STREAM)}/events": "moved"}
        for path, event in moved.items():
            async with connected(api, path, authorization=bearer) as heard:
                assert f"event: {event}" in await heard.next("id: ")
                assert heard.status == 200


async def test_a_connection_ends_by_itself_so_that_rights_are_looked_at_again(shop_url: str) -> None:
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S, follow_s=0.0) as api:
        answer = await api.get(LINK, None)
    assert answer.text.startswith("retry: 3000\n\n")
    assert ": still here" not in answer.text


async def test_an_unknown_link_cannot_be_followed(api: Api) -> None:
    assert (await api.get(f"/track/{'x' * 22}/events", None)).status_code == 404


async def test_whoever_follows_holds_no_connection_to_the_database_and_asks_nothing_when_something_moves(
    database_url: str,
) -> None:
    shelf = Shelf(PARTITIONS)
    records = SHOP.life.log
    last = max(place for place, recorded in enumerate(records) if recorded.stream == STREAM)
    await project(shelf.log, database_url, await shelf.put(records[:last]))
    async with (
        edge_pool(database_url, 1) as pool,
        api_on(database_url, heartbeat_s=HEARTBEAT_S, pool=pool) as api,
        contextlib.AsyncExitStack() as stack,
    ):
        heard = [await stack.enter_async_context(connected(api, LINK)) for _ in range(MOST_OF_A_LINK)]
        for one in heard:
            await one.next(":")
        before = pool.get_stats()["requests_num"]
        async with pool.connection():  # the only one
            await project(shelf.log, database_url, await shelf.put(records[last:]))
            for one in heard:
                await one.next("id: ")
        assert pool.get_stats()["requests_num"] == before + 1


async def test_a_follower_who_leaves_ends_no_connection_to_the_database(shop_url: str) -> None:
    async with edge_pool(shop_url, 1) as pool, api_on(shop_url, heartbeat_s=HEARTBEAT_S, pool=pool) as api:
        for _ in range(3):
            async with connected(api, LINK) as heard:
                await heard.next("retry")
        await api.get(LINK.removesuffix("/events"), None)
        assert pool.get_stats()["connections_num"] == 1


async def test_a_link_is_followed_by_four_at_most_and_staff_are_not_kept_out_by_that(shop_url: str) -> None:
    bearer = f"Bearer {token(Role.WAREHOUSE)}"
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api, contextlib.AsyncExitStack() as stack:
        heard = [await stack.enter_async_context(connected(api, LINK)) for _ in range(MOST_OF_A_LINK)]
        for one in heard:
            await one.next("retry")
        refused = await api.get(LINK, None)
        assert (refused.status_code, refused.json()["code"]) == (429, "link-followed")
        async with connected(api, f"/orders/{SHOP.number(STREAM)}/events", authorization=bearer) as staff:
            await staff.next("retry")
        other = f"/track/{SHOP.token(SHOP.part_shipped)}/events"
        async with connected(api, other) as another:
            await another.next("retry")


async def test_a_process_is_followed_by_so_many_and_a_place_is_free_again_when_one_leaves(shop_url: str) -> None:
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S, followers=Followers(most=1)) as api:
        async with connected(api, LINK) as heard:
            await heard.next("retry")
            refused = await api.get(f"/track/{SHOP.token(SHOP.part_shipped)}/events", None)
            assert (refused.status_code, refused.json()["code"]) == (503, "too-many-follow")
        async with connected(api, LINK) as heard:
            await heard.next("retry")


async def test_one_of_staff_follows_so_many_pages_at_most(shop_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_sent_events, "MOST_OF_A_PERSON", 1)
    bearer = f"Bearer {token(Role.WAREHOUSE)}"
    async with (
        api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api,
        connected(api, "/boards/sales/events", authorization=bearer) as heard,
    ):
        await heard.next("retry")
        refused = await api.get("/boards/sales/events", Role.WAREHOUSE)
        assert (refused.status_code, refused.json()["code"]) == (429, "person-follows")


async def test_staff_leave_customers_their_share(shop_url: str) -> None:
    bearer = f"Bearer {token(Role.WAREHOUSE)}"
    async with (
        api_on(shop_url, heartbeat_s=HEARTBEAT_S, followers=Followers(most=2, most_of_staff=1)) as api,
        connected(api, "/boards/sales/events", authorization=bearer) as heard,
    ):
        await heard.next("retry")
        refused = await api.get("/boards/sales/events", Role.ANALYST)
        assert (refused.status_code, refused.json()["code"]) == (503, "too-many-follow")
        async with connected(api, LINK) as customer:
            await customer.next("retry")
