"""One company as it is run: `ordertrail up` on data of its own, so server, workflow, projector and all views.

Decides: how it is started, stocked and given orders, and how long its views may take to show them. Must not know: what
is measured.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import time
from typing import Final, LiteralString

import httpx
from psycopg import AsyncConnection

from benchmarks.bench import loaded
from benchmarks.load import Task
from benchmarks.machine import facts
from benchmarks.order import skus
from domain.roles import Role
from ordertrail import wiring
from ordertrail.issuer import Issuer
from ordertrail.local import child_server, servers
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.servers import Endpoints
from ordertrail.settings import LogKind, Settings
from ordertrail.supervisor import missing_of
from web.tokens import Caller

ARTICLES: Final = 40
UNITS: Final = 10**9
"""Of each article: nobody ever waits for goods."""

READY_S: Final = 180.0
SHOWN_S: Final = 900.0
SHUTDOWN: Final = ((signal.SIGTERM, 60.0), (signal.SIGKILL, 5.0))
PARTS: Final = ("server", "projector")

SHOWN: Final[LiteralString] = """
SELECT NOT EXISTS (SELECT FROM views."order" WHERE waiting_on = 'system')
   AND (SELECT count(*) FROM views."order" WHERE waiting_on = 'warehouse') >= %s
"""
"""Asked often, so the cheap half goes first. Nobody picks here, so what waits on the warehouse was sent to it."""


class RunningCompany:
    """The processes of one company; started by `company`."""

    def __init__(self, data: Path, log: LogKind) -> None:
        child_server.own_directory(data)
        port = child_server.kept_port(data / "http.port")
        self.settings = Settings(port=port, data=data, log=log, sample=False)
        self.orders = 0
        """Placed so far."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process that everything else was started by."""
        if self._process is None:
            raise LocalServerError("The instance was not started.")
        return self._process.pid

    def token(self, actor: str = "Sam") -> str:
        """Of somebody who may send every command."""
        manifest = wiring.manifest_of(self.settings)
        caller = Caller(actor, Role.ADMIN, manifest.company, manifest.training)
        return Issuer(self.settings, manifest).token(caller, timedelta(hours=12))

    def client(self) -> httpx.AsyncClient:
        """A program that may send every command."""
        most = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {self.token()}"}
        return httpx.AsyncClient(base_url=self.settings.url, headers=headers, timeout=30, limits=most)

    @property
    def endpoints(self) -> Endpoints:
        """Where its servers are."""
        found = servers.read_endpoints(self.settings.data)
        if found is None:
            raise LocalServerError(f"The instance does not run: {child_server.last_words(self._output)}.")
        return found

    @property
    def database_url(self) -> str:
        """Where its index and its views are."""
        return self.endpoints.database_url

    @property
    def _output(self) -> Path:
        return self.settings.data / "up.log"

    async def start(self) -> None:
        """Start everything, and have more goods than will ever be ordered."""
        settings = self.settings
        ours = {name.upper() for name in Settings.model_fields} - {"ORDERTRAIL_CACHE"}
        given = {"PORT": str(settings.port), "DATA": str(settings.data), "LOG": settings.log.value, "SAMPLE": "no"}
        environment = {name: value for name, value in os.environ.items() if name not in ours} | given
        program = Path(sys.executable).with_name("ordertrail")
        self._process = process = child_server.launch(
            [program, "up"], settings.data, log=self._output, end=signal.SIGTERM, env=environment
        )
        async with httpx.AsyncClient(base_url=settings.url) as client:

            async def ended_or_ready() -> bool:
                return process.poll() is not None or not await missing_of(client)

            ready = await child_server.until(ended_or_ready, READY_S) and process.poll() is None
        if not ready:
            raise LocalServerError(f"The instance does not start: {child_server.last_words(self._output)}.")
        await self._stock()

    async def stop(self) -> None:
        """Stop everything; `LocalServerError` where it does not end."""
        if self._process is not None:
            await child_server.terminate(self._process, *SHUTDOWN)

    async def _stock(self) -> None:
        async with self.client() as client:
            for sku in skus(ARTICLES):
                key = {"Idempotency-Key": f"receive/{sku}"}
                path = f"/commands/stock/{sku}/main/receive"
                (await client.post(path, json={"quantity": UNITS}, headers=key)).raise_for_status()

    async def place(self, seconds: float, *, per_s: float = 0.0, most: int = 0) -> dict[str, float]:
        """Orders over 32 connections, for a time or up to a number of orders; returns what the load measured."""
        outcome = await loaded(Task(self.settings.port, self.token(), 32, seconds, per_s, most, ARTICLES))
        self.orders += round(outcome["sent"])
        return outcome

    async def shown(self) -> float:
        """Wait until the views show every order as sent to the warehouse; when it was so (seconds since 1970)."""
        async with await AsyncConnection.connect(self.database_url, autocommit=True) as connection:

            async def all_sent() -> bool:
                row = await (await connection.execute(SHOWN, (self.orders,))).fetchone()
                return row is not None and bool(row[0])

            if not await child_server.until(all_sent, SHOWN_S):
                raise RuntimeError(f"not all of {self.orders} orders were sent to the warehouse in {SHOWN_S:.0f} s")
        return time()

    async def facts(self) -> dict[str, object]:
        """What goes with every figure of it."""
        settings = self.settings
        broker = settings.data / "kafka" if settings.log is LogKind.KAFKA else None
        built = wiring.build_log(settings, self.endpoints, wiring.manifest_of(settings).partitions)
        async with wiring.opened(built) as log:
            return await facts(self.database_url, broker) | {"durability": log.durability}

    def resident_mb(self) -> dict[str, float]:
        """Memory that the server and the projector hold, in MB of 10**6 bytes."""
        asked = ["ps", "-A", "-o", "ppid=,rss=,args="]
        lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
        ours = [line.split(maxsplit=2) for line in lines if line.split(maxsplit=1)[0] == str(self.pid)]
        return {
            part: int(kib) * 1024 / 10**6
            for part in PARTS
            for _, kib, words in ours
            if f"-m ordertrail.{part}" in words
        }


@asynccontextmanager
async def company(data: Path, log: LogKind) -> AsyncGenerator[RunningCompany]:
    """A company while it runs."""
    made = RunningCompany(data, log)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()
