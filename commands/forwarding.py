"""Passing a request on, once, to the process that owns the partition.

Decides: which headers travel; the address travels with its query. Must not know: what the request says.
"""

from __future__ import annotations

import asyncio
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

ASKED: Final = frozenset(
    {
        b"authorization",
        b"content-type",
        b"cookie",
        b"idempotency-key",
        b"if-match",
        b"traceparent",
        b"x-csrf-token",
        b"x-on-behalf-of",
    }
)
ANSWERED: Final = ("cache-control", "content-type", "etag", "location", "retry-after", POSITION_HEADER)


async def forward(request: Request, elsewhere: ElsewhereOwned, mark: str, *, preview: bool) -> Response:
    """The owner's answer. `mark` is the id of an order to be placed, or `1`.

    Raises the `ElsewhereOwned` again when the request has been passed on before, `NotExecuted` when nobody answers
    there and `StillUnknown` when the answer does not come; of a preview it is known that nothing was executed.
    """
    if FORWARDED in request.headers:
        raise elsewhere
    # As bytes: names in a header may be UTF-8.
    headers = [(name, value) for name, value in request.headers.raw if name in ASKED]
    query = f"?{request.url.query}" if request.url.query else ""
    try:
        async with httpx.AsyncClient(timeout=DEADLINE_S, trust_env=False) as client:
            answer = await client.post(
                elsewhere.address.rstrip("/") + request.url.path + query,
                content=await request.body(),
                headers=[*headers, (FORWARDED.encode(), forwarded_mark(identity_of(request).secret, mark).encode())],
            )
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise NotExecuted from None
    except (httpx.TransportError, asyncio.CancelledError):  # cancelled: this process ends
        raise (NotExecuted if preview else StillUnknown) from None
    kept = {name: answer.headers[name] for name in ANSWERED if name in answer.headers}
    return Response(answer.content, answer.status_code, kept)
