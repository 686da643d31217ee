"""Running several things that belong together: when one ends, all end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Coroutine

AGAIN_S: Final = 5.0
"""Who has not ended by then is cancelled again: `asyncio.wait_for`, in a library, may lose a cancellation for good."""


async def until_one_ends(*parts: Coroutine[Any, Any, None]) -> None:
    """Run all parts; when one ends or fails, or when cancelled, end the others. The first failure is raised."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        left = set(tasks)
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=AGAIN_S)
        await asyncio.gather(*tasks, return_exceptions=True)
