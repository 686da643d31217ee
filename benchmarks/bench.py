"""One run: servers, processes, warm-up, rounds.

Decides: the order in which things are measured: what is compared is measured in turn, round after round, so that a slow
minute of the machine hits both sides.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from benchmarks.figures import Figure, Goal
from benchmarks.load import Task
from benchmarks.machine import busy_s
from benchmarks.order import Credentials
from benchmarks.serving import Setting

START_S: Final = 60.0
STOP_S: Final = 10.0
SETTLE_S: Final = 0.3
"""Between two measurements: what the first one left to the index is written by then."""

ABOUT: Final = ("product", "kafka", "postgresql")
"""Processes that work on an order."""

PLACE: Final = "place-order of 3 lines over HTTP, 32 connections"
PLACE_MANY: Final = "place-order of 3 lines, 1,000 lines a request, against 32 connections"
PLACE_ALONE: Final = "place-order of 3 lines over HTTP, 1 connection, p50"
APPEND: Final = "append of 64 records"


@dataclass(frozen=True, slots=True)
class Length:
    """How long everything takes, and how much of it there is."""

    rounds: int
    seconds: float
    warm_up_s: float
    orders: int
    """In the log that is rebuilt and verified, nine events each."""
    whole_s: float
    """Of load by whole orders in a round."""
    whole_per_s: float
    """Orders offered a second then: a little more than the goal, since the last second's may still be under way."""
    remembered: tuple[int, int]
    """Orders after which memory is looked at."""
    remembered_per_s: float


FULL: Final = Length(5, 5.0, 30.0, 10_000, 60.0, 460.0, (11_112, 33_334), 200.0)
QUICK: Final = Length(1, 1.0, 2.0, 60, 3.0, 20.0, (40, 80), 20.0)


def figures() -> list[Figure]:
    """What is measured, and what must hold."""
    return [
        Figure(PLACE, "orders/s", Goal(0.35)),
        Figure(PLACE_MANY, "orders/s", Goal(1.5)),
        Figure(PLACE_ALONE, "ms", Goal(1.0, at_least=False)),
        Figure(APPEND, "records/s", Goal(0.6)),
    ]


class Worker:
    """A process of this run, asked and answering line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def ask(self, line: bytes, seconds: float) -> str:
        """The next line of its output after it was told `line`."""
        reading, writing = self._process.stdout, self._process.stdin
        if reading is None or writing is None:
            raise RuntimeError("the process was started without pipes")
        writing.write(line)
        await writing.drain()
        async with asyncio.timeout(seconds):
            answer = await reading.readline()
        if not answer:
            raise RuntimeError("a process of the run ended; what it said stands above")
        return answer.decode()

    async def stop(self) -> None:
        """End it; a process that is waiting for its next line ends when there will be none."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.returncode is None:
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def start(module: str) -> Worker:
    """A process that runs a module of ours."""
    pipe = asyncio.subprocess.PIPE
    return Worker(await asyncio.create_subprocess_exec(sys.executable, "-m", module, stdin=pipe, stdout=pipe))


@asynccontextmanager
async def child(module: str, setting: Setting) -> AsyncGenerator[tuple[Worker, int]]:
    """A process while it runs, with the port it serves."""
    started = await start(module)
    try:
        yield started, int(await started.ask(setting.line(), START_S))
    finally:
        await started.stop()


async def loaded(task: Task, by: str = "benchmarks.load") -> dict[str, float]:
    """The outcome of a load in a process of its own; every order of it was placed."""
    generator = await start(by)
    try:
        outcome: dict[str, float] = json.loads(await generator.ask(task.line(), task.seconds + START_S))
    finally:
        await generator.stop()
    if not outcome["answered"]:
        raise RuntimeError("not one order was placed")
    if outcome["failed"]:
        raise RuntimeError(f"{outcome['failed']:.0f} orders were not placed; the figures would be wrong")
    return outcome


