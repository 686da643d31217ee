"""Whose turn it is, among the partitions of a process, to work off many of the workflow's commands at once.

All of them wait for one processor. With a few commands of each partition in every batch, a batch cost more than its
commands; with many of all partitions, people waited for all of these. Decides: that one partition at a time has its
turn, in the order in which they asked, and that a turn ends. Must not know: batches, commands.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Relay:
    """Partitions that want their turn, the one that has it first. Each is known by the event that wakes it."""

    def __init__(self, turn_s: float) -> None:
        self._turn_s = turn_s
        self._asking: deque[asyncio.Event] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def is_turn_of(self, partition: asyncio.Event) -> bool:
        """Whether it is this partition's turn; if not, it has asked for one by this, and is woken for it."""
        if partition not in self._asking:
            self._asking.append(partition)
            if self._asking[0] is partition:
                self._begin()
        return self._asking[0] is partition

    def over(self, partition: asyncio.Event) -> None:
        """Let the next one have its turn, if this partition had it."""
        if self._asking and self._asking[0] is partition:
            self._asking.popleft()
            self._begin()

    def leave(self, partition: asyncio.Event) -> None:
        """This partition is not worked off here any more."""
        self.over(partition)
        if partition in self._asking:
            self._asking.remove(partition)

    def _begin(self) -> None:
        """Wake whoever is first now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._asking:
            first = self._asking[0]
            self._timer = asyncio.get_running_loop().call_later(self._turn_s, self.over, first)
            first.set()
