"""The load: connections that post one order after the other, each with a fresh key, in a process of their own.

A closed loop: a connection sends when it was answered. The client speaks just as much HTTP as these answers need, since
a full client would take more time than the server. Reads its task from standard input, writes the outcome as JSON.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Final, cast

import uvloop
from typing_extensions import override

from benchmarks.order import BODY

CREATED: Final = b"HTTP/1.1 201"
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = b"content-length: "
GRACE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Task:
    """What to send where for how long."""

    port: int
    token: str
    connections: int
    seconds: float

    def line(self) -> bytes:
        """As it travels."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(slots=True)
class Outcome:
    """Latencies of what was answered in time, and how many answers were not 201."""

    took: list[float] = field(default_factory=list)
    failed: int = 0

    def summary(self, seconds: float) -> dict[str, float]:
        """How many were answered, answers a second, percentiles in ms."""
        took = sorted(self.took) or [0.0]
        at = {name: took[int(share * (len(took) - 1))] * 1000 for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))}
        return {"answered": len(self.took), "per_s": len(self.took) / seconds, "failed": self.failed, **at}


class Poster(asyncio.Protocol):
    """One connection that posts until the time is over."""

    def __init__(self, task: Task, outcome: Outcome, end: float) -> None:
        run = secrets.token_hex(8)
        head = (
            f"POST /commands/orders HTTP/1.1\r\nHost: 127.0.0.1:{task.port}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {task.token}\r\nContent-Length: {len(BODY)}\r\nIdempotency-Key: {run}-"
        )
        self.done = asyncio.get_running_loop().create_future()
        self._head = head.encode()
        self._outcome = outcome
        self._end = end
        self._sent = 0
        self._began = 0.0
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._post()

    @override
    def data_received(self, data: bytes) -> None:
        """One answer at a time, perhaps in pieces."""
        self._buffer += data
        head = self._buffer.find(END_OF_HEAD)
        if head < 0:
            return
        at = self._buffer.find(LENGTH) + len(LENGTH)
        length = int(self._buffer[at : self._buffer.index(b"\r", at)])
        if len(self._buffer) >= head + len(END_OF_HEAD) + length:
            self._answered()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that the server closes early is a failure, not an end."""
        if not self.done.done():
            self._outcome.failed += 1
            self.done.set_result(None)

    def _post(self) -> None:
        self._sent += 1
        self._began = perf_counter()
        if self._transport is not None:
            self._transport.write(self._head + str(self._sent).encode() + END_OF_HEAD + BODY)

    def _answered(self) -> None:
        now = perf_counter()
        if not self._buffer.startswith(CREATED):
            self._outcome.failed += 1
        elif now <= self._end:
            self._outcome.took.append(now - self._began)
        self._buffer = b""
        if now < self._end:
            self._post()
        elif not self.done.done():
            self.done.set_result(None)


async def load(task: Task) -> dict[str, float]:
    """Post over all connections at once."""
    outcome = Outcome()
    loop = asyncio.get_running_loop()
    end = perf_counter() + task.seconds
    opened = [
        await loop.create_connection(lambda: Poster(task, outcome, end), "127.0.0.1", task.port)
        for _ in range(task.connections)
    ]
    async with asyncio.timeout(task.seconds + GRACE_S):
        await asyncio.gather(*(poster.done for _, poster in opened))
    for transport, _ in opened:
        transport.close()
    return outcome.summary(task.seconds)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(load(Task(**json.loads(sys.stdin.readline()))))))
