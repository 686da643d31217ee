"""What our server processes have in common: one event loop, orderly ends, exit codes and log lines.

Decides: which error becomes which exit code. Must not know: what the process does.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final

import uvloop
from psycopg.errors import UndefinedTable

from ordertrail import exits
from ordertrail.local.children import until_orphaned
from ordertrail.local.heartbeat import beat
from ordertrail.manifest import DataRefused
from ordertrail.settings import Settings, SettingsError, from_environment
from projections.checkpoints import Superseded
from streams.log import LogUnavailable, LogUnfit, TakenOver
from web.server import NotListening

FORMAT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"

COLLECT_AFTER: Final = (2_000, 2, 50_000)
"""Objects made before the youngest generation is searched for cycles, and how often one search leads to the next."""

Main = Callable[[Settings], Coroutine[Any, Any, None]]


def collect_seldom() -> None:
    """Let Python look for cyclic garbage less often than by default.

    Thousands of states live long and hold no cycles; with the default each search of all of them stopped the writer for
    0.4 s, and together they took half its time. A search costs 1 µs an object, and of our objects nearly all are still
    in use: the young are searched in small portions, 10 ms each and 50 ms with the middle generation. Ten times as many
    at once took the same time in total, and stopped everybody for up to 0.5 s.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


def main(work: Main) -> None:
    """Run a process's work until it ends, a signal comes or the supervisor is gone; leave with its exit code."""
    collect_seldom()
    logging.basicConfig(level=logging.INFO, format=FORMAT, stream=sys.stderr)
    # One line a request is the business of whoever asks for it; ours are one a batch and one a refusal.
    for chatty, level in (("httpx", logging.WARNING), ("uvicorn", logging.WARNING), ("kafka", logging.CRITICAL)):
        logging.getLogger(chatty).setLevel(level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code, sentence = runner.run(_run(work))
    if sentence:
        # The very last words: whoever started us repeats them.
        sys.stderr.write(f"{sentence}\n")
    sys.exit(code)


FORESEEN_ENDS: Final[tuple[tuple[tuple[type[Exception], ...], int, str], ...]] = (
    ((TakenOver, Superseded), exits.FENCED, "Another process has taken over, so this one ends: {}."),
    ((SettingsError, DataRefused), exits.REFUSED, "{}"),
    ((LogUnfit,), exits.REFUSED, "The log is not what it must be: {}."),
    ((LogUnavailable,), exits.PROBLEM, "The log is away: {}."),
    ((NotListening,), exits.PROBLEM, "The server cannot start: {}."),
    ((UndefinedTable,), exits.PROBLEM, "{}"),
)
"""Ends that were foreseen: exit code and sentence."""
FORESEEN: Final = tuple(kind for kinds, _, _ in FORESEEN_ENDS for kind in kinds)


async def _run(work: Main) -> tuple[int, str]:
    """Exit code, and the sentence that explains it; none where somebody asked us to end."""
    try:
        settings = from_environment()
        await _until_told(work(settings), settings.ordertrail_heartbeat)
    except FORESEEN as error:
        return _foreseen(error)
    return exits.STOPPED, ""


def _foreseen(error: Exception) -> tuple[int, str]:
    code, sentence = next((code, sentence) for kinds, code, sentence in FORESEEN_ENDS if isinstance(error, kinds))
    told = exits.what_is_missing(error) if isinstance(error, UndefinedTable) else exits.first_line(error)
    return code, sentence.format(told)


async def _until_told(work: Coroutine[Any, Any, None], heartbeat: Path | None) -> None:
    """End the work on SIGINT or SIGTERM, and when the process that started us is gone. Until then it beats."""
    working = asyncio.create_task(work)
    beating = asyncio.create_task(beat(heartbeat))
    orphaned = asyncio.create_task(until_orphaned(os.getppid()))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        await asyncio.wait([working, orphaned], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    finally:
        beating.cancel()
        orphaned.cancel()
    if not working.cancelled():
        working.result()
