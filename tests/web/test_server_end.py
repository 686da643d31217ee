"""A server that ends closes no connection on top of what was asked, and waits for nobody who keeps it waiting."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from tests.timing import DEADLINE_S
from tests.web.test_connections import PATIENT, Served, head, served
from web import server as server_module
from web.connections import QUIET_S, HttpConnection

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def client(port: int) -> Iterator[socket.socket]:
    """What this socket sends lies in the server's system at once, and the server's loop has not moved."""
    with socket.create_connection(("127.0.0.1", port)) as connected:
        yield connected


async def answer_to(asking: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    asking.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=asking)
    async with asyncio.timeout(DEADLINE_S):
        answer = await reader.read()
    writer.close()
    return answer


async def one_answer(asking: socket.socket) -> bytes:
    """One small answer, on a connection that goes on."""
    asking.setblocking(False)
    async with asyncio.timeout(DEADLINE_S):
        answer = await asyncio.get_running_loop().sock_recv(asking, 65_536)
    asking.setblocking(True)
    return answer


def has_begun(here: Served) -> bool:
    """Whether the only connection has begun to read a request."""
    return any(one._asked for one in here.server.server_state.connections if isinstance(one, HttpConnection))


async def test_a_request_that_lies_unread_when_the_server_ends_is_answered_as_the_last_one() -> None:
    async with served(PATIENT) as here:
        with client(here.port) as kept:
            kept.sendall(head("/first"))
            assert b"connection: close" not in await one_answer(kept)
            kept.sendall(head("/second"))
            await here.server.shutdown()
            answer = await answer_to(kept)
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in answer
    assert here.app.served == ["/first", "/second"]


async def test_who_waits_at_the_door_when_the_server_ends_is_let_in_and_answered() -> None:
    async with served(PATIENT) as here:
        with client(here.port) as first, client(here.port) as second:
            first.sendall(head("/first"))
            second.sendall(head("/second"))
            await here.server.shutdown()
            answers = [await answer_to(first), await answer_to(second)]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", here.port))
    assert [answer[:15] for answer in answers] == [b"HTTP/1.1 200 OK"] * 2


async def test_a_request_that_comes_in_pieces_while_the_server_ends_is_answered() -> None:
    async with served(PATIENT) as here:
        with client(here.port) as slow:
            request = head("/slow", b"Content-Length: 2", method=b"POST") + b"12"
            slow.sendall(request[:20])
            await here.until(lambda: has_begun(here))
            ending = asyncio.create_task(here.server.shutdown())
            looked_at = asyncio.get_running_loop().time() + 2 * QUIET_S
            await here.until(lambda: asyncio.get_running_loop().time() > looked_at)
            slow.sendall(request[20:])
            assert (await answer_to(slow)).startswith(b"HTTP/1.1 200 OK")
            await ending


@pytest.mark.parametrize(
    "begun",
    [b"GET / HTTP/1.1\r\nHost: te", head("/", b"Content-Length: 10", method=b"POST") + b"12345"],
    ids=["half a head", "half a body"],
)
async def test_who_does_not_come_to_the_end_of_a_request_is_told_to_come_again(
    begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "HURRY_S", 0.0)
    async with served(PATIENT) as here:
        with client(here.port) as slow:
            slow.sendall(begun)
            await here.until(lambda: has_begun(here))
            await here.server.shutdown()
            answer = await answer_to(slow)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in answer
    assert here.app.served == []


async def test_an_answer_that_nobody_reads_does_not_keep_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "HURRY_S", 0.0)
    async with served(PATIENT) as here:
        here.server.config.timeout_graceful_shutdown = None
        with client(here.port) as unread:
            unread.sendall(head("/large"))
            await here.until(lambda: here.app.served == ["/large"])
            async with asyncio.timeout(DEADLINE_S):
                await here.server.shutdown()


async def test_who_is_not_answered_within_the_grace_is_told_to_ask_again() -> None:
    async with served(PATIENT) as here:
        here.server.config.timeout_graceful_shutdown = 0
        with client(here.port) as patient:
            patient.sendall(head("/patient"))
            await here.until(lambda: here.app.served == ["/patient"])
            await here.server.shutdown()
            answer = await answer_to(patient)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 1" in answer
    assert b'"code":"ending"' in answer
