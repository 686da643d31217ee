"""Nobody holds a connection for long by being slow, large, silent or many; each is a real socket at a real server."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
import uvicorn
import uvloop
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.timing import DEADLINE_S
from web.connections import HttpConnection, uvicorn_options
from web.middleware import Edge
from web.places import ConnectionLimits
from web.server import NotListening, Server

pytestmark = pytest.mark.slow

LARGE = 4_000_000
COMMON_PROXIES_S = 60
SHORT = ConnectionLimits(head_bytes=4_096, head_s=0.2, body_s=0.2, stalled_s=0.2, connections=4)
PATIENT = ConnectionLimits(head_bytes=4_096, connections=4)
HURRIED = ConnectionLimits(connections=4, moment_s=0.0)
"""Nobody keeps its place for a moment when the house is full."""


@dataclass
class Small:
    """Says how many bytes came; `/large` gives many; remembers whose body broke off."""

    broken_off: int = 0
    served: list[str] = field(default_factory=list)
    headers: set[bytes] = field(default_factory=set)
    begun: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.begun.append(request.url.path)
        try:
            size = len(await request.body())
        except ClientDisconnect:
            self.broken_off += 1
            return
        self.served.append(request.url.path)
        self.headers |= {name for name, _ in scope["headers"]}
        if request.url.path == "/patient":
            await receive()  # until the caller leaves
        await self._answer(request.url.path, size)(scope, receive, send)

    def _answer(self, path: str, size: int) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(LARGE // 1_000):
                yield b"x" * 1_000

        if path == "/whole":
            return PlainTextResponse("x" * LARGE)
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

    async def ask_without_reading(self, asked: bytes) -> socket.socket:
        loop, unread = asyncio.get_running_loop(), socket.socket()
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        unread.setblocking(False)
        await loop.sock_connect(unread, ("127.0.0.1", self.port))
        await loop.sock_sendall(unread, asked)
        return unread

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)

    @property
    def behind(self) -> int:
        """Whose readers are behind for longer than a moment."""
        there = [one for one in self.server.server_state.connections if isinstance(one, HttpConnection)]
        return sum((one.behind_s() or 0.0) > one.limits.moment_s for one in there)


@contextlib.asynccontextmanager
async def served(limits: ConnectionLimits) -> AsyncIterator[Served]:
    class Limited(HttpConnection):
        pass

    Limited.limits = limits
    app = Small()
    server = Server(uvicorn.Config(Edge(app), port=0, timeout_graceful_shutdown=1, **uvicorn_options(Limited)))
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(DEADLINE_S):
        while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag only
            await asyncio.sleep(0.01)
    try:
        yield Served(app, server, server.entrance.port)
    finally:
        server.should_exit = True
        await serving


async def test_a_port_that_somebody_else_has_is_told_and_does_not_end_the_process_as_taken_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotListening, match=f"listen at 127.0.0.1:{port}"):
            await Server(uvicorn.Config(Edge(Small()), port=port, **uvicorn_options(HttpConnection))).serve()


async def test_an_idle_connection_is_kept_for_longer_than_clients_and_proxies_keep_theirs() -> None:
    """Else a command meets our close, and its sender never learns what became of it."""
    async with served(PATIENT) as here:
        assert here.server.config.timeout_keep_alive > COMMON_PROXIES_S


async def test_head_is_answered_as_get_without_the_body_and_the_connection_goes_on() -> None:
    async with served(PATIENT) as here:
        answer = await said_to(here, head("/", method=b"HEAD"), head("/", CLOSE))
    first, _, rest = answer.partition(b"\r\n\r\n")
    second, _, body = rest.partition(b"\r\n\r\n")
    assert (first.startswith(b"HTTP/1.1 200"), b"content-length: 1" in first) == (True, True)
    assert (second.startswith(b"HTTP/1.1 200"), body) == (True, b"0")
    assert here.app.served == ["/", "/"]


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


async def test_an_answer_that_nobody_reads_ends_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_USER_TIMEOUT", raising=False)  # else Linux may end it before we do
    async with served(SHORT) as port:
        unread = await port.ask_without_reading(head("/large"))
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


H2C = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA")


@pytest.mark.parametrize("apart", [False, True], ids=["in one packet", "in two packets"])
@pytest.mark.parametrize(
    ("framing", "body"),
    [
        (b"Content-Length: 34", b"GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n"[:34]),
        (b"Transfer-Encoding: chunked", b"22\r\nGET /smuggled HTTP/1.1\r\nHost: t\r\n\r\r\n0\r\n\r\n"),
    ],
    ids=["with a length", "chunked"],
)
async def test_a_request_that_would_rather_speak_another_protocol_keeps_its_body(
    framing: bytes, body: bytes, *, apart: bool
) -> None:
    async with served(PATIENT) as port:
        begun = head("/", *H2C, framing, method=b"POST")
        reader, writer = await port.connect()
        writer.write(begun if apart else begun + body)
        if apart:
            await port.until(lambda: bool(port.server.server_state.tasks or port.app.served))
            writer.write(body)
        writer.write(head("/next", CLOSE))
        async with asyncio.timeout(DEADLINE_S):
            answers = await reader.read()
        writer.close()
        assert port.app.served == ["/", "/next"]
    assert answers.count(b"HTTP/1.1 200 OK") == 2
    assert b"\r\n\r\n34HTTP/1.1" in answers


async def test_many_such_wishes_at_once_are_passed_over_one_by_one() -> None:
    async with served(PATIENT) as port:
        answers = await said_to(port, head("/", *H2C) * 1_500 + head("/", CLOSE))
    assert answers.count(b"HTTP/1.1 200 OK") == 1_501


async def test_nobody_gets_a_tunnel() -> None:
    async with served(PATIENT) as port:
        assert (await said_to(port, head("else.where:80", method=b"CONNECT"))).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("hosts", [b"", b"Host: test\r\nHost: other\r\n"], ids=["none", "two"])
async def test_a_request_names_one_host(hosts: bytes) -> None:
    async with served(PATIENT) as port:
        assert (await said_to(port, b"GET / HTTP/1.1\r\n" + hosts + b"\r\n")).startswith(b"HTTP/1.1 400 ")
        assert (await said_to(port, b"GET / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        assert port.app.served == ["/"]


@pytest.mark.parametrize(
    "endless",
    [b"0\r\nX-Endless: " + b"x" * 1_000_000, b"5;x=" + b"x" * 1_000_000, b"0\r\n" + b"a: b\r\n" * 5_000],
    ids=["trailer", "chunk extension", "many trailers"],
)
async def test_what_surrounds_a_body_is_limited_as_a_head_is(endless: bytes) -> None:
    async with served(PATIENT) as port:
        answer = await said_to(port, head("/", b"Transfer-Encoding: chunked", method=b"POST"), endless)
        assert answer.startswith(b"HTTP/1.1 431 ") or answer == b"reset"
        await port.until(lambda: port.connections == 0)


async def test_what_comes_after_a_body_is_no_header() -> None:
    async with served(PATIENT) as port:
        begun = head("/", b"Transfer-Encoding: chunked", method=b"POST")
        answers = await said_to(port, begun + b"0\r\nX-Late: yes\r\n\r\n" + head("/", CLOSE))
        assert answers.count(b"HTTP/1.1 200 OK") == 2
        assert port.app.headers == {b"host", b"transfer-encoding", b"connection"}


async def test_in_a_full_house_the_longest_silent_connection_gives_its_place() -> None:
    async with served(HURRIED) as port:
        silent = [await port.connect() for _ in range(HURRIED.connections)]
        await port.until(lambda: port.connections == HURRIED.connections)
        assert (await said_to(port, head("/", CLOSE))).startswith(b"HTTP/1.1 200 OK")
        assert (await silent[0][0].read()).startswith(b"HTTP/1.1 503 ")
        reader, writer = silent[1]
        writer.write(head("/", CLOSE))
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
        for _, one in silent:
            one.close()
        await port.until(lambda: port.connections == 0)


async def test_in_a_full_house_of_bodies_that_never_end_the_oldest_gives_its_place() -> None:
    async with served(HURRIED) as port:
        endless = [await port.connect() for _ in range(HURRIED.connections)]
        endless[0][1].write(head("/", b"Content-Length: 2", method=b"POST") + b"1")
        await port.until(lambda: len(port.server.server_state.tasks) == 1)
        for _, writer in endless[1:]:
            writer.write(head("/", b"Content-Length: 2", method=b"POST") + b"1")
        await port.until(lambda: len(port.server.server_state.tasks) == HURRIED.connections)
        assert (await said_to(port, head("/", CLOSE))).startswith(b"HTTP/1.1 200 OK")
        assert (await endless[0][0].read()).startswith(b"HTTP/1.1 503 ")
        for _, writer in endless[1:]:
            writer.write(b"2")
        assert [(await reader.readline())[:12] for reader, _ in endless[1:]] == [b"HTTP/1.1 200"] * (len(endless) - 1)
        for _, one in endless:
            one.close()
        await port.until(lambda: port.connections == 0)


@pytest.mark.parametrize("asked", [head("/large") * 8, head("/whole")], ids=["sent ahead", "already answered"])
async def test_in_a_full_house_who_does_not_read_gives_its_place_and_takes_none_while_it_goes(asked: bytes) -> None:
    async with served(HURRIED) as port:
        unread = []
        for _ in range(3):
            for there in range(port.connections + 1, HURRIED.connections + 1):
                unread.append(await port.ask_without_reading(asked))
                await port.until(lambda there=there: port.behind == there)  # type: ignore[misc]
            reader, newcomer = await port.connect()
            newcomer.write(head("/"))
            assert (await reader.readline()).startswith(b"HTTP/1.1 200 OK")
            assert port.connections == HURRIED.connections
            newcomer.close()
            await port.until(lambda: port.connections == HURRIED.connections - 1)
        for one in unread:
            one.close()


async def test_in_a_full_house_newcomers_take_the_places_of_slow_bodies_and_not_each_others() -> None:
    limits = ConnectionLimits(connections=4, moment_s=0.3)
    async with served(limits) as port:
        slow = [await port.connect() for _ in range(limits.connections)]
        for _, writer in slow:
            writer.write(head("/", b"Content-Length: 2", method=b"POST") + b"1")
        await port.until(lambda: len(port.server.server_state.tasks) == limits.connections)
        now, asked = asyncio.get_running_loop().time, asyncio.get_running_loop().time()
        await port.until(lambda: now() > asked + limits.moment_s)
        newcomers = [await port.connect() for _ in range(limits.connections)]
        await asyncio.gather(*(reader.read() for reader, _ in slow))
        for _, writer in newcomers:
            writer.write(head("/", CLOSE))
        assert [(await reader.read())[:12] for reader, _ in newcomers] == [b"HTTP/1.1 200"] * len(newcomers)
        for _, writer in [*slow, *newcomers]:
            writer.close()


async def test_in_a_full_house_of_newcomers_the_last_one_is_refused() -> None:
    limits = ConnectionLimits(connections=4, moment_s=60)
    async with served(limits) as port:
        newcomers = [await port.connect() for _ in range(limits.connections)]
        await port.until(lambda: port.connections == limits.connections)
        refused = await said_to(port, head())
        assert refused.startswith(b"HTTP/1.1 503 ") or refused == b"reset"
        for _, writer in newcomers:
            writer.write(head("/", CLOSE))
        assert [(await reader.read())[:12] for reader, _ in newcomers] == [b"HTTP/1.1 200"] * len(newcomers)
        for _, writer in newcomers:
            writer.close()


async def test_where_all_are_at_work_one_connection_too_many_is_refused_and_the_others_go_on() -> None:
    async with served(PATIENT) as port:
        busy = [await port.connect() for _ in range(PATIENT.connections)]
        for _, writer in busy:
            writer.write(head("/patient"))
        await port.until(lambda: len(port.server.server_state.tasks) == PATIENT.connections)
        refused = await said_to(port, head())
        assert refused.startswith(b"HTTP/1.1 503 ") or refused == b"reset"
        assert port.connections == PATIENT.connections
        for _, one in busy:
            one.close()
        await port.until(lambda: port.connections == 0)


async def test_who_leaves_is_waited_for_no_longer_whatever_was_sent_ahead() -> None:
    async with served(PATIENT) as port:
        _, writer = await port.connect()
        writer.write(head("/patient") + head("/later") * 100)
        await port.until(lambda: "/patient" in port.app.begun)
        writer.transport.abort()
        await port.until(lambda: port.connections == 0 and not port.server.server_state.tasks)
        assert "/later" not in port.app.begun


async def test_what_is_wrong_with_the_next_request_is_no_answer_to_this_one() -> None:
    async with served(PATIENT) as port:
        reader, writer = await port.connect()
        writer.write(head("/patient") + b"GET / HTTP/1.1\r\nX-Endless: ")
        await port.until(lambda: "/patient" in port.app.begun)
        with contextlib.suppress(ConnectionError):
            writer.write(b"x" * 100_000)
            assert await reader.read() == b""
        writer.close()
        await port.until(lambda: port.connections == 0)


async def test_requests_that_are_sent_ahead_wait_without_a_deadline_of_ours() -> None:
    async with served(SHORT) as port:
        answers = await said_to(port, head("/") * 50 + head("/", CLOSE))
    assert answers.count(b"HTTP/1.1 200 OK") == 51


NEWCOMERS = 100


def test_newcomers_are_let_in_together_and_not_one_a_turn_of_the_loop() -> None:
    with asyncio.Runner(
        loop_factory=uvloop.new_event_loop
    ) as runner:  # as the server process: libuv lets one in a turn
        assert runner.run(turns_until_all_are_in()) < NEWCOMERS / 10


async def turns_until_all_are_in() -> int:
    async with served(ConnectionLimits()) as port, contextlib.AsyncExitStack() as stack:
        for _ in range(NEWCOMERS):
            stack.enter_context(socket.create_connection(("127.0.0.1", port.port)))
        turns = 0
        async with asyncio.timeout(DEADLINE_S):
            while port.connections < NEWCOMERS:
                await asyncio.sleep(0)
                turns += 1
        return turns
