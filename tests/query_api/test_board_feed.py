"""What an open board is told: which orders moved on it, as its filter sees them, and the counts; and which rows it gets."""

import asyncio
import contextlib
import json
import re
from typing import Any

import pytest

from domain.order.commands import StartPick
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import name_of, stock_stream
from domain.values import MAIN
from projections.freshness import MOST_COLLECTED, Collected
from query_api.board_feed import MOST_UNREAD, Mailbox
from query_api.rendering import STATIC
from streams.postgres.migrate import connect
from tests.life import Life, line
from tests.projections.company import Shelf, ask, eventually, project
from tests.query_api.conftest import PARTITIONS, Api, api_on, token
from tests.query_api.shop import shop
from tests.query_api.streaming import Heard, connected, listening
from tests.timing import DEADLINE_S
from web.database import edge_pool

SHOP = shop()
BEARER = f"Bearer {token(Role.WAREHOUSE)}"
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


class Floor:
    """A warehouse with two orders to pick, whose life goes on while a board is open."""

    def __init__(self, url: str) -> None:
        self.life, self.shelf, self._url, self._put = Life(), Shelf(PARTITIONS), url, 0
        self.life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=50), role=Role.WAREHOUSE)
        self.first, self.second = self.life.place(line("MUG", 1)), self.life.place(line("MUG", 1))

    async def show(self) -> None:
        """What has happened comes into the views."""
        new, self._put = self.life.log[self._put :], len(self.life.log)
        await project(self.shelf.log, self._url, await self.shelf.put(new))

    async def start(self, stream: str) -> None:
        self.life.do(stream, StartPick(), role=Role.WAREHOUSE)
        await self.show()


async def following(api: Api, stack: contextlib.AsyncExitStack, query: str = "") -> Heard:
    """A board that is open and shows everything there is."""
    page = json.loads((await api.get("/boards/warehouse")).content)
    assert page["board"] == "warehouse"
    await listening(api)
    seen = api.app.state.readers.waiter.positions
    place = ",".join(f"{partition}:{sequence}" for partition, sequence in sorted(seen.items()))
    path = f"/boards/warehouse/events?seen={place}{query}"
    heard = await stack.enter_async_context(connected(api, path, authorization=BEARER))
    assert await heard.before_heartbeat() == ["retry: 3000\n\n"]
    return heard


async def told(heard: Heard, order: str) -> Any:
    """The place that the next message which names the order gives it."""
    while True:
        chunk = await heard.next("id: ")
        for found in re.findall(r"event: changed\ndata: (.*)\n", chunk):
            orders = json.loads(found)["orders"]
            if name_of(order) in orders:
                return orders[name_of(order)]


async def test_a_board_is_told_which_order_moved_and_where_it_stands_now(database_url: str) -> None:
    floor = Floor(database_url)
    await floor.show()
    async with api_on(database_url, heartbeat_s=0.05) as api, contextlib.AsyncExitStack() as stack:
        heard = await following(api, stack)
        await floor.start(floor.first)
        place = await told(heard, floor.first)
        rows = (await api.get(f"/boards/warehouse/rows?order={name_of(floor.first)}")).json()["orders"]
    assert [row["queue"] for row in rows] == ["picking"]
    assert place.startswith(f"{rows[0]['priority']}.{rows[0]['waiting_since'][:19]}")


async def test_an_order_that_a_filter_lets_through_no_more_is_told_to_be_gone(database_url: str) -> None:
    floor = Floor(database_url)
    await floor.show()
    async with api_on(database_url, heartbeat_s=0.05) as api, contextlib.AsyncExitStack() as stack:
        narrowed = [await following(api, stack, f"&{asked}") for asked in ("queue=to-pick", "waiting_on=customer")]
        wide = await following(api, stack)
        await floor.start(floor.first)
        assert [await told(each, floor.first) for each in narrowed] == [None, None]
        assert await told(wide, floor.first) is not None


async def up_to_counts(heard: Heard) -> str:
    """Everything that is told until orders have been counted."""
    chunks = [await heard.next("id: ")]
    while '"queues":{' not in chunks[-1]:
        chunks.append(await heard.next("id: "))
    return "".join(chunks)


