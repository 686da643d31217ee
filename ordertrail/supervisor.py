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
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import httpx

from domain.roles import Role
from ordertrail import exits, log_ends, manifest, wiring
from ordertrail.issuer import Issuer
from ordertrail.local import servers
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.children import Child, EndedForGood, tend
from ordertrail.local.servers import LocalServers
from ordertrail.log_ends import LogSetBack
from ordertrail.manifest import DataRefused
from ordertrail.ready_message import greet
from ordertrail.rehearsal.sample import Sample
from ordertrail.rehearsal.staff import staff_of
from ordertrail.settings import child_environment
from streams.log import LogUnavailable, LogUnfit
from streams.postgres.connection import OUTAGE
from streams.together import until_one_ends
from web.tokens import Caller

if TYPE_CHECKING:
    from ordertrail.local.children import Say
    from ordertrail.local.servers import Endpoints
    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings

Signed = Callable[[httpx.Request], httpx.Request]

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_S: Final = 3600.0
"""Rebuilding an index from a long log takes long; a process that keeps ending is noticed sooner."""
READY_POLL_S: Final = 0.05
SAY_EVERY_S: Final = 5.0
"""A start that takes longer says what it waits for; no more often than this, and only what is new."""
NOTE_LIMIT_S: Final = 5.0
"""How long noting the log's ends may take: a log that does not answer by then is asked another time."""
NOTE_EVERY_S: Final = 600.0
"""How often the log's ends are compared with what was noted, and noted, while everything runs; also before a process
is started again, and at an orderly end."""
NOTE_AGAIN_S: Final = 2.0
"""The same where a process was started again and the log could not be asked before."""
MOST_STARTS: Final = 5
"""A process that is not ready after this many starts will never be."""
TAKEN_OVER: Final = "taken-over"
"""File in the data directory of an instance that was fenced: it starts again only where a person says so."""
MODULES: Final = (("The server", "ordertrail.server"), ("The projector", "ordertrail.projector"))


