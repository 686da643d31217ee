"""Runs the figures and prints one JSON line each. Exit code 1 when one does not hold.

`--only` runs some of them; those of memory are only run when they are named by `--memory`, as they take long. `--quick`
is a smoke run that says whether everything works, not how fast it is. `--profile DIR` leaves a cProfile of the servers
of the write path there; figures of such a run mean nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import boards, memory, operating, pages, whole
from benchmarks.bench import FULL, QUICK, Length, prepared
from benchmarks.company import RunningCompany, company
from benchmarks.figures import Amount
from benchmarks.machine import facts
from benchmarks.serving import Setting
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.kafka import LocalKafka, ensure_jars
from ordertrail.local.postgres import LocalPostgres
from ordertrail.settings import LogKind, from_environment
from streams.kafka.topic import FoundTopic
from streams.postgres.migrate import migrate
from web.tokens import ensure_key

Printed = list[dict[str, object]]

DURABILITY: Final = FoundTopic(copies=1, in_sync=1, flushed=False).durability()
"""What an acknowledged order of the first chapter would have survived."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a chapter needs: where it may write, how long it may take, and where profiles go."""

    directory: Path
    length: Length
    profiles: Path | None = None


async def commands(run: Run) -> Printed:
    """The write path against the same route without a log; PostgreSQL and Kafka run for as long as it takes."""
    directory, length, profiles = run.directory, run.length, run.profiles
    postgres, kafka = LocalPostgres(directory / "postgres"), LocalKafka(directory / "kafka", await jars())
    try:
        database_url, bootstrap = await postgres.start(), await kafka.start()
        await migrate(database_url)
        ensure_key(directory / "token.key")
        setting = Setting(bootstrap, database_url, str(directory / "token.key"), str(profiles) if profiles else None)
        pids = {"kafka": kafka.pid or 0, "postgresql": postgres.pid or 0}
        async with prepared(setting, length, pids) as bench:
            say(f"Commands: warming up for {length.warm_up_s:g} s ...")
            await bench.warm_up()
            beside = await facts(database_url, kafka.data_dir) | {"durability": DURABILITY}
            say(f"Commands: {length.rounds} rounds of {length.seconds:g} s, four figures ...")
            return [figure.line() | beside for figure in await bench.measure()]
    finally:
        await kafka.stop()
        await postgres.stop()


async def views(run: Run) -> Printed:
    """Rebuild and verify, on both logs in turn."""
    length = run.length
    async with (
        company(run.directory / "kafka", LogKind.KAFKA) as kafka,
        company(run.directory / "embedded", LogKind.EMBEDDED) as embedded,
    ):
        say(f"Rebuild and verify: {length.rounds} rounds after {length.orders} orders on both logs ...")
        of_kafka, of_embedded = await operating.measure([kafka, embedded], length.orders, length.rounds)
        return await lines(kafka, of_kafka) + await lines(embedded, of_embedded)


async def orders(run: Run) -> Printed:
    """Whole orders on Kafka."""
    async with company(run.directory / "kafka", LogKind.KAFKA) as kafka:
        say(f"Whole orders: {run.length.rounds} rounds of {run.length.whole_s:g} s ...")
        return await lines(kafka, await whole.measure(kafka, run.length))


async def desks(run: Run) -> Printed:
    """Open boards and the pages of a large order, on the embedded log."""
    async with company(run.directory / "embedded", LogKind.EMBEDDED) as embedded:
        say(f"Boards: {run.length.rounds} rounds after {run.length.orders} orders ...")
        of_boards = await boards.measure(embedded, run.length)
        return await lines(embedded, of_boards + await pages.measure(embedded, run.length))


async def resident(run: Run) -> Printed:
    """What server and projector hold, on Kafka."""
    async with company(run.directory / "kafka", LogKind.KAFKA) as kafka:
        say(f"Memory: {run.length.remembered[-1]} orders, {run.length.remembered_per_s:g} a second ...")
        return await lines(kafka, await memory.measure(kafka, run.length))


async def lines(of: RunningCompany, figures: list[Amount]) -> Printed:
    """The figures of a company, with its log and the machine beside."""
    beside = await of.facts()
    return [figure.line() | beside for figure in figures]


Chapter = Callable[[Run], Coroutine[Any, Any, Printed]]
CHAPTERS: Final[dict[str, Chapter]] = {"commands": commands, "orders": orders, "views": views, "boards": desks}


async def until_told(work: Coroutine[None, None, Printed]) -> Printed:
    """The lines; SIGTERM ends the run as Ctrl-C does, so that no server is left behind."""
    working = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    return await working


async def jars() -> Path:
    """The broker, fetched where it is not there."""
    return await ensure_jars(from_environment().ordertrail_cache)


def say(sentence: str) -> None:
    """Progress goes to standard error, so that it does not mix with the figures."""
    print(sentence, file=sys.stderr, flush=True)


def measured(chapter: Chapter, length: Length, profiles: Path | None) -> Printed:
    """One chapter on a directory of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ordertrail-benchmarks-") as directory:
        return asyncio.run(until_told(chapter(Run(Path(directory), length, profiles))))


def main() -> int:
    """The exit code: 0 when every figure holds, or when the run was only a smoke run; 2 when nothing could be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run: one short round of everything")
    parser.add_argument("--only", choices=CHAPTERS, nargs="+", help="what to measure; all of it if not given")
    parser.add_argument("--memory", action="store_true", help="measure memory instead; three minutes and more")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="leave a cProfile of both servers there")
    given = parser.parse_args()
    chapters = [resident] if given.memory else [CHAPTERS[name] for name in given.only or CHAPTERS]
    hold = True
    try:
        for chapter in chapters:
            for line in measured(chapter, QUICK if given.quick else FULL, given.profile):
                print(json.dumps(line), flush=True)
                hold = hold and bool(line["holds"])
    except LocalServerError as error:
        say(str(error))
        return 2
    except (asyncio.CancelledError, KeyboardInterrupt):
        return 130
    return 0 if given.quick or hold else 1


if __name__ == "__main__":
    sys.exit(main())
