"""A connection to an event stream that stays open, and what has come over it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.query_api.conftest import Api
from tests.timing import DEADLINE_S


@dataclass
class Heard:
    """What has come over one connection."""

    chunks: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there will be nothing more."""

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
    serving.add_done_callback(lambda _: heard.ended.set())
    try:
        yield heard
    finally:
        left.set()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def listening(api: Api) -> None:
    """A follower who comes before the first position has been heard is told once too often, to be safe."""
    async with asyncio.timeout(DEADLINE_S):
        while not api.app.state.readers.waiter.positions:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0.01)
