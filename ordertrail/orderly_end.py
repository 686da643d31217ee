"""How a server ends: nothing new is accepted, what is under way is finished and answered, then everything leaves.

Must not know: what is served.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    import uvicorn


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
