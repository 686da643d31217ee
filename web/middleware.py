"""What surrounds both applications: security headers, limits on bodies, HEAD, and the last resort for errors.

Decides: which headers every answer carries, that HEAD is answered as GET without the body,
what a fault of ours looks like from outside. Must not know: routes, callers, commands.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import TYPE_CHECKING, Final

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from web.bodies import Body, BodyLimits
from web.problems import BAD_UTF_8, ENDING, FAULT, Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
)
"""`same-origin` keeps tracking and sign-in links out of other sites' logs."""

WITHOUT_BODY: Final = "ordertrail.without_body"
"""In the scope of a GET that came as HEAD: who cannot answer it without sending for ever refuses it."""

UTF_8: Final = frozenset({b"utf-8", b"utf8"})
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")


class Edge:
    """ASGI middleware, outermost of ours. `https` says whether the company is reached by TLS."""

    def __init__(self, app: ASGIApp, *, limits: BodyLimits | None = None, https: bool = False) -> None:
        self._app = app
        self._limits = limits or BodyLimits()
        self._headers = [*SECURITY_HEADERS, STRICT_TRANSPORT] if https else [*SECURITY_HEADERS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = Body(receive, self._limits, scope["path"])
        answer = _Answer(send, self._headers)
        if scope["method"] == "HEAD":  # the server leaves the body out
            scope = {**scope, "method": "GET", WITHOUT_BODY: True}
        try:
            headers = Headers(scope=scope)
            body.refuse_announced(headers.get("content-length", ""))
            require_utf_8(headers.get("content-type", ""))
            await self._app(scope, body.receive, answer.unless(body))
        except Problem as problem:
            await self._give(problem, scope, receive, answer)
        except ClientDisconnect:
            logger.debug("a caller left before the end of the body")
        except asyncio.CancelledError:
            if answer.started:
                raise
            await self._give(Problem(ENDING, headers={"Retry-After": "1"}), scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - what nobody foresaw is written down once and answered as 500
            await self._give(_written_down(scope, error), scope, receive, answer)
        finally:
            body.done()

    async def _give(self, problem: Problem, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if answer.started:
            raise problem
        await problem.response()(scope, receive, answer.send)


class _Answer:
    """Adds our headers to an answer and remembers that it has begun."""

    __slots__ = ("_headers", "_send", "started")

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.started = False

    def unless(self, body: Body) -> Send:
        """Send, but the refusal in place of whatever the application made of a body that was not read to its end."""

        async def send(message: Message) -> None:
            if body.refusal is None:
                await self.send(message)
            elif not self.started:
                await body.refusal.response()({"type": "http"}, body.receive, self.send)

        return send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            given = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(pair for pair in self._headers if pair[0] not in given)]
        await self._send(message)


def require_utf_8(content_type: str) -> None:
    """`Problem` 400 for a body in another charset: some of Python's own, such as unicode_escape, give half a letter."""
    _, parameters = parse_options_header(content_type)
    if parameters.get(b"charset", b"utf-8").lower() not in UTF_8:
        raise Problem(BAD_UTF_8, "the charset must be utf-8")


def _written_down(scope: Scope, error: Exception) -> Problem:
    """Log the error, by ids only: paths may hold tokens and queries may hold names."""
    fault_id = secrets.token_hex(8)
    route = getattr(scope.get("route"), "path", "no route")
    order_id = scope.get("path_params", {}).get("order_id", "-")
    logger.error("fault %s: %s %s, order %s", fault_id, scope["method"], route, order_id, exc_info=error)
    return Problem(FAULT, fault_id=fault_id)
