"""What another server answers, within bounds of time and size.

Decides: that no answer is waited for or held without an end, and that nobody is led elsewhere. Must not know: what is
fetched.
"""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

import httpx

FETCH_S: Final = 5.0
LARGEST_ANSWER: Final = 256 * 1024
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


async def fetched(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    """The body of a good answer. `httpx.HTTPError`, TimeoutError, or ValueError where it is too large."""
    async with asyncio.timeout(FETCH_S):
        answer = await client.send(request, stream=True, follow_redirects=False)
        try:
            answer.raise_for_status()
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise ValueError("the answer is too large")
            return body
        finally:
            await answer.aclose()


def is_guarded(url: str) -> bool:
    """Whether nobody on the way can change what comes from there: https, or this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
