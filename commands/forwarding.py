"""Passing a request on, once, to the process that owns the partition.

Decides: which headers travel; the address travels with its query. Must not know: what the request says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
from starlette.requests import Request
from starlette.responses import Response

from commands.parsing import FORWARDED, forwarded_mark
from streams.writing.errors import ElsewhereOwned, NotExecuted, StillUnknown
from web.caller_dependency import identity_of
from web.positions import HEADER as POSITION_HEADER

DEADLINE_S: Final = 12.0
"""A little longer than the owner itself waits before it answers `StillUnknown`."""

OF_THE_SENDER: Final = frozenset({b"authorization", b"cookie", b"traceparent", b"x-csrf-token"})
OF_THE_COMMAND: Final = {
    b"content-type",
    b"idempotency-key",
    b"if-match",
    b"seen-act",
    b"seen-version",
    b"x-on-behalf-of",
}
ASKED: Final = OF_THE_SENDER | OF_THE_COMMAND
ANSWERED: Final = ("cache-control", "content-type", "etag", "location", "retry-after", POSITION_HEADER)


@dataclass(frozen=True, slots=True)
class ForwardedCall:
    """A request as it is passed on. The address has its query; headers are bytes, for names in them may be UTF-8."""

    target: str
    content: bytes
    headers: Sequence[tuple[bytes, bytes]]
    preview: bool


async def forward(request: Request, elsewhere: ElsewhereOwned, mark: str, *, preview: bool) -> Response:
    """The owner's answer. `mark` is the id of an order to be placed, or `1`.

    Raises the `ElsewhereOwned` again when the request has been passed on before, and as `pass_on`.
    """
    if FORWARDED in request.headers:
        raise elsewhere
    query = f"?{request.url.query}" if request.url.query else ""
    passed = ForwardedCall(request.url.path + query, await request.body(), asked_headers(request, ASKED), preview)
    async with passing_client() as client:
        answer = await pass_on(client, passed, elsewhere, forwarded_mark(identity_of(request).secret, mark))
    kept = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
    return Response(answer.content, answer.status_code, kept)


def asked_headers(request: Request, names: Collection[bytes]) -> list[tuple[bytes, bytes]]:
    """Those of the request's headers that travel."""
    return [(name, value) for name, value in request.headers.raw if name in names]


def passing_client() -> httpx.AsyncClient:
    """What reaches other processes; to be opened as a context."""
    return httpx.AsyncClient(timeout=DEADLINE_S, trust_env=False)


async def pass_on(
    client: httpx.AsyncClient, passed: ForwardedCall, elsewhere: ElsewhereOwned, mark: str
) -> httpx.Response:
    """The owner's answer to a request with our mark.

    Raises `NotExecuted` when nobody answers there and `StillUnknown` when the answer does not come; of a preview it is
    known that nothing was executed.
    """
    try:
        return await client.post(
            elsewhere.address.rstrip("/") + passed.target,
            content=passed.content,
            headers=[*passed.headers, (FORWARDED.encode(), mark.encode())],
        )
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise NotExecuted from None
    except (httpx.TransportError, asyncio.CancelledError):  # cancelled: this process ends
        raise (NotExecuted if passed.preview else StillUnknown) from None