async def test_the_counts_come_with_what_moved(database_url: str) -> None:
    floor = Floor(database_url)
    await floor.show()
    async with api_on(database_url, heartbeat_s=0.05) as api, contextlib.AsyncExitStack() as stack:
        heard = await following(api, stack)
        await floor.start(floor.first)
        last = re.findall(r"data: (.*)\n", await up_to_counts(heard))[-1]
        counted = (await api.get("/boards/warehouse")).json()["queues"]
    assert json.loads(last)["queues"] == counted
    assert counted["picking"] == 1


async def test_one_look_serves_all_who_follow_a_board_and_they_are_told_the_same(database_url: str) -> None:
    floor = Floor(database_url)
    await floor.show()
    async with (
        edge_pool(database_url, 2) as pool,
        api_on(database_url, heartbeat_s=0.05, pool=pool) as api,
        contextlib.AsyncExitStack() as stack,
    ):
        everybody = [await following(api, stack) for _ in range(10)]
        before = pool.get_stats()["requests_num"]
        await floor.start(floor.first)
        heard = [await up_to_counts(each) for each in everybody]
        looks = pool.get_stats()["requests_num"] - before
    assert set(heard) == {heard[0]}
    assert looks <= 4  # one for each batch of the projector, and one that counts


async def test_whoever_has_missed_something_is_told_to_read_everything_anew(database_url: str) -> None:
    floor = Floor(database_url)
    await floor.show()
    async with api_on(database_url, heartbeat_s=0.05) as api:
        await listening(api)
        for seen in ("0:0", "", "no position"):
            async with connected(api, f"/boards/warehouse/events?seen={seen}", authorization=BEARER) as heard:
                assert "\nevent: anew\n" in await heard.next("id: ")


