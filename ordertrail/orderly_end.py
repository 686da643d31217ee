"""How a server ends: nothing new is accepted, what is under way is finished and answered, then everything leaves.

Decides: how long that may take. Must not know: what is served.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import uvicorn

    from streams.runtime import Limits

SPARE_S: Final = 1.0
CLOSING_S: Final = 10.0
"""Connections to servers that stand still are not closed at once."""


def grace_s(limits: Limits) -> int:
    """How long requests under way may last: each caller's own time runs out before, and it hears what is known."""
    return math.ceil(max(limits.answer_s, limits.stop_s) + SPARE_S)


def whole_end_s(limits: Limits) -> float:
    """How long an orderly end may take at most: the requests, then the writers, then what they used."""
    return grace_s(limits) + limits.stop_s + CLOSING_S


async def serve_before(http: uvicorn.Server, *rest: Coroutine[Any, Any, None]) -> None:
    """Serve on top of the rest until one of them ends or we are cancelled; the first failure is raised.

    The server ends first, so that requests under way still find the rest at work; it bounds its own end
    (`timeout_graceful_shutdown`). Then the rest ends, in the order in which it is named.
    """
    serving = asyncio.create_task(http.serve())
    tasks = [asyncio.create_task(part) for part in rest]
    try:
        done, _ = await asyncio.wait([serving, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        http.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        for task in tasks:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
