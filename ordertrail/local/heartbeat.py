"""How a process of ours shows that it moves, and how its supervisor sees that it does not.

Decides: what a heartbeat is (the time of a file), and how standing still is counted. Must not know: what follows.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BEAT_S: Final = 1.0
LONGEST_LOOK_S: Final = 1.0
"""Time between two looks counts no more than this: a supervisor that stood still itself has seen nothing."""


async def beat(file: Path | None) -> None:
    """Touch the file every second, for ever, from the event loop: a loop that is blocked beats no more."""
    while True:
        if file is not None:
            with suppress(OSError):
                file.touch()
        await asyncio.sleep(BEAT_S)


class Pulse:
    """What a supervisor sees of one heartbeat. `look` often."""

    def __init__(self, file: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.still_s = 0.0
        """For how many seconds it has been seen to stand still; a process that begins stands still at first."""
        self._file = file
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._seen = self._beaten_at()

    def look(self) -> None:
        """Compare with the last look."""
        now, beaten_at = self._monotonic(), self._beaten_at()
        self.still_s += min(now - self._looked_at, LONGEST_LOOK_S)
        self._looked_at = now
        if beaten_at != self._seen:
            self._seen, self.still_s = beaten_at, 0.0

    def _beaten_at(self) -> int:
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0