async def test_a_board_whose_server_was_cut_off_from_the_views_is_read_anew(database_url: str) -> None:
    floor = Floor(database_url)
    await floor.show()
    async with api_on(database_url, heartbeat_s=0.05) as api, contextlib.AsyncExitStack() as stack:
        heard = await following(api, stack)
        await ask(database_url, KILL)
        await eventually(database_url, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT partition, sequence%'")
        assert "\nevent: anew\n" in await heard.next("id: ")


@pytest.mark.parametrize("query", ["queue=nonsense", "waiting_on=nobody-we-know", f"customer={'x' * 201}"])
async def test_a_filter_that_is_none_cannot_be_followed(api: Api, query: str) -> None:
    for part in ("events", "rows"):
        assert (await api.get(f"/boards/warehouse/{part}?{query}")).status_code == 422


async def test_who_does_not_read_names_follows_no_customer(api: Api) -> None:
    for part in ("events", "rows"):
        assert (await api.get(f"/boards/warehouse/{part}?customer=Mill", Role.ANALYST)).status_code == 403


async def test_a_row_that_is_fetched_is_the_row_of_the_page(api: Api) -> None:
    page = (await api.page("/boards/warehouse", Role.WAREHOUSE)).text
    shown = dict(re.findall(r'(?s)(?=<tr data-order="([^"]+)")(<tr.*?</tr>)', page))
    assert len(shown) > 1
    asked = "&".join(f"order={order}" for order in shown)
    fetched = (await api.page(f"/boards/warehouse/rows?{asked}", Role.WAREHOUSE)).text
    assert dict(re.findall(r'(?s)(?=<tr data-order="([^"]+)")(<tr.*?</tr>)', fetched)) == shown


@pytest.mark.parametrize(("role", "together"), [(Role.WAREHOUSE, True), (Role.ANALYST, False)])
async def test_every_cell_of_a_row_has_its_head(api: Api, role: Role, *, together: bool) -> None:
    page = (await api.page("/boards/warehouse", role)).text
    assert ('class="tick"' in page) is together
    head, row = (
        re.findall("<t[hd]", part.partition("<tr")[2].partition("</tr>")[0])
        for part in (page, page.partition("<tbody")[2])
    )
    assert len(head) == len(row) > 1


async def test_only_rows_that_are_on_the_board_and_that_its_filter_lets_through_are_fetched(api: Api) -> None:
    on_board = (await api.get("/boards/warehouse")).json()["orders"]
    everywhere = "&".join(f"order={name_of(stream)}" for stream in SHOP.life.streams if stream.startswith("order-"))
    fetched = (await api.get(f"/boards/warehouse/rows?{everywhere}")).json()["orders"]
    assert fetched == on_board
    queue = on_board[0]["queue"]
    narrowed = (await api.get(f"/boards/warehouse/rows?{everywhere}&queue={queue}")).json()["orders"]
    assert narrowed == [row for row in on_board if row["queue"] == queue]
    assert (await api.get("/boards/warehouse/rows?order=nonsense")).status_code == 422


def test_a_reader_who_is_far_behind_is_told_one_thing() -> None:
    mailbox = Mailbox()
    for _ in range(MOST_UNREAD):
        mailbox.put(b"id: 0:1\nevent: changed\ndata: {}\n\n")
    assert mailbox.is_full
    mailbox.put_anew("0:9")
    assert mailbox.news() == b"id: 0:9\nevent: anew\ndata: {}\n\n"
    assert mailbox.news() == b""


def test_of_very_many_streams_it_is_only_known_that_anything_may_have_moved() -> None:
    collected = Collected()
    collected.add([f"order-{number}" for number in range(MOST_COLLECTED)])
    assert len(collected.take() or ()) == MOST_COLLECTED
    collected.add([f"order-{number}" for number in range(MOST_COLLECTED + 1)])
    assert collected.take() is None
    assert collected.take() == frozenset()


@pytest.mark.parametrize("query", ["", "?queue=picking", "?customer=nobody-of-this-name", "?limit=1"])
@pytest.mark.parametrize("chinese", [False, True])
async def test_everything_that_the_script_looks_for_is_on_the_page(api: Api, query: str, chinese: bool) -> None:
    page = (await api.page(f"/boards/warehouse{query}", Role.WAREHOUSE, chinese=chinese)).text
    script = (STATIC / "board.js").read_text()
    ids = set(re.findall(r'\bat\("(\w+)"\)', script)) | set(re.findall(r'getElementById\("(\w+)"\)', script))
    assert {"rows", "news", "state", "show", "more", "empty", "fresh"} == ids
    assert not [name for name in ids if page.count(f' id="{name}"') != 1]
    told = set(re.findall(r"(?:rows|news|state|show)\.dataset\.(\w+)", script))
    assert not [name for name in told if f" data-{name}=" not in page]
    assert "{time}" in page
    assert "{count}" in page


async def test_without_its_script_a_board_promises_nothing_that_it_does_not_do(api: Api) -> None:
    page = (await api.page("/boards/warehouse", Role.WAREHOUSE)).text
    assert re.search(r'<div class="news" id="news" hidden', page)
    assert re.search(r'<button id="show" hidden', page)


async def test_a_page_says_which_places_it_has_room_for(api: Api) -> None:
    first = (await api.page("/boards/warehouse?limit=2", Role.WAREHOUSE)).text
    places = re.findall(r'data-place="([^"]+)"', first)
    assert (attribute(first, "after"), attribute(first, "upto")) == ("", places[-1])
    following_page = re.search(r'rel="next" href="([^"]+)"', first)
    assert following_page
    second = (await api.page(following_page[1].replace("&amp;", "&") + "&limit=500", Role.WAREHOUSE)).text
    assert (attribute(second, "after"), attribute(second, "upto")) == (places[-1], "")
    assert min(re.findall(r'data-place="([^"]+)"', second)) > places[-1]


def attribute(page: str, name: str) -> str:
    found = re.search(rf'<tbody id="rows"[^>]* data-{name}="([^"]*)"', page)
    assert found
    return found[1]


async def test_a_feed_that_fails_ends_its_streams_so_that_pages_come_back_and_do_not_wait_in_vain(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    floor = Floor(database_url)
    await floor.show()
    async with api_on(database_url) as api, asyncio.timeout(DEADLINE_S):
        await listening(api)
        reading = asyncio.create_task(api.get("/boards/warehouse/events"))
        while not api.app.state.board_feed._readers:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)
        await renamed(database_url, "warehouse", "elsewhere")
        await floor.start(floor.first)
        assert (await reading).text.startswith("retry: 3000\n\n")
        assert "boards are followed no more" in caplog.text
        await renamed(database_url, "elsewhere", "warehouse")
        async with connected(api, "/boards/warehouse/events", authorization=BEARER) as heard:
            await floor.start(floor.second)
            assert await told(heard, floor.second) is not None


async def renamed(url: str, view: str, name: str) -> None:
    async with await connect(url) as connection:
        await connection.execute(f"ALTER VIEW views.{view} RENAME TO {name}".encode())
