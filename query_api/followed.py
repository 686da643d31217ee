"""Server-sent events: telling a page that what it shows has changed.

Decides: the form of the messages, heartbeats, and when a connection ends. A message only says that something moved; the
page then reads itself again, so that there is one way to show it. Must not know: what has moved.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import StreamingResponse

from query_api.dependencies import Readers, Waiter

RETRY_MS: Final = 3_000
LONGEST_ID: Final = 20_000

HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Source:
    """What is followed. `position` reads where it stands; `moved` returns when that may have changed, or hangs."""

    position: Callable[[], Awaitable[str]]
    moved: Callable[[], Awaitable[object]]


def seen_by(request: Request) -> str:
    """The position that the client has seen: of the last message, else of the page that it shows."""
    return (request.headers.get("last-event-id") or request.query_params.get("seen", ""))[:LONGEST_ID]


def follow(readers: Readers, seen: str, opened: AbstractContextManager[Source]) -> StreamingResponse:
    """An answer that goes on; the source is open as long as somebody listens."""
    return StreamingResponse(_messages(readers, seen, opened), media_type="text/event-stream", headers=HEADERS)


async def _messages(readers: Readers, seen: str, opened: AbstractContextManager[Source]) -> AsyncIterator[bytes]:
    ends = asyncio.get_running_loop().time() + readers.follow_s
    yield f"retry: {RETRY_MS}\n\n".encode()
    with opened as source:
        while asyncio.get_running_loop().time() < ends:
            position = await source.position()
            if position != seen:
                seen = position
                yield f'id: {position}\nevent: moved\ndata: {{"position": "{position}"}}\n\n'.encode()
            try:
                await asyncio.wait_for(source.moved(), readers.heartbeat_s)
            except TimeoutError:
                yield b": still here\n\n"


async def any_partition_moved(waiter: Waiter, positions: Mapping[int, int], deadline_s: float) -> None:
    """Returns when the views have seen more of any partition, or after the deadline."""
    waits = [
        asyncio.create_task(waiter.reached({partition: sequence + 1}, deadline_s))
        for partition, sequence in positions.items()
    ]
    try:
        await asyncio.wait(waits, timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
