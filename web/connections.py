"""What a connection may take of us: uvicorn's protocol on httptools, with limits of our own.

uvicorn bounds the time between two requests and nothing else. Decides: how large the head of a request may be, how long
head, body and an answer that nobody reads may take, and how many connections there are. Must not know: applications,
callers.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

import httptools
from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from web.outgoing import Outgoing
from web.places import Awaited, ConnectionLimits, gives_way
from web.sockets import end_when_unreachable, unread_bytes

KEPT_S: Final = 75
"""How long a connection may lie idle: longer than clients and proxies keep theirs (httpx 5 s, many proxies 60 s). Who
closes first is never met by a request: with uvicorn's 5 s a command could arrive in the moment of the close and be
lost without an answer. Where places are short, idle connections give theirs (`_make_room`)."""
QUIET_S: Final = 0.1
"""When we end: how long whoever is connected may still ask. Who was answered just before learns from one more answer
that it is the last."""

REFUSALS: Final = {
    408: b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    503: b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
}


class HeadTooLarge(Exception):
    """The head of a request is larger than the limit."""


class NotServed(Exception):
    """The request asks for a tunnel, or not of exactly one host (RFC 9112, 3.2)."""


class HttpConnection(HttpToolsProtocol):
    """One connection within the limits; `look` ends it when a deadline has passed."""

    limits: ClassVar[ConnectionLimits] = ConnectionLimits()

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request."""
        self._outgoing = Outgoing(transport, self.limits.piece_bytes, self.loop.time)
        super().connection_made(self._outgoing)
        self._awaited: Awaited | None = Awaited.HEAD
        self._asked = False
        self._ending_since: float | None = None
        self.left = False
        self.since = self.loop.time()
        self._head_bytes = self._unread_bytes = 0
        self._answering: RequestResponseCycle | None = None
        end_when_unreachable(transport, self.limits.stalled_s)
        if len(self.connections) > self.limits.connections:
            self._make_room()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more for what was sent ahead."""
        self.pipeline.clear()
        if self._answering is not None:
            self._answering.disconnected = True
            self._answering.message_event.set()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        """Take what came, unless something in it that is no body grows beyond the limit."""
        self._unset_keepalive_if_required()
        if self._awaited is None:
            self._await(Awaited.HEAD)
        self._unread_bytes += len(data)
        try:
            self._feed(data)
        except httptools.HttpParserError:
            self.send_400_response("This is not HTTP.")
            return
        if self._awaited is not None and self._unread_bytes > self.limits.head_bytes:
            # One endless header, trailer or chunk extension: the parser keeps it and tells nobody until it ends.
            self.refuse(431)

    def _feed(self, data: bytes) -> None:
        """Have it parsed; a wish for another protocol is passed over, as RFC 9110, 7.8 allows."""
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as wish:
                # The parser has skipped the body, taking it for the other protocol: read it all again without the wish.
                data = self._head_without_wish() + data[wish.args[0] :]
            else:
                return

    def _head_without_wish(self) -> bytes:
        line = b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        kept = [b"%b: %b" % (name, value) for name, value in self.headers if name != b"upgrade"]
        return b"\r\n".join([line, *kept, b"", b""])

    @override
    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._asked = True
        self._head_bytes = self._unread_bytes = 0
        if self._awaited is None:
            self._await(Awaited.HEAD)

    @override
    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._count(len(url))
        super().on_url(url)

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        """One header. What comes after a body is counted and dropped: whoever stands before us has not seen it."""
        self._count(len(name) + len(value) + len(b": \r\n"))
        if self._awaited is not Awaited.BODY:
            super().on_header(name, value)

    @override
    def on_headers_complete(self) -> None:
        """The head is here."""
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() != "1.0"):
            raise NotServed
        if self.parser.get_method() == b"CONNECT":
            raise NotServed
        if self.parser.should_upgrade():
            return  # `_feed` reads it again
        self._await(Awaited.BODY)
        super().on_headers_complete()
        if self._ending_since is not None:
            self.cycle.keep_alive = False

    @override
    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._unread_bytes = 0
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        """The body is here."""
        if self.parser.should_upgrade():
            return
        self._awaited = None
        super().on_message_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read, or what we told it not to."""
        if self._head_bytes > self.limits.head_bytes:
            self.refuse(431)
        else:
            super().send_400_response(msg)

    @override
    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def look(self, now: float) -> None:
        """End the connection if it has taken too long; `now` is the loop's time in seconds."""
        limits = self.limits
        if (self.behind_s() or 0.0) > (limits.moment_s if self.left else limits.stalled_s):
            self.transport.abort()
        elif self.flow.read_paused:
            self.since = now  # it is we who do not read
        elif self._awaited is not None and now - self.since > self._allowed_s():
            self.refuse(408)

    def _allowed_s(self) -> float:
        return self.limits.head_s if self._awaited is Awaited.HEAD else self.limits.body_s

    def _await(self, part: Awaited) -> None:
        self._awaited, self.since = part, self.loop.time()

    def _count(self, size: int) -> None:
        self._unread_bytes = 0
        self._head_bytes += size
        if self._head_bytes > self.limits.head_bytes:
            raise HeadTooLarge

    @property
    def at_work(self) -> bool:
        """Whether a request is being answered."""
        return self._answering is not None and not self._answering.response_complete

    @property
    def awaited(self) -> Awaited | None:
        """What of a request we wait for; nothing while it is we who do not read."""
        return None if self.flow.read_paused else self._awaited

    @property
    def is_closing(self) -> bool:
        """Whether nothing more is read."""
        return self.transport.is_closing()

    @property
    def behind_since(self) -> float | None:
        """Since when what lies here has not been read; None where nothing does."""
        return self._outgoing.behind_since

    def behind_s(self) -> float | None:
        """For how long what lies here has not been read; None where nothing does."""
        return self._outgoing.behind_s()

    @property
    def _is_quiet(self) -> bool:
        """Whether nobody waits for anything: no request is under way, has begun, or lies unread."""
        has_begun = self._asked and self._awaited is not None
        return not (self.at_work or has_begun or unread_bytes(self.transport))

    @override
    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing has come; libuv asks the clock before it reads."""
        if not unread_bytes(self.transport):
            super().timeout_keep_alive_handler()

    @override
    def shutdown(self) -> None:
        """We end, and look again until this is closed: whatever is asked from now on is the last, and is answered."""
        now = self.loop.time()
        if self._ending_since is None:
            self._ending_since = now
        if self.at_work and not self.cycle.response_started:
            self.cycle.keep_alive = False
        if self._is_quiet and now - self._ending_since >= QUIET_S:
            self.transport.close()

    def hurry(self) -> None:
        """We end: wait no more for the rest of a request to come, and for the rest of an answer to be read."""
        answering = self._answering if self.at_work else None
        unanswered = answering is not None and not answering.response_started
        if unanswered and answering is not None and not answering.more_body:
            return  # it is the other side that waits
        if not self.transport.is_closing() and (unanswered or self._awaited is Awaited.HEAD):
            self.refuse(503)
        else:
            self.transport.abort()

    def _make_room(self) -> None:
        """Somebody gives its place (web/places.py says who), or this one is refused: one leaves for each too many."""
        staying = [one for one in self.connections if isinstance(one, HttpConnection) and not one.left]
        if len(staying) > self.limits.connections:
            others = (one for one in staying if one is not self)
            (gives_way(others, self.loop.time(), self.limits.moment_s) or self).leave()

    def leave(self) -> None:
        """Go at once: a close would wait, as long as its reader likes, for what is not read."""
        self.left = True
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.refuse(503)

    def refuse(self, status: int) -> None:
        """Say why, unless it would be taken for the answer to another request or a part of one, or not be read."""
        own = self._awaited is Awaited.BODY and self._answering is self.cycle and not self.cycle.response_started
        self._awaited = None
        if (own or not self.at_work) and (self.behind_s() or 0.0) <= self.limits.moment_s:
            self.transport.write(REFUSALS[status])
            self.transport.close()
        else:
            self.transport.abort()


def uvicorn_options(protocol: type[HttpConnection] = HttpConnection) -> dict[str, Any]:
    """What every server of ours says to uvicorn: no logs of its own (ours are one line a batch), no WebSockets."""
    return {
        "http": protocol,
        "ws": "none",
        "lifespan": "off",
        "timeout_keep_alive": KEPT_S,
        "log_config": None,
        "access_log": False,
        "server_header": False,
    }
