"""Server-sent events: a page is told that something moved, resumes where it was, and is never left in silence."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from domain.roles import Role
from tests.projections.company import Shelf, project
from tests.query_api.conftest import PARTITIONS, Api, api_on, token
from tests.query_api.shop import shop

SHOP = shop()
HEARTBEAT_S = 0.05
DEADLINE_S = 10.0
STREAM = SHOP.out_for_delivery
LINK = f"/track/{SHOP.token(STREAM)}/events"


@dataclass
class Heard:
    """What has come over one connection."""

    chunks: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    async def next(self, beginning: str) -> str:
        """The next message that begins like this; what comes before it is skipped."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                chunk = await self.chunks.get()
                if chunk.startswith(beginning):
                    return chunk

    async def before_heartbeat(self) -> list[str]:
        """Every message until the connection has nothing more to say."""
        found: list[str] = []
        async with asyncio.timeout(DEADLINE_S):
            while not (chunk := await self.chunks.get()).startswith(":"):
                found.append(chunk)
        return found


@contextlib.asynccontextmanager
async def connected(api: Api, path: str, **headers: str) -> AsyncIterator[Heard]:
    """A connection that stays open until the block ends, spoken in ASGI: httpx would wait for its end."""
    heard = Heard()
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "server": ("shop.example", 80),
        "client": ("127.0.0.1", 1),
    }
    left = asyncio.Event()

    async def receive() -> dict[str, str]:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            heard.status = int(str(message["status"]))
            pairs: list[tuple[bytes, bytes]] = message["headers"]  # type: ignore[assignment]  # by the ASGI specification
            heard.headers = {name.decode(): value.decode() for name, value in pairs}
        elif body := message.get("body"):
            heard.chunks.put_nowait(bytes(body).decode())  # type: ignore[call-overload]  # by the ASGI specification

    serving = asyncio.create_task(api.app(scope, receive, send))  # type: ignore[arg-type]  # plain dictionaries
    try:
        yield heard
    finally:
        left.set()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def test_a_page_is_told_when_its_order_moves(database_url: str) -> None:
    records = SHOP.life.log
    last = max(place for place, recorded in enumerate(records) if recorded.stream == STREAM)
    shelf = Shelf(PARTITIONS)
    await project(shelf.log, database_url, await shelf.put(records[:last]))
    async with api_on(database_url, heartbeat_s=HEARTBEAT_S) as api:
        seen = (await api.get(f"/track/{SHOP.token(STREAM)}", None)).json()["position"]
        async with connected(api, f"{LINK}?seen={seen}") as heard:
            assert await heard.before_heartbeat() == ["retry: 3000\n\n"]
            assert heard.headers["content-type"].startswith("text/event-stream")
            assert heard.headers["cache-control"] == "no-store"
            await project(shelf.log, database_url, await shelf.put(records[last:]))
            moved = await heard.next("id: ")
        now = (await api.get(f"/track/{SHOP.token(STREAM)}", None)).json()["position"]
    assert now != seen
    assert moved == f'id: {now}\nevent: moved\ndata: {{"position": "{now}"}}\n\n'


async def test_a_page_that_comes_back_hears_at_once_what_it_missed_and_nothing_twice(shop_url: str) -> None:
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api:
        now = (await api.get(f"/track/{SHOP.token(STREAM)}", None)).json()["position"]
        async with connected(api, f"{LINK}?seen={now}", last_event_id="0:1") as heard:
            assert (await heard.next("id: ")).startswith(f"id: {now}\n")
        async with connected(api, f"{LINK}?seen=0:1", last_event_id=now) as heard:
            assert await heard.before_heartbeat() == ["retry: 3000\n\n"]


async def test_boards_and_orders_are_followed_by_staff(shop_url: str) -> None:
    bearer = f"Bearer {token(Role.WAREHOUSE)}"
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S) as api:
        for path in ("/boards/warehouse/events", f"/orders/{SHOP.number(STREAM)}/events"):
            async with connected(api, path, authorization=bearer) as heard:
                assert "event: moved" in await heard.next("id: ")
                assert heard.status == 200


async def test_a_connection_ends_by_itself_so_that_rights_are_looked_at_again(shop_url: str) -> None:
    async with api_on(shop_url, heartbeat_s=HEARTBEAT_S, follow_s=0.0) as api:
        answer = await api.get(LINK, None)
    assert answer.text == "retry: 3000\n\n"


async def test_an_unknown_link_cannot_be_followed(api: Api) -> None:
    assert (await api.get(f"/track/{'x' * 22}/events", None)).status_code == 404
