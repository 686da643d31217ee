"""An event loop whose time and order of turns come from a seed.

Decides: which of the ready callbacks runs next (by the seed, not first in first out), and that time moves only when
nothing is ready. Threads, sockets and signals raise: what runs here has no other time and no other chance. Must not
know: what runs.
"""

from __future__ import annotations

import asyncio
import gc
import heapq
import itertools
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TypeVar

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from contextvars import Context
    from random import Random

T = TypeVar("T")

PROCESS: Final = ContextVar[str]("process", default="")
"""Whose turn a callback is: tasks and timers inherit it from what made them."""

MOST_TURNS: Final = 2_000_000
"""Of one run; more is a loop that never waits."""
MOST_ENDED: Final = 1_000
"""Tasks that are remembered although they have ended."""


class Stuck(Exception):
    """Nothing is ready and nothing will ever be, or the turns never end."""


class SimulationLoop(asyncio.AbstractEventLoop):
    """Runs one world."""

    def __init__(self, luck: Random) -> None:
        self.turns = 0
        self.failures: list[BaseException] = []
        """What a callback or a task raised that nobody asked for."""
        self._luck = luck
        self._now = 0.0
        self._numbers = itertools.count()
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._frozen: set[str] = set()
        self._tasks: list[tuple[str, asyncio.Task[Any]]] = []

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run until `main` has ended; what is left then never runs."""
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(finalizer=self._let_go)
        collecting = gc.isenabled()
        gc.disable()  # it would end generators at moments of its own
        asyncio.events._set_running_loop(self)  # noqa: SLF001 - the one way to be the running loop
        try:
            task = self.create_task(main)
            while not task.done():
                self._turn()
            return task.result()
        finally:
            for _, left in self._tasks:
                left._log_destroy_pending = False  # type: ignore[attr-defined]  # noqa: SLF001 - its process is gone
            asyncio.events._set_running_loop(None)  # noqa: SLF001
            sys.set_asyncgen_hooks(*hooks)
            if collecting:
                gc.enable()

    def forget(self) -> None:
        """Let go of everything that has not run."""
        self._ready.clear()
        self._timers.clear()
        self._tasks.clear()

    def freeze(self, process: str) -> None:
        """None of this process's callbacks has a turn until `thaw`."""
        self._frozen.add(process)

    def thaw(self, process: str) -> None:
        """Its callbacks have their turns again."""
        self._frozen.discard(process)

    def tasks_of(self, process: str) -> list[asyncio.Task[Any]]:
        """Its tasks that have not ended, in the order in which they were made."""
        self._forget_ended()
        return [task for whose, task in self._tasks if whose == process]

    def _turn(self) -> None:
        self.turns += 1
        if self.turns > MOST_TURNS:
            raise Stuck("the turns do not end")
        handle = self._next()
        if not handle.cancelled():
            handle._run()  # noqa: SLF001 - as every loop does

    def _next(self) -> asyncio.Handle:
        while True:
            found = self._some_ready()
            if found is not None:
                return found
            self._let_time_pass()

    def _some_ready(self) -> asyncio.Handle | None:
        ready = self._ready
        if not self._frozen:
            return ready.pop(self._luck.randrange(len(ready))) if ready else None
        awake = [place for place, handle in enumerate(ready) if _process_of(handle) not in self._frozen]
        return ready.pop(self._luck.choice(awake)) if awake else None

    def _let_time_pass(self) -> None:
        if not self._timers:
            raise Stuck("everybody waits for somebody else")
        self._now = max(self._now, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self._now:
            handle = heapq.heappop(self._timers)[2]
            if not handle.cancelled():
                self._ready.append(handle)

    def _let_go(self, generator: AsyncGenerator[Any, Any]) -> None:
        self.create_task(generator.aclose())

    @override
    def time(self) -> float:
        return self._now

    @override
    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> asyncio.Handle:  # type: ignore[override]
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    @override
    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    @override
    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._numbers), handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Cancelled ones are passed over when their time comes."""

    @override
    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    @override
    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[T]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        process = PROCESS.get() if context is None else context.get(PROCESS, "")
        self._tasks.append((process, task))
        if len(self._tasks) % MOST_ENDED == 0:
            self._forget_ended()
        return task

    def _forget_ended(self) -> None:
        self._tasks = [(whose, task) for whose, task in self._tasks if not task.done()]

    @override
    def get_debug(self) -> bool:
        return False

    @override
    def is_running(self) -> bool:
        return True

    @override
    def is_closed(self) -> bool:
        return False

    @override
    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self.failures.append(context.get("exception") or RuntimeError(context["message"]))


def _process_of(handle: asyncio.Handle) -> str:
    context: Context = handle._context  # type: ignore[attr-defined]  # noqa: SLF001
    return context.get(PROCESS, "")