class Supervisor:
    """One instance on one data directory."""

    def __init__(self, settings: Settings, say: Say, *, take_over: bool = False) -> None:
        self._settings = settings
        self._take_over = take_over
        self._say = say
        self._servers = LocalServers(settings, say)
        self._children: list[tuple[str, Child]] = []
        self._begun: tuple[Endpoints, Manifest] | None = None
        """Where the log is, from when it was found to be ours."""
        self._unchecked = asyncio.Event()
        """Set while a process was started again on a log that was not compared with its noted ends."""
        self._not_noted = ""
        """Why the ends could not be noted, as it was said last."""

    async def run(self) -> int:
        """Run until a signal or an end that cannot be mended; the exit code."""
        code = exits.PROBLEM
        try:
            code = await self._ended()
        finally:
            await self._stop(code)
        return code

    async def _ended(self) -> int:
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
            if end.code == exits.FENCED:
                (self._settings.data / TAKEN_OVER).touch()
            return end.code
        except (LocalServerError, DataRefused, LogUnavailable, LogUnfit) as refusal:
            self._say(str(refusal))
            return exits.REFUSED
        return exits.PROBLEM

    async def _live(self) -> None:
        settings = self._settings
        self._servers.hold()
        self._require_not_taken_over()
        manifest.require_kind(manifest.load(settings.data), settings)
        require_free_port(settings)
        endpoints = await self._servers.start()
        settled = await wiring.settle_manifest(settings, endpoints)
        self._begun = (endpoints, settled)
        await self._start_children(endpoints)
        parts = [*self._servers.parts, *((name, child, child.module) for name, child in self._children)]
        tending = [tend(name, part, address, self._say) for name, part, address in parts]
        await until_one_ends(*tending, self._serve(endpoints, settled))

    def _require_not_taken_over(self) -> None:
        """Two instances that something always starts again must not take the log from each other for ever."""
        mark = self._settings.data / TAKEN_OVER
        if mark.exists() and not self._take_over:
            raise DataRefused(
                "Another process had taken over the log when this instance ended; `ordertrail up --take-over` takes it "
                f"back, and so does deleting {mark}."
            )
        mark.unlink(missing_ok=True)

    async def _start_children(self, endpoints: Endpoints) -> None:
        environment = child_environment(self._settings, endpoints.database_url, endpoints.bootstrap)
        self._say("Starting the server and the projector ...")
        for name, module in MODULES:
            child = Child(module, self._settings.data, environment, partial(self._mend, endpoints))
            self._children.append((name, child))
            await child.start()

    async def _serve(self, endpoints: Endpoints, settled: Manifest) -> None:
        """Begin, then go on for as long as everything runs."""
        await self._begin(endpoints, settled)
        while True:
            await self._note_ends()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(NOTE_EVERY_S):
                    await self._unchecked.wait()
                    await asyncio.sleep(NOTE_AGAIN_S)

    async def _mend(self, endpoints: Endpoints) -> None:
        """Before a process is started again: it must not go on with a log that was exchanged for an older one."""
        self._unchecked.set()
        await migrated_if_reached(endpoints)
        await self._note_ends()

    async def _begin(self, endpoints: Endpoints, settled: Manifest) -> None:
        """Wait until all answer, say so, and play the sample that is due."""
        data = self._settings.data
        # Before we are ready: `status` and `rebuild` are for an instance that does not become so.
        servers.write_endpoints(data, endpoints)
        await self._ready(endpoints.url, partial(as_staff, Issuer(self._settings, settled), settled))
        settled = settled.model_copy(update={"claimed": True})
        manifest.save(data, settled)
        if settled.sample is None or not settled.sample_due:
            await greet(self._settings, endpoints, settled, self._say)
            return
        async with staff_of(self._settings, settled, settled.sample.run) as staff:
            sample = Sample(staff)
            await sample.play_tracked()
            await greet(self._settings, endpoints, settled, self._say)
            await sample.play_rest()
        manifest.save(data, settled.sample_finished())

    async def _ready(self, url: str, signed: Signed) -> None:
        now = time.monotonic()
        deadline, quiet_until, said = now + READY_S, now + SAY_EVERY_S, ""
        async with httpx.AsyncClient(base_url=url, auth=signed, timeout=5.0) as client:
            while now < deadline:
                for name, child in self._children:
                    if child.starts >= MOST_STARTS:
                        raise EndedForGood(f"{name} does not start: {child.last_words()}", exits.PROBLEM)
                missing = await missing_of(client)
                if not missing:
                    return
                now = time.monotonic()
                if missing != said and now >= quiet_until:
                    self._say(f"Not ready yet: {missing}.")
                    quiet_until, said = now + SAY_EVERY_S, missing
                await asyncio.sleep(READY_POLL_S)
        raise EndedForGood(f"The server does not become ready: {said}.", exits.PROBLEM)

    async def _note_ends(self) -> None:
        """Remember how far the log has come, where it can be asked. `LogSetBack` where it lost what it had reached.

        What else hinders it is said once: without notes nobody would hear of a log that was set back.
        """
        if self._begun is None:
            return
        endpoints, settled = self._begun
        log = wiring.build_log(self._settings, endpoints, settled.partitions)
        why = ""
        try:
            async with asyncio.timeout(NOTE_LIMIT_S), wiring.opened(log):
                await log_ends.note(self._settings.data, log)
            self._unchecked.clear()
        except LogSetBack:
            raise
        except LogUnavailable:
            return
        except TimeoutError:
            why = f"the log did not answer within {NOTE_LIMIT_S:g} s"
        except (*OUTAGE, LogUnfit, DataRefused) as error:
            why = str(error)
        if why and why != self._not_noted:
            self._say(f"How far the log has come was not noted, and is tried again: {why.rstrip('.')}.")
        self._not_noted = why

    async def _stop(self, code: int) -> None:
        """The server first, so that nothing more is accepted; what the others depend on last."""
        for _, child in self._children:
            await child.stop()
        if code != exits.REFUSED:  # what was refused must not be taken for what it should be
            try:
                await self._note_ends()
            except LogSetBack as told:
                self._say(str(told))
        await self._servers.stop()


def as_staff(issuer: Issuer, manifest: Manifest, request: httpx.Request) -> httpx.Request:
    """The request in the name of somebody who may read why: strangers only learn which part is not ready."""
    supervisor = Caller("supervisor", Role.AUDITOR, manifest.company, manifest.training)
    request.headers["Authorization"] = f"Bearer {issuer.form_token(supervisor)}"
    return request


async def missing_of(client: httpx.AsyncClient) -> str:
    """What a server still lacks to be ready, as its health tells; nothing once it is."""
    try:
        answer = await client.get("/health/ready")
    except httpx.TransportError:
        return "the server does not answer yet"
    if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
        return "" if answer.is_success else f"the server answers {answer.status_code}"
    checks = answer.json()["checks"].items()
    return "; ".join(check.get("detail") or name for name, check in checks if not check["ok"])


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
