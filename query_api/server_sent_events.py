"""Server-sent events: telling a page that what it shows has changed.

Decides: the form of the messages, heartbeats, how many may follow, that customers' positions are sealed, and when a
connection ends. A message says that something moved and how far; the page then reads what it shows again, so that there
is one way to show it. Must not know: what has moved.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from starlette.requests import Request
from starlette.responses import StreamingResponse
from typing_extensions import override

from web.caller_dependency import visitor
from web.middleware import WITHOUT_BODY
from web.positions import parse_positions, position_seal
from web.problems import NO_SUCH_METHOD, Problem, ProblemKind

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from query_api.dependencies import Readers
    from query_api.followed import Followed
    from web.tokens import Caller

RETRY_MS: Final = 3_000
LONGEST_ID: Final = 20_000
MOST_FOLLOWERS: Final = 500
MOST_OF_STAFF: Final = 400
"""The rest is the customers', however many boards are open."""
MOST_OF_A_LINK: Final = 4
MOST_OF_A_PERSON: Final = 20

STREAM_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

LINK_FOLLOWED: Final = ProblemKind("link-followed", 429, "As many pages follow this link as may; close one of them.")
TOO_MANY_FOLLOW: Final = ProblemKind("too-many-follow", 503, "Too many pages are being followed; reload this one.")
PERSON_FOLLOWS: Final = ProblemKind("person-follows", 429, "You follow as many pages as one may; close one of them.")
FOLLOWING_PROBLEMS: Final = (LINK_FOLLOWED, TOO_MANY_FOLLOW, PERSON_FOLLOWS)


@dataclass(frozen=True, slots=True)
class StreamReader:
    """Who follows: a customer by a link, or one of staff by name."""

    name: str
    staff: bool


class Followers:
    """Counts the open event streams of this process."""

    def __init__(self, most: int = MOST_FOLLOWERS, most_of_staff: int = MOST_OF_STAFF) -> None:
        self._most = most
        self._most_of_staff = most_of_staff
        self._open: Counter[StreamReader] = Counter()

    @contextmanager
    def one_more(self, follower: StreamReader) -> Iterator[None]:
        """While one more follows; `Problem` 429 or 503 where it may not."""
        most, refusal = (MOST_OF_A_PERSON, PERSON_FOLLOWS) if follower.staff else (MOST_OF_A_LINK, LINK_FOLLOWED)
        of_staff = sum(count for one, count in self._open.items() if one.staff)
        if self._open.total() >= self._most or (follower.staff and of_staff >= self._most_of_staff):
            raise Problem(TOO_MANY_FOLLOW, headers={"Retry-After": "10"})
        if self._open[follower] >= most:
            raise Problem(refusal, headers={"Retry-After": "10"})
        self._open[follower] += 1
        try:
            yield
        finally:
            self._open[follower] -= 1
            if not self._open[follower]:
                del self._open[follower]


class EventStream(StreamingResponse):
    """An answer that goes on. It takes its place among the followers before it begins, and gives it back at its end."""

    def __init__(self, readers: Readers, messages: AsyncIterator[bytes], follower: StreamReader) -> None:
        super().__init__(messages, media_type="text/event-stream", headers=STREAM_HEADERS)
        self._followers = readers.followers
        self._follower = follower

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send messages until the reader leaves."""
        with self._followers.one_more(self._follower):
            await super().__call__(scope, receive, send)


class Told(Protocol):
    """What one follower is told, from when it began to follow."""

    touched: asyncio.Event
    """Set when there may be something to tell."""
    ended: bool
    """Whether there will never be anything more."""

    def news(self) -> bytes:
        """Messages since this was last asked; empty for none."""
        ...


Telling: TypeAlias = AbstractContextManager[Told]
"""Entered when the follower has its place, left when it goes."""


def follow(readers: Readers, request: Request, followed: Followed, link: str = "") -> EventStream:
    """The answer to `request`; `Problem` 405 to HEAD. `link`: the customers' link that it follows, empty for staff."""
    if not link:
        telling = _positions(readers, followed, seen_by(request), str)
        return stream(readers, request, telling, StreamReader(request.state.caller.actor, staff=True))
    seal = position_seal(readers.identity.secret)
    telling = _positions(readers, followed, seal.opened(seen_by(request)), seal.closed)
    return stream(readers, request, telling, StreamReader(link, staff=False))


def stream(readers: Readers, request: Request, telling: Telling, follower: StreamReader) -> EventStream:
    """The answer to `request` that tells it; `Problem` 405 to HEAD."""
    if WITHOUT_BODY in request.scope:
        raise Problem(NO_SUCH_METHOD, headers={"Allow": "GET"})
    return EventStream(readers, _messages(readers, telling, partial(_may_go_on, request)), follower)


def seen_by(request: Request) -> str:
    """The position that the client has seen: of the last message, else of the page that it shows."""
    return (request.headers.get("last-event-id") or request.query_params.get("seen", ""))[:LONGEST_ID]


def message(position: str, event: str, data: str) -> bytes:
    """One message. Whoever comes back names its position; `data` is one line."""
    return f"id: {position}\nevent: {event}\ndata: {data}\n\n".encode()


ALIVE: Final = b": still here\nevent: alive\ndata:\n\n"
"""Sent where nothing happens: a page that has not even heard this for a while knows that it is cut off."""


async def _may_go_on(request: Request) -> bool:
    """Whether a follower is still let in, as what it began as; a link is looked at when it is opened."""
    began: Caller | None = getattr(request.state, "caller", None)
    if began is None:
        return True
    now = await visitor(request)
    return now is not None and (now.actor, now.role) == (began.actor, began.role)


async def _messages(
    readers: Readers, telling: Telling, may_go_on: Callable[[], Awaitable[bool]]
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends = loop.time() + readers.follow_s
    yield f"retry: {RETRY_MS}\n\n".encode()
    with telling as told:
        while True:
            if told.touched.is_set():
                told.touched.clear()
                if not await may_go_on():
                    return
                if news := told.news():
                    yield news
            if told.ended or loop.time() >= ends:
                return
            try:
                # Not `wait_for`: before Python 3.12 it may swallow the end of this very task.
                async with asyncio.timeout(readers.heartbeat_s):
                    await told.touched.wait()
            except TimeoutError:
                if not await may_go_on():
                    return
                yield ALIVE


@contextmanager
def _positions(readers: Readers, followed: Followed, seen: str, written: Callable[[str], str]) -> Iterator[Told]:
    owed = followed.shown if beyond(followed.shown, seen) else ""
    with readers.waiter.watch(followed.stream) as touched:
        if owed or followed.moved_meanwhile():
            touched.set()
        yield _Position(touched, followed, owed, written)


class _Position:
    """Tells how far something moved; the page then reads itself again. `owed`: what it had not seen before."""

    def __init__(self, touched: asyncio.Event, followed: Followed, owed: str, written: Callable[[str], str]) -> None:
        self.touched, self.ended = touched, False
        self._followed, self._written = followed, written
        self._owed, self._last = owed, "" if owed else followed.shown

    def news(self) -> bytes:
        """The position, where it is another than was told last."""
        now, self._owed = self._owed or self._followed.now(), ""
        if now == self._last:
            return b""
        self._last = now
        position = self._written(now)
        return message(position, "moved", f'{{"position": "{position}"}}')


def beyond(shown: str, seen: str) -> bool:
    """Whether there is anything to see that was not seen; a position that is none has seen nothing."""
    try:
        known = parse_positions(seen)
    except Problem:
        known = {}
    return any(sequence > known.get(partition, 0) for partition, sequence in parse_positions(shown).items())
