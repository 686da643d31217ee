"""Builds every part from the settings and puts them together. Nothing else knows which log runs.

Decides: which adapter serves which port. Must not know: what the parts do.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import ssl
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool

from ordertrail import log_ends, manifest
from ordertrail.local.servers import Endpoints
from ordertrail.manifest import DataRefused
from ordertrail.settings import LogKind, SettingsError
from streams.index import Index, PostgresIndex
from streams.kafka.security import KafkaSecurity
from streams.log import LogUnavailable
from streams.own_index import OwnIndex
from streams.postgres.connection import POOL_S, checked, limited
from streams.postgres.log import PostgresLog
from streams.postgres.migrate import ChangedMigration, migrate
from streams.postgres.roles import let_append_only

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.rows import TupleRow

    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings
    from streams.log import ClaimRecord, Log, Stored
    from streams.runtime import Runtime

    Pool = AsyncConnectionPool[AsyncConnection[TupleRow]]

POOL_SIZE: Final = 8
LEADER_S: Final = 15.0
LEADER_PAUSE_S: Final = 0.1


def endpoints_of(settings: Settings) -> Endpoints:
    """Where the servers are, for a process whose variables name them all."""
    if settings.database_url is None:
        raise DataRefused("DATABASE_URL is needed: this process starts no server of its own.")
    database = settings.database_url.get_secret_value()
    return Endpoints(url=settings.url, database_url=database, bootstrap=settings.kafka_bootstrap_servers)


def manifest_of(settings: Settings) -> Manifest:
    """The manifest that a start has settled; `DataRefused` where there is none."""
    found = manifest.load(settings.data)
    if found is None:
        raise DataRefused(f"There is no data in {settings.data}; `ordertrail up` makes some.")
    return found


def open_pool(url: str, size: int = POOL_SIZE) -> Pool:
    """A pool whose connections commit every statement by themselves; to be opened as a context."""
    return AsyncConnectionPool(
        limited(url), min_size=1, max_size=size, open=False, timeout=POOL_S, kwargs={"autocommit": True}, check=checked
    )


def open_index_pool(url: str) -> Pool:
    """A pool for the index. Connections are not tried before use: a look-up that meets a dead one is repeated."""
    return AsyncConnectionPool(
        limited(url), min_size=1, max_size=POOL_SIZE, open=False, timeout=POOL_S, kwargs={"autocommit": True}
    )


def build_log(settings: Settings, endpoints: Endpoints, partitions: int, runtime: Runtime | None = None) -> Log:
    """The log that the settings name; to be opened."""
    if settings.log is LogKind.EMBEDDED:
        return PostgresLog(endpoints.database_url, partitions, runtime)
    from streams.kafka.log import KafkaLog  # noqa: PLC0415 - Kafka's client takes a while to load; most never need it

    return KafkaLog(
        endpoints.bootstrap or "",
        partitions,
        replication=settings.replication,
        security=kafka_security(settings),
        runtime=runtime,
    )


def kafka_security(settings: Settings) -> KafkaSecurity:
    """How the settings protect connections to Kafka; `SettingsError` where they cannot, or would tell a password."""
    tls = settings.kafka_tls or bool(settings.kafka_ca_file or settings.kafka_certificate_file)
    if settings.kafka_sasl_mechanism == "PLAIN" and not tls:
        raise SettingsError("KAFKA_SASL_MECHANISM=PLAIN sends the password as it is: set KAFKA_TLS, too.")
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file) if tls else None
        if context is not None and settings.kafka_certificate_file is not None:
            context.load_cert_chain(settings.kafka_certificate_file)
    except OSError as error:  # an unreadable file, and what is no certificate
        raise SettingsError(f"KAFKA_CA_FILE or KAFKA_CERTIFICATE_FILE cannot be used: {error}.") from error
    password = settings.kafka_password.get_secret_value()
    return KafkaSecurity(context, settings.kafka_sasl_mechanism, settings.kafka_username, password)


def build_index(log: Log, pool: Pool, runtime: Runtime | None = None) -> Index:
    """What finds records by stream and command: the log itself where it can."""
    return OwnIndex(log) if isinstance(log, PostgresLog) else PostgresIndex(pool, runtime)


async def claims_of(log: Log) -> Sequence[ClaimRecord]:
    """The newest claim of every partition that was ever claimed."""
    found = [await _last_claim(log, partition) for partition in range(log.partitions)]
    return [claim for claim in found if claim is not None]


async def _last_claim(log: Log, partition: int) -> ClaimRecord | None:
    """Waits for a topic that was made a moment ago: its partitions have no leader yet."""
    deadline = time.monotonic() + LEADER_S
    while True:
        try:
            found = await log.last_claim(partition)
        except LogUnavailable:
            if time.monotonic() >= deadline:
                raise
            await asyncio.sleep(LEADER_PAUSE_S)
        else:
            return found[1] if found else None


@contextlib.asynccontextmanager
async def opened(log: Log) -> AsyncGenerator[Log]:
    """The log while it is open."""
    await log.open()
    try:
        yield log
    finally:
        await log.close()


async def records_of(log: Log, partition: int) -> AsyncGenerator[Stored]:
    """Every record that is committed now, in order."""
    async with aclosing(log.read(partition, upto=await log.end(partition))) as batches:
        async for batch in batches:
            for stored in batch.records:
                yield stored


async def migrated(endpoints: Endpoints) -> None:
    """Bring the database to this version; `DataRefused` where it cannot be."""
    try:
        await migrate(endpoints.owner_url or endpoints.database_url)
        if endpoints.owner_url:
            await let_append_only(endpoints.owner_url, str(conninfo_to_dict(endpoints.database_url)["user"]))
    except ChangedMigration as changed:
        raise DataRefused(f"The database was made by another version of Ordertrail: {changed}.") from None
    except psycopg.errors.InsufficientPrivilege as denied:
        raise DataRefused(
            f"The database's role may not do what migrations need ({denied.diag.message_primary or denied}): name its "
            "owner by DATABASE_OWNER_URL."
        ) from None
    except psycopg.OperationalError as error:
        raise DataRefused(f"The database cannot be reached: {' '.join(str(error).split())}.") from None


async def settle_manifest(settings: Settings, endpoints: Endpoints) -> Manifest:
    """Bring the database to this version, then decide what this start runs under and keep it in the manifest."""
    await migrated(endpoints)
    found = manifest.load(settings.data)
    async with opened(build_log(settings, endpoints, found.partitions if found else settings.partitions)) as log:
        made = manifest.settle(found, await claims_of(log), settings, secrets.token_hex(4))
        await log_ends.require_not_set_back(settings.data, log)
    manifest.save(settings.data, made)
    return made