@dataclass(slots=True)
class Bench:
    """The processes of a run and what they are asked."""

    length: Length
    token: str
    pids: dict[str, int]
    """Of the servers below: `kafka` and `postgresql`; our own are added."""
    ports: dict[str, int] = field(default_factory=dict)
    commits: Worker | None = None

    async def post(self, to: str, connections: int, seconds: float, by: str = "benchmarks.load") -> dict[str, float]:
        """Load one of the servers."""
        outcome = await loaded(Task(self.ports[to], self.token, connections, seconds), by)
        await asyncio.sleep(SETTLE_S)
        return outcome

    async def measured(self, to: str, connections: int) -> dict[str, float]:
        """As `post`, with the processor time in ms that each process spent on one answer."""
        before = {name: busy_s(pid) for name, pid in self.pids.items()}
        outcome = await self.post(to, connections, self.length.seconds)
        spent = {name: busy_s(pid) - before[name] for name, pid in self.pids.items()}
        return outcome | {f"{name}_cpu_ms": took * 1000 / outcome["answered"] for name, took in spent.items()}

    async def commit(self, what: str, size: int, seconds: float) -> dict[str, float]:
        """Commits without HTTP."""
        if self.commits is None:
            raise RuntimeError("the process that commits was not started")
        found: dict[str, float] = json.loads(
            await self.commits.ask(json.dumps([what, size, seconds]).encode() + b"\n", seconds + START_S)
        )
        return found

    async def warm_up(self) -> None:
        """A cold JVM takes twice as long, and so do the first requests of a server."""
        whole = self.length.warm_up_s
        await self.post("product", 32, 0.6 * whole)
        await self.post("reference", 32, 0.1 * whole)
        for what in ("append", "bare"):
            await self.commit(what, 64, 0.1 * whole)
            await self.commit(what, 1, 0.05 * whole)

    async def measure(self) -> list[Figure]:
        """All rounds of all figures."""
        place, many, alone, append = found = figures()
        seconds = self.length.seconds
        for _ in range(self.length.rounds):
            ours, reference = await self.measured("product", 32), await self.measured("reference", 32)
            beside = {name: ours[name] for name in ("p50_ms", "p99_ms", *(f"{name}_cpu_ms" for name in ABOUT))}
            place.add(ours["per_s"], reference["per_s"], reference_cpu_ms=reference["reference_cpu_ms"], **beside)
        for _ in range(self.length.rounds):
            ours, reference = (
                await self.post("product", 1, seconds, "benchmarks.many"),
                await self.post("product", 32, seconds),
            )
            many.add(ours["per_s"], reference["per_s"], request_p50_ms=ours["p50_ms"])
        for _ in range(self.length.rounds):
            ours, reference = await self.post("product", 1, seconds), await self.post("reference", 1, seconds)
            bare = await self.commit("bare", 1, seconds / 2)
            allowed = 3 * reference["p50_ms"] + 1.5 * bare["p50_ms"]
            alone.add(ours["p50_ms"], allowed, route_p50_ms=reference["p50_ms"], transaction_p50_ms=bare["p50_ms"])
        for _ in range(self.length.rounds):
            ours, reference = await self.commit("append", 64, seconds), await self.commit("bare", 64, seconds)
            append.add(ours["records_s"], reference["records_s"], record_bytes=ours["bytes"])
        return found


@asynccontextmanager
async def prepared(setting: Setting, length: Length, pids: dict[str, int]) -> AsyncGenerator[Bench]:
    """All processes of a run while it lasts; `pids` are those of the servers."""
    bench = Bench(length, Credentials(setting.key_file).token(), pids)
    async with AsyncExitStack() as stack:
        for name in ("product", "reference"):
            server, bench.ports[name] = await stack.enter_async_context(child(f"benchmarks.{name}", setting))
            bench.pids[name] = server.pid
        bench.commits, _ = await stack.enter_async_context(child("benchmarks.commits", setting))
        yield bench
