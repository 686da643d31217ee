"""Work that is cut by partition, each part in a process of its own, as many at a time as there are cores.

Decides: how such processes are started and that none outlives who started it. Must not know: what they do.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final, TypeVar

T = TypeVar("T")
R = TypeVar("R")

LOOK_S: Final = 0.5


async def in_processes(work: Callable[[T], Coroutine[Any, Any, R]], parts: Sequence[T]) -> list[R]:
    """What `work` makes of each part, in their order. Work, parts and results travel, so they have to be picklable."""
    context = multiprocessing.get_context("spawn")  # a copy of this process would hold its connections and threads
    count = min(len(parts), os.cpu_count() or 1)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(count, mp_context=context, initializer=_prepare, initargs=(os.getpid(),)) as pool:
        try:
            return await asyncio.gather(
                *(loop.run_in_executor(pool, functools.partial(_run, work, part)) for part in parts)
            )
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _prepare(parent: int) -> None:
    # What is made here lives for one batch or to the end, without cycles: searching for some took half of the time.
    gc.freeze()
    gc.disable()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)


def _run(work: Callable[[T], Coroutine[Any, Any, R]], part: T) -> R:
    return asyncio.run(work(part))
