"""Runs all figures and prints one JSON line each. Exit code 1 when one does not hold.

`--quick` is a smoke run that says whether everything works, not how fast it is. `--profile DIR` leaves a cProfile of
both servers there; figures of such a run mean nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path

from benchmarks.bench import FULL, QUICK, Length, prepared
from benchmarks.machine import facts
from benchmarks.serving import Setting
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.kafka import LocalKafka, ensure_jars
from ordertrail.local.postgres import LocalPostgres
from ordertrail.settings import from_environment
from streams.postgres.migrate import migrate
from web.tokens import ensure_key

Lines = list[dict[str, object]]


async def measured(directory: Path, length: Length, profiles: Path | None) -> Lines:
    """Start PostgreSQL and Kafka in the directory, measure, stop them; one line a figure."""
    postgres, kafka = LocalPostgres(directory / "postgres"), LocalKafka(directory / "kafka", await jars())
    try:
        database_url, bootstrap = await postgres.start(), await kafka.start()
        await migrate(database_url)
        ensure_key(directory / "token.key")
        setting = Setting(bootstrap, database_url, str(directory / "token.key"), str(profiles) if profiles else None)
        pids = {"kafka": kafka.pid or 0, "postgresql": postgres.pid or 0}
        async with prepared(setting, length, pids) as bench:
            say(f"Warming up for {length.warm_up_s:g} s ...")
            await bench.warm_up()
            beside = await facts(database_url, kafka.data_dir)
            say(f"Measuring {length.rounds} rounds of {length.seconds:g} s, three figures ...")
            return [figure.line() | beside for figure in await bench.measure()]
    finally:
        await kafka.stop()
        await postgres.stop()


async def until_told(work: Coroutine[None, None, Lines]) -> Lines:
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


def main() -> int:
    """The exit code: 0 when every figure holds, or when the run was only a smoke run; 2 when nothing could be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke run: 2 rounds of 2 s")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="leave a cProfile of both servers there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ordertrail-benchmarks-") as directory:
        try:
            lines = asyncio.run(until_told(measured(Path(directory), QUICK if given.quick else FULL, given.profile)))
        except LocalServerError as error:
            say(str(error))
            return 2
        except (asyncio.CancelledError, KeyboardInterrupt):
            return 130
    for line in lines:
        print(json.dumps(line))
    return 0 if given.quick or all(line["holds"] for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
