"""The load: connections that post one order after the other, each with a fresh key, in a process of their own.

A closed loop: a connection sends when it was answered; with a rate it waits until its next order is due, and one that
is late catches up. The client speaks only the HTTP that these answers need, since a full client would take more time
than the server. Reads its task from standard input, writes the outcome as JSON.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from dataclasses import asdict, dataclass, field
from time import perf_counter, time
from typing import Final, cast

import uvloop
from typing_extensions import override

from benchmarks.order import bodies

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
    per_s: float = 0.0
    """Orders offered a second by all connections together; 0 for as many as are answered."""
    most: int = 0
    """Ends the load before its time; 0 for no bound."""
    articles: int = 0
    """How many articles the orders are spread over; 0 for one and the same order."""

    def line(self) -> bytes:
        """As it travels."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(slots=True)
class LoadResult:
    """Latencies of what was answered in time, how many answers were not 201, and when it was (seconds since 1970)."""

    took: list[float] = field(default_factory=list)
    failed: int = 0
    sent: int = 0
    began: float = field(default_factory=time)
    ended: float = 0.0

    def summary(self, seconds: float) -> dict[str, float]:
        """How many were sent and answered, answers a second, percentiles in ms, begin and end."""
        took = sorted(self.took) or [0.0]
        seconds = min(seconds, self.ended - self.began)
        at = {name: took[int(share * (len(took) - 1))] * 1000 for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99))}
        counts = {"sent": self.sent, "answered": len(self.took), "failed": self.failed}
        return counts | {"per_s": len(self.took) / seconds, "began": self.began, "ended": self.ended} | at


class Poster(asyncio.Protocol):
    """One connection that posts until the time is over."""

    def __init__(self, task: Task, outcome: LoadResult, begin: float) -> None:
        run = secrets.token_hex(8)
        head = (
            f"POST /commands/orders HTTP/1.1\r\nHost: 127.0.0.1:{task.port}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {task.token}\r\nIdempotency-Key: {run}-"
        )
        self.done = asyncio.get_running_loop().create_future()
        self._head = head.encode()
        self._tails = tails(task.articles)
        self._outcome = outcome
        self._end = begin + task.seconds
        self._most = task.most or sys.maxsize
        self._pause = task.connections / task.per_s if task.per_s else 0.0
        self._due = begin + secrets.randbelow(1000) / 1000 * self._pause
        self._began = 0.0
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._go_on()

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

    def _go_on(self) -> None:
        """Post the next order now or when it is due, or have it be the end."""
        now = perf_counter()
        if max(now, self._due) >= self._end or self._outcome.sent >= self._most:
            if not self.done.done():
                self.done.set_result(None)
        elif self._due > now:
            asyncio.get_running_loop().call_later(self._due - now, self._go_on)
        else:
            self._post()

    def _post(self) -> None:
        number = self._outcome.sent = self._outcome.sent + 1
        self._due += self._pause
        self._began = perf_counter()
        if self._transport is not None:
            tail = self._tails[number % len(self._tails)]
            self._transport.write(self._head + str(number).encode() + tail)

    def _answered(self) -> None:
        now = perf_counter()
        if not self._buffer.startswith(CREATED):
            self._outcome.failed += 1
        elif now <= self._end:
            self._outcome.took.append(now - self._began)
        self._buffer = b""
        self._go_on()


def tails(articles: int) -> list[bytes]:
    """What follows the key of a request, one for each order there is to send."""
    return [b"\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body) for body in bodies(articles)]


async def load(task: Task) -> dict[str, float]:
    """Post over all connections at once."""
    outcome = LoadResult()
    loop = asyncio.get_running_loop()
    begin = perf_counter()
    opened = [
        await loop.create_connection(lambda: Poster(task, outcome, begin), "127.0.0.1", task.port)
        for _ in range(task.connections)
    ]
    async with asyncio.timeout(task.seconds + GRACE_S):
        await asyncio.gather(*(poster.done for _, poster in opened))
    outcome.ended = time()
    for transport, _ in opened:
        transport.close()
    return outcome.summary(task.seconds)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(load(Task(**json.loads(sys.stdin.readline()))))))
