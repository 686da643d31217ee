"""What a simulated process holds of the world outside: log, index, views and what else is kept, each at the end of a
wire that can be slow, fail, and be cut.

Decides: how long a call takes, and that nothing of a process reaches the world once its wire is cut, whatever its
`finally` blocks try. Must not know: when faults strike (`world.py`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final

from streams.log import Claim, Record

if TYPE_CHECKING:
    from random import Random

    from simulation.trace import WorldTrace

QUICK_S: Final = 0.004
"""Longest that a call takes on its way there, and as long on its way back."""
SLOW_S: Final = 1.5
NO_TIME: Final = 0.3
"""How often a call takes no time at all: what is on the same machine, and was in memory."""


@dataclass
class Weather:
    """What ails the wires to a thing now, by its name. Counted, for faults overlap."""

    slow: Counter[str] = field(default_factory=Counter)
    away: Counter[str] = field(default_factory=Counter)


@dataclass
class Wire:
    """Between one process and one thing outside."""

    owner: str
    name: str
    away: type[Exception]
    """What a call raises while the thing is away."""
    luck: Random
    trace: WorldTrace
    weather: Weather
    cut: bool = False

    async def travel(self, what: str) -> None:
        """One way. A process whose wire is cut hears nothing more of it, ever."""
        await self._until_cut()
        longest = SLOW_S if self.weather.slow[self.name] else QUICK_S
        await asyncio.sleep(0 if self.luck.random() < NO_TIME else self.luck.uniform(0, longest))
        await self._until_cut()
        self.trace.add(self.owner, self.name, what)
        if self.weather.away[self.name]:
            self.trace.count("error", self.away.__name__)
            raise self.away(f"{self.name} is away, as planned")

    async def _until_cut(self) -> None:
        if self.cut:
            await asyncio.get_running_loop().create_future()


class AtTheEnd:
    """A thing outside as its port says it is, over a wire: every call takes its time there and back."""

    def __init__(self, thing: object, wire: Wire) -> None:
        self._thing, self._wire = thing, wire

    def __getattr__(self, name: str) -> Any:
        """A method of the thing, over the wire; what is no method is the thing's own."""
        found = getattr(self._thing, name)
        if isasyncgenfunction(found):
            return lambda *args, **named: self._read(name, found(*args, **named))
        if iscoroutinefunction(found):
            return lambda *args: self._called(name, found, args)
        if isasyncgenfunction(getattr(found, "__wrapped__", None)):
            return lambda **named: self._within(name, found(**named))
        return found

    async def _called(self, name: str, method: Any, args: tuple[Any, ...]) -> Any:
        what = f"{name} {_told(args)}"
        await self._wire.travel(what)
        try:
            answer = await method(*args)
        except Exception as error:
            self._wire.trace.count("error", type(error).__name__)
            await self._wire.travel(what)
            raise
        await self._wire.travel(what)
        return answer

    @asynccontextmanager
    async def _within(self, name: str, transaction: AbstractAsyncContextManager[Any]) -> AsyncGenerator[Any]:
        await self._wire.travel(name)
        async with transaction as made:
            yield made
            await self._wire.travel(f"{name}: commit")
        await self._wire.travel(f"{name}: committed")

    async def _read(self, name: str, batches: AsyncGenerator[Any]) -> AsyncGenerator[Any]:
        async for batch in batches:
            await self._wire.travel(f"{name} {batch.next.place}")
            yield batch


def _told(args: Sequence[Any]) -> str:
    return " ".join(_one(arg) for arg in args)


def _one(arg: Any) -> str:
    if isinstance(arg, Claim):
        return f"{arg.partition}@{arg.term}"
    if isinstance(arg, Sequence) and arg and isinstance(arg[0], Record):
        return f"{arg[0].sequence}+{len(arg)}"
    return str(arg) if isinstance(arg, int | str) else type(arg).__name__
