"""`ordertrail up`: everything on this machine as one thing that starts, stays up and stops.

Decides: the order of starting and stopping, what is printed, and the exit code. Starts PostgreSQL, Kafka where the log
needs it, one server process and one projector; starts again what was killed. Must not know: what any of them does.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import httpx

from ordertrail import exits, manifest, wiring
from ordertrail.local import servers
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.children import Child, EndedForGood, tend
from ordertrail.local.servers import LocalServers
from ordertrail.manifest import DataRefused
from ordertrail.ready_message import greet
from ordertrail.rehearsal.sample import Sample
from ordertrail.rehearsal.staff import staff_of
from ordertrail.settings import child_environment
from streams.log import LogUnavailable, LogUnfit
from streams.together import until_one_ends

if TYPE_CHECKING:
    from ordertrail.local.children import Say
    from ordertrail.local.servers import Endpoints
    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_S: Final = 3600.0
"""Rebuilding an index from a long log takes long; a process that keeps ending is noticed sooner."""
READY_POLL_S: Final = 0.05
MOST_STARTS: Final = 5
"""A process that is not ready after this many starts will never be."""
MODULES: Final = (("The server", "ordertrail.server"), ("The projector", "ordertrail.projector"))


class Supervisor:
    """One instance on one data directory."""

    def __init__(self, settings: Settings, say: Say) -> None:
        self._settings = settings
        self._say = say
        self._servers = LocalServers(settings, say)
        self._children: list[tuple[str, Child]] = []

    async def run(self) -> int:
        """Run until a signal or an end that cannot be mended; the exit code."""
        work = asyncio.create_task(self._live())
        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, work.cancel)
        try:
            await work
        except asyncio.CancelledError:
            self._say("Stopping ...")
            return exits.STOPPED
        except EndedForGood as end:
            self._say(str(end))
            return end.code
        except (LocalServerError, DataRefused, LogUnavailable, LogUnfit) as refusal:
            self._say(str(refusal))
            return exits.REFUSED
        finally:
            await self._stop()
        return exits.PROBLEM

    async def _live(self) -> None:
        settings = self._settings
        self._servers.hold()
        manifest.require_kind(manifest.load(settings.data), settings)
        require_free_port(settings)
        endpoints = await self._servers.start()
        settled = await wiring.settled(settings, endpoints)
        await self._start_children(endpoints)
        parts = [*self._servers.parts, *((name, child, child.module) for name, child in self._children)]
        tending = [tend(name, part, address, self._say) for name, part, address in parts]
        await until_one_ends(*tending, self._serve(endpoints, settled))

    async def _start_children(self, endpoints: Endpoints) -> None:
        environment = child_environment(self._settings, endpoints.database_url, endpoints.bootstrap)
        self._say("Starting the server and the projector ...")
        for name, module in MODULES:
            child = Child(module, self._settings.data, environment, partial(migrated_if_reached, endpoints))
            self._children.append((name, child))
            await child.start()

    async def _serve(self, endpoints: Endpoints, settled: Manifest) -> None:
        """Begin, then go on for as long as everything runs."""
        await self._begin(endpoints, settled)
        await asyncio.get_running_loop().create_future()

    async def _begin(self, endpoints: Endpoints, settled: Manifest) -> None:
        """Wait until all answer, say so, and play the sample that is due."""
        data = self._settings.data
        await self._ready(endpoints.url)
        settled = settled.model_copy(update={"claimed": True})
        manifest.save(data, settled)
        servers.announce(data, endpoints)
        if settled.sample is None or not settled.sample_due:
            await greet(self._settings, endpoints, settled, self._say)
            return
        async with staff_of(self._settings, settled, settled.sample.run) as staff:
            sample = Sample(staff)
            await sample.play_tracked()
            await greet(self._settings, endpoints, settled, self._say)
            await sample.play_rest()
        manifest.save(data, settled.sample_finished())

    async def _ready(self, url: str) -> None:
        deadline = time.monotonic() + READY_S
        async with httpx.AsyncClient() as client:
            while time.monotonic() < deadline:
                for name, child in self._children:
                    if child.starts >= MOST_STARTS:
                        raise EndedForGood(f"{name} does not start: {child.last_words()}", exits.PROBLEM)
                try:
                    answer = await client.get(f"{url}/health/ready", timeout=5.0)
                except httpx.TransportError:
                    answer = None
                if answer is not None and answer.is_success:
                    return
                await asyncio.sleep(READY_POLL_S)
        raise EndedForGood("The server does not become ready.", exits.PROBLEM)

    async def _stop(self) -> None:
        """The server first, so that nothing more is accepted; what the others depend on last."""
        for _, child in self._children:
            await child.stop()
        await self._servers.stop()


async def migrated_if_reached(endpoints: Endpoints) -> None:
    """A schema that somebody has dropped is made again. While the database is away, whoever needs it waits for it."""
    with contextlib.suppress(DataRefused):
        await wiring.migrated(endpoints)


def require_free_port(settings: Settings) -> None:
    """Refuse with one sentence when another program listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise LocalServerError(
                f"Port {settings.port} on {settings.host} cannot be used: {(error.strerror or '').lower()}."
            ) from error
