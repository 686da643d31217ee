"""A simulated process: tasks that can be killed together, and wires to the world outside that can be cut.

Decides: that a crash cuts the process's wires before its tasks hear of it. Must not know: what the process does.
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from simulation.loop import PROCESS
from simulation.ports import Wire

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine, Sequence
    from random import Random

    from simulation.world import World

P = TypeVar("P", bound="SimulatedProcess")


@dataclass
class SimulatedProcess:
    """One of them."""

    world: World
    name: str
    luck: Random
    gone: bool = False
    wires: list[Wire] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._context = contextvars.copy_context()
        self._context.run(PROCESS.set, self.name)

    def live(self, what: Coroutine[Any, Any, None]) -> None:
        """What it does until it ends."""
        self._main = self.begin(what)
        self._main.add_done_callback(self._ended)

    def begin(self, what: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Something that runs in this process."""
        return self.world.loop.create_task(what, context=self._context.copy())

    def stop(self) -> None:
        """Ask it to end, as SIGTERM does."""
        self._main.cancel()

    def kill(self) -> None:
        """It is gone at once."""
        self.gone = True
        for wire in self.wires:
            wire.cut = True
        self.die()
        for task in self.world.loop.tasks_of(self.name):
            task.cancel()
        self.hang_up()

    def die(self) -> None:
        """What else is gone with it, before its tasks hear of it."""

    def hang_up(self) -> None:
        """What others hear of its end."""

    def wire(self, name: str, away: type[Exception]) -> Wire:
        """To one thing outside."""
        made = Wire(self.name, name, away, self.luck, self.world.trace, self.world.weather)
        self.wires.append(made)
        return made

    def _ended(self, main: asyncio.Task[None]) -> None:
        if self.gone:
            return
        self.gone = True
        error = None if main.cancelled() else main.exception()
        self.world.ended(self.name, error)
        self.hang_up()


def living(processes: Sequence[P]) -> list[P]:
    """Those that have not ended."""
    return [process for process in processes if not process.gone]


def some(luck: Random, processes: Sequence[P]) -> P | None:
    """One of those that have not ended."""
    there = living(processes)
    return luck.choice(there) if there else None
