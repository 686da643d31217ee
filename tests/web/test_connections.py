"""Nobody holds a connection for long by being slow, large, silent or many; each is a real socket at a real server."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from web.connections import Connection, Limits, Server, uvicorn_options

pytestmark = pytest.mark.slow

DEADLINE_S = 10.0
LARGE = 4_000_000
SHORT = Limits(head_bytes=4_096, head_s=0.2, body_s=0.2, stalled_s=0.2, connections=4)
PATIENT = Limits(head_bytes=4_096, connections=4)


@dataclass
class Small:
    """Says how many bytes came; `/large` gives many; remembers whose body broke off."""

    broken_off: int = 0
    served: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            size = len(await request.body())
        except ClientDisconnect:
            self.broken_off += 1
            return
        self.served.append(request.url.path)
        await self._answer(request.url.path, size)(scope, receive, send)

    def _answer(self, path: str, size: int) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(LARGE // 1_000):
                yield b"x" * 1_000

        return StreamingResponse(pieces()) if path == "/large" else PlainTextResponse(str(size))


@dataclass
class Served:
    app: Small
    server: Server
    port: int

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # noqa: ASYNC110 - connections tell nobody of their end
                await asyncio.sleep(0.01)

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)


@contextlib.asynccontextmanager
async def served(limits: Limits) -> AsyncIterator[Served]:
    class Limited(Connection):
        pass

    Limited.limits = limits
    app = Small()
    server = Server(uvicorn.Config(app, port=0, timeout_graceful_shutdown=1, **uvicorn_options(Limited)))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(DEADLINE_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.01)
    try:
        yield Served(app, server, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await serving


async def said_to(port: Served, *parts: bytes) -> bytes:
    """Everything that is answered to these bytes until the connection ends."""
    reader, writer = await port.connect()
    for part in parts:
        with contextlib.suppress(ConnectionError):
            writer.write(part)
            await writer.drain()
    async with asyncio.timeout(DEADLINE_S):
        try:
            answer = await reader.read()
        except ConnectionError:
            answer = b"reset"
    writer.close()
    return answer


def head(path: str = "/", *headers: bytes, method: bytes = b"GET") -> bytes:
    return b"\r\n".join([method + b" " + path.encode() + b" HTTP/1.1", b"Host: test", *headers, b"", b""])


CLOSE = b"Connection: close"


async def test_an_ordinary_request_is_answered() -> None:
    async with served(PATIENT) as port:
        body = b"x" * 100_000
        answer = await said_to(port, head("/", CLOSE, b"Content-Length: 100000", method=b"POST"), body)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"100000")


@pytest.mark.parametrize(
    "large",
    [
        head("/", b"X-Large: " + b"x" * 5_000),
        head("/", *[b"X-Many-%d: %s" % (number, b"x" * 50) for number in range(100)]),
        head("/" + "x" * 5_000),
        b"GET / HTTP/1.1\r\nX-Endless: " + b"x" * 1_000_000,
    ],
    ids=["one header", "many headers", "address", "endless"],
)
async def test_a_head_that_is_too_large_is_refused_without_being_kept(large: bytes) -> None:
    async with served(PATIENT) as port:
        answer = await said_to(port, large)
        assert answer.startswith(b"HTTP/1.1 431 ") or answer == b"reset"
        assert port.app.served == []
        await port.until(lambda: port.connections == 0)


@pytest.mark.parametrize(
    "begun",
    [b"", b"\r\n", b"GET / HTTP/1.1\r\nHost: te", head("/", b"Content-Length: 10", method=b"POST") + b"12345"],
    ids=["nothing", "empty lines", "half a head", "half a body"],
)
async def test_a_request_that_does_not_come_to_its_end_is_ended(begun: bytes) -> None:
    async with served(SHORT) as port:
        answer = await said_to(port, begun)
        assert answer.startswith(b"HTTP/1.1 408 ")
        await port.until(lambda: port.connections == 0)
        assert port.app.served == []


async def test_the_deadline_of_a_head_is_not_moved_by_a_byte_now_and_then() -> None:
    async with served(SHORT) as port:
        reader, writer = await port.connect()
        writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")

        async def trickle() -> None:
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        async with asyncio.timeout(DEADLINE_S):
            with contextlib.suppress(ConnectionError):
                await reader.read()
            await port.until(lambda: port.connections == 0)
        trickling.cancel()
        writer.close()


async def test_an_answer_that_nobody_reads_ends_its_connection() -> None:
    async with served(SHORT) as port:
        unread = socket.socket()
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        unread.setblocking(False)
        await asyncio.get_running_loop().sock_connect(unread, ("127.0.0.1", port.port))
        await asyncio.get_running_loop().sock_sendall(unread, head("/large"))
        await port.until(lambda: port.app.served == ["/large"])
        await port.until(lambda: port.connections == 0)
        unread.close()


async def test_an_answer_that_is_read_slowly_is_given_to_its_end() -> None:
    async with served(SHORT) as port:
        reader, writer = await port.connect()
        writer.write(head("/large", CLOSE))
        got = 0
        async with asyncio.timeout(3 * DEADLINE_S):
            while piece := await reader.read(100_000):
                got += len(piece)
                await asyncio.sleep(0.02)
        writer.close()
    assert got > LARGE


async def test_who_goes_away_in_a_body_leaves_nothing_behind() -> None:
    async with served(PATIENT) as port:
        _, writer = await port.connect()
        writer.write(head("/", b"Content-Length: 10", method=b"POST") + b"123")
        await port.until(lambda: port.connections == 1)
        writer.close()
        await port.until(lambda: port.app.broken_off == 1 and port.connections == 0)


async def test_one_connection_too_many_is_refused_and_the_others_go_on() -> None:
    async with served(PATIENT) as port:
        kept = [await port.connect() for _ in range(PATIENT.connections)]
        await port.until(lambda: port.connections == PATIENT.connections)
        refused = await said_to(port, head())
        assert refused.startswith(b"HTTP/1.1 503 ") or refused == b"reset"
        reader, writer = kept[0]
        writer.write(head("/", CLOSE))
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
        for _, one in kept:
            one.close()
        await port.until(lambda: port.connections == 0)
        assert (await said_to(port, head("/", CLOSE))).startswith(b"HTTP/1.1 200 OK")


async def test_requests_that_are_sent_ahead_wait_without_a_deadline_of_ours() -> None:
    async with served(SHORT) as port:
        answers = await said_to(port, head("/") * 50 + head("/", CLOSE))
    assert answers.count(b"HTTP/1.1 200 OK") == 51
