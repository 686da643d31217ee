"""How many of the workflow's commands the partitions of a process work off at a time.

All of them wait for one processor. With a few commands of each partition in every batch, a batch cost more than its
commands; with many of all partitions, people waited for all of these. Decides: who of those that ask is given how many,
and that nobody who has some, or could have some, keeps others waiting for long. Must not know: batches, commands.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Budget:
    """A semaphore of which each takes as many as it wants and there are, in the order in which they asked.

    A partition is known by the event that wakes it.
    """

    def __init__(self, most: int, longest_s: float) -> None:
        self._left = most
        self._longest_s = longest_s
        """After this, what is taken counts as given back, and whoever was woken and does not come goes to the end."""
        self._asking: deque[asyncio.Event] = deque()
        self._taken: dict[asyncio.Event, tuple[int, asyncio.TimerHandle]] = {}
        self._woken: tuple[asyncio.Event, asyncio.TimerHandle] | None = None

    def take(self, partition: asyncio.Event, wanted: int) -> int:
        """How many this partition may have now; of none, it has asked for some by this, and is woken for them."""
        self.give_back(partition)
        if not wanted:
            self._forget(partition)
            return 0
        if partition not in self._asking:
            self._asking.append(partition)
        if self._asking[0] is not partition or not self._left:
            self._wake()
            return 0
        taken = min(wanted, self._left)
        self._left -= taken
        timer = asyncio.get_running_loop().call_later(self._longest_s, self.give_back, partition)
        self._taken[partition] = (taken, timer)
        self._forget(partition)
        return taken

    def give_back(self, partition: asyncio.Event) -> None:
        """What this partition took is there for others."""
        number, timer = self._taken.pop(partition, (0, None))
        if timer is not None:
            timer.cancel()
            self._left += number
            self._wake()

    def leave(self, partition: asyncio.Event) -> None:
        """This partition wants none for now."""
        self.give_back(partition)
        self._forget(partition)

    def _forget(self, partition: asyncio.Event) -> None:
        if partition in self._asking:
            self._asking.remove(partition)
        self._wake()

    def _wake(self) -> None:
        """Wake who is first, if there is something to take, and see that it comes."""
        first = self._asking[0] if self._asking and self._left else None
        if self._woken is not None and self._woken[0] is not first:
            self._woken[1].cancel()
            self._woken = None
        if first is not None and self._woken is None:
            self._woken = (first, asyncio.get_running_loop().call_later(self._longest_s, self._pass_over))
            first.set()

    def _pass_over(self) -> None:
        """Who is first has not come: the next one may."""
        self._woken = None
        self._asking.rotate(-1)
        self._wake()
