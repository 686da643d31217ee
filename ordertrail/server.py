"""The server process: both APIs and all pages on one port, the writers of every partition and the workflow.

Decides: which application serves which path, what "ready" means, and that the process ends when a part of it does. Must
not know: what commands and pages mean.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, LiteralString

import psycopg
import uvicorn

from commands.workflow_checkpoint import PostgresWorkflowCheckpoints
from commands.workflow_runner import WorkflowRunner
from ordertrail import applications, wiring
from ordertrail.orderly_end import grace_s, serve_before
from ordertrail.process_main import main
from projections.freshness import PositionWaiter, freshness
from streams.metrics import VIEW_LAG_SECONDS
from streams.postgres.connection import OUTAGE, limited
from streams.runtime import Runtime
from streams.snapshots import PostgresSnapshots
from streams.writing.lookup import Lookups
from streams.writing.partition import Company
from streams.writing.writers import Writers
from web.connections import uvicorn_options
from web.database import borrowed, edge_pool
from web.health import Health
from web.problems import Problem
from web.server import Server

if TYPE_CHECKING:
    from ordertrail.settings import Settings
    from streams.log import Log
    from streams.runtime import Limits
    from web.database import Pool
    from web.health import Check

FRESH_S: Final = 15.0
"""A projector that has not caught up for this long is stuck or gone; a backlog alone is no reason not to serve."""
READING_CONNECTIONS: Final = 8
AT_THE_DOOR: Final = 4
"""Connections for sign-in, sessions and health: a full house of readers must not keep anybody out."""
DOOR_LOOK_S: Final = 5.0
DOOR: Final[LiteralString] = (
    "SELECT FROM web.session, web.sign_in_code, web.password, web.sign_in_try, web.provider_start LIMIT 0"
)
MOST_FILES: Final = 8_192
MOST_TOLD: Final = 20
"""Parked streams that the health check names."""


async def serve(settings: Settings) -> None:
    """Serve until cancelled, or until one part ends: the process is started again as a whole."""
    allow_many_files()
    endpoints, manifest = wiring.endpoints_of(settings), wiring.manifest_of(settings)
    runtime = Runtime(zone=settings.zone, take_for=timedelta(minutes=settings.take_minutes))
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(wiring.open_pool(endpoints.database_url))
        log = await stack.enter_async_context(
            wiring.opened(wiring.build_log(settings, endpoints, manifest.partitions, runtime))
        )
        looking_up = await stack.enter_async_context(wiring.open_index_pool(endpoints.database_url))
        index = wiring.build_index(log, looking_up, runtime)
        company = Company(manifest.company, manifest.number_prefix, manifest.partitions)
        lookups = Lookups(index, PostgresSnapshots(pool, endpoints.database_url, runtime))
        claim_record = manifest.claim_record(settings.url, str(runtime.new_id()))
        writers = Writers(log, lookups, company, claim_record, runtime)
        workflow = WorkflowRunner(writers, index, PostgresWorkflowCheckpoints(pool, runtime))
        waiter = PositionWaiter(endpoints.database_url)
        await waiter.open()
        stack.push_async_callback(waiter.close)
        reading = await stack.enter_async_context(edge_pool(limited(endpoints.database_url), READING_CONNECTIONS))
        door = await stack.enter_async_context(edge_pool(limited(endpoints.database_url), AT_THE_DOOR))
        parts = applications.Parts(settings, manifest, reading, door, writers, waiter, log.durability)
        app = await stack.enter_async_context(applications.both(parts, checks(log, writers, workflow, door)))
        http = Server(uvicorn.Config(app, loop="none", **uvicorn_options(), **listening(settings, runtime.limits)))
        await serve_before(http, workflow.run(), writers.run(), door_stands(door))


def listening(settings: Settings, limits: Limits) -> dict[str, Any]:
    """Where to listen and how to end."""
    return {
        "host": settings.host,
        "port": settings.port,
        "proxy_headers": True,
        "timeout_graceful_shutdown": grace_s(limits),
    }


def allow_many_files() -> None:
    """Take what the system allows: a connection is a file, and some systems begin at 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def checks(log: Log, writers: Writers, workflow: WorkflowRunner, pool: Pool) -> Mapping[str, Check]:
    """What has to be well for the instance to be ready, and what whoever operates it has to know."""

    async def durability() -> Health:
        return Health(ok=True, detail=log.durability)

    async def streams() -> Health:
        aside = {**workflow.parked, **writers.parked}
        told = "; ".join(f"{stream} is parked: {why}" for stream, why in list(aside.items())[:MOST_TOLD])
        return Health(ok=True, detail=told)

    async def partitions_open() -> Health:
        return Health(writers.open, "" if writers.open else "some partitions are not open yet")

    async def index_answers() -> Health:
        away = "the index does not answer: commands for what is not in memory are put off"
        return Health(not writers.index_away, away if writers.index_away else "")

    return {
        "partitions": partitions_open,
        "index": index_answers,
        "views": partial(views_fresh, pool),
        "streams": streams,
        "durability": durability,
    }


async def door_stands(pool: Pool) -> None:
    """Look again and again; psycopg's UndefinedTable, which ends the process, when somebody has dropped the tables for
    sign-in and sessions: only a start makes them again.
    """
    while True:
        with suppress(Problem, *OUTAGE):
            async with borrowed(pool) as connection:
                await connection.execute(DOOR)
        await asyncio.sleep(DOOR_LOOK_S)


async def views_fresh(pool: Pool) -> Health:
    """Whether the projector keeps up; why it does not, where it says so."""
    try:
        async with borrowed(pool) as connection:
            found = await freshness(connection)
    except (Problem, psycopg.Error) as error:
        return Health(ok=False, detail=str(error))
    for one in found:
        VIEW_LAG_SECONDS.labels(one.partition).set(one.age_s)
    stopped = next((one.stopped for one in found if one.stopped), None)
    stale = not found or max(one.age_s for one in found) > FRESH_S
    if stopped:
        return Health(ok=False, detail=stopped)
    return Health(not stale, "the projector does not keep up" if stale else "")


if __name__ == "__main__":
    main(serve)
