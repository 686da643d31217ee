"""Serving an application in a process of its own, in the loop that the product runs in.

The parent writes the settings to our standard input and reads our answers, the port first, from our standard output.
"""

from __future__ import annotations

import asyncio
import cProfile
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import uvloop

from ordertrail.local.children import until_orphaned
from ordertrail.process_main import collect_seldom

if TYPE_CHECKING:
    import uvicorn


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a process of this run finds everything; it holds the database's password, so it travels by pipe."""

    bootstrap: str
    database_url: str
    key_file: str
    profiles: str | None = None
    """Directory where each server leaves a cProfile, of processor time; None to run without."""

    def line(self) -> bytes:
        """As it travels."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls) -> Setting:
        """What the parent has written."""
        return cls(**json.loads(sys.stdin.readline()))


def run(name: str, work: Callable[[Setting], Coroutine[None, None, None]]) -> None:
    """Run a process's work in uvloop until it ends or SIGTERM comes."""
    setting = Setting.read()
    collect_seldom()
    profile = cProfile.Profile(time.thread_time) if setting.profiles else None
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if profile:
            profile.enable()
        runner.run(_until_told(work(setting)))
        if profile:
            profile.disable()
            profile.dump_stats(f"{setting.profiles}/{name}.prof")


async def _until_told(work: Coroutine[None, None, None]) -> None:
    """Until the work ends, SIGTERM comes, or the run that started us is gone."""
    working = asyncio.ensure_future(work)
    orphaned = asyncio.ensure_future(until_orphaned(os.getppid()))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    await asyncio.wait([working, orphaned], return_when=asyncio.FIRST_COMPLETED)
    orphaned.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait([working])
    if not working.cancelled():
        working.result()


async def serve(server: uvicorn.Server) -> None:
    """Serve on a free port of the loopback interface, and say which."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    await server.serve(sockets=[listening])
