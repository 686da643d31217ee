"""Processes that live and die with `ordertrail up`: how each is started, watched, started again and stopped.

Decides: when a process that ended, or one of ours that hangs, is started again and how long to wait before. Must not
know: what the processes do; the embedded servers have the same shape (`pid`, `start`, `stop`) and are tended alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from ordertrail import exits
from ordertrail.local import child_server
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.heartbeat import Pulse
from ordertrail.orderly_end import whole_end_s
from streams.runtime import Limits

POLL_S: Final = 0.1
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0
STEADY_S: Final = 30.0
"""A process that ran this long is started again without a growing pause."""
SHUTDOWN: Final = ((signal.SIGTERM, whole_end_s(Limits())), (signal.SIGKILL, 30.0))

COMM_LENGTH: Final = 15
"""Linux keeps this many letters of a program's name."""

MEND_S: Final = 30.0
STILL_S: Final = 120.0
"""A process of ours that has not moved for so long is ended and started again. One that was frozen for a minute comes
back and goes on where it was, so this is twice that."""

Say = Callable[[str], None]
Mend = Callable[[], Awaitable[None]]
"""Makes good what a process may have stumbled over."""


class EndedForGood(Exception):
    """A process ended in a way that starting it again cannot mend."""

    def __init__(self, sentence: str, code: int) -> None:
        self.code = code
        super().__init__(sentence)


class Tended(Protocol):
    """Anything that runs under the supervisor."""

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""

    async def start(self) -> str:
        """Start it; where it is reached, which stays the same."""

    async def stop(self) -> None:
        """End it, with everything it still has to write."""


class Child:
    """One Python process of ours, running a module of this package. `before_again` is done before it is started again,
    for as long as that takes no more than 30 s.
    """

    def __init__(self, module: str, data: Path, environment: Mapping[str, str], before_again: Mend) -> None:
        self.module = module
        self._before_again = before_again
        self.log = data / "logs" / f"{module.rpartition('.')[2]}.log"
        self.starts = 0
        self._directory = data / "run" / module
        self._heartbeat = self._directory / "heartbeat"
        self._environment = {**environment, "ORDERTRAIL_HEARTBEAT": str(self._heartbeat)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, negative for a signal."""
        return self._process.poll() if self._process else None

    async def start(self) -> str:
        """Start it, after ending whatever a killed supervisor left running here."""
        for directory in (self._directory, self.log.parent):
            directory.mkdir(parents=True, exist_ok=True)
        if self.starts:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MEND_S):
                    await self._before_again()
        self.starts += 1
        program = Path(sys.executable).name[:COMM_LENGTH]
        await child_server.clear(lambda: child_server.running_in(self._directory, program), *SHUTDOWN)
        command = [sys.executable, "-P", "-m", self.module]
        self._process = child_server.launch(
            command, self._directory, log=self.log, end=signal.SIGTERM, env=self._environment
        )
        return self.module

    async def watch(self) -> bool:
        """Return when it has ended, or hangs and was ended for that; whether it was."""
        pulse = Pulse(self._heartbeat)
        while self.pid is not None:
            await asyncio.sleep(POLL_S)
            child_server.keep_small(self.log)
            pulse.look()
            if pulse.still_s >= STILL_S:
                await self.stop()
                return True
        return False

    async def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        if self._process:
            await child_server.terminate(self._process, *SHUTDOWN)

    def last_words(self) -> str:
        """The end of its log."""
        return child_server.last_words(self.log, 1)


async def tend(name: str, part: Tended, address: str, say: Say) -> None:
    """Start the part again whenever it ends; never returns. `EndedForGood` where that cannot help."""
    pause = FIRST_PAUSE_S
    while True:
        begun = time.monotonic()
        hung = await _ended(part)
        if isinstance(part, Child) and part.exit_code in exits.NEVER_RESTARTED:
            raise EndedForGood(part.last_words(), part.exit_code)
        if time.monotonic() - begun >= STEADY_S:
            pause = FIRST_PAUSE_S
        why = f"has not moved for {STILL_S:.0f} s" if hung else "ended unexpectedly"
        say(f"{name} {why} and is started again.")
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
        await _again(name, part, address, say)


async def _ended(part: Tended) -> bool:
    """Return when the part has ended; whether because it hung."""
    if isinstance(part, Child):
        return await part.watch()
    while part.pid is not None:  # noqa: ASYNC110 - a process tells nobody that it has ended
        await asyncio.sleep(POLL_S)
    return False


async def _again(name: str, part: Tended, address: str, say: Say) -> None:
    try:
        found = await part.start()
    except (LocalServerError, OSError) as error:  # a full disk ends nothing: it may have room again
        say(str(error))
        return
    if found != address:
        raise EndedForGood(
            f"{name} came back at another address, so everything has to be started again.", exits.PROBLEM
        )


async def until_orphaned(parent: int) -> None:
    """Return when the process `parent` is no longer ours: a child must not outlive its supervisor."""
    while os.getppid() == parent:  # noqa: ASYNC110 - nobody is told that its parent has changed
        await asyncio.sleep(1.0)
