"""Connections to PostgreSQL and the migrations of its schemas.

Migrations are numbered .sql files beside this module; each runs once, in order, in one transaction, under an advisory
lock, and its checksum is kept so that an edited migration is noticed. A schema that the log can fill again and that
somebody has dropped is made again. Must not know: what the tables mean.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from streams.postgres.connection import limited

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATIONS: Final = Path(__file__).parent / "migrations"

MIGRATION_LOCK: Final = 0x6F72646572  # "order": any number that nobody else in the database locks

CREATE_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS public.ordertrail_migration (
    number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
)
"""

DISPOSABLE: Final = {2: "index", 3: "workflow", 4: "views", 5: "web"}
"""Schemas that may be dropped at any time, by the hundreds of their migrations' numbers. The log's own is not one."""

FORGET: Final = """
DELETE FROM public.ordertrail_migration
WHERE number / 100 = %s AND NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)
"""


class ChangedMigration(Exception):
    """A migration that was applied is no longer the file it was."""


async def connect(url: str) -> AsyncConnection[TupleRow]:
    """A connection that commits every statement by itself."""
    return await AsyncConnection.connect(limited(url), autocommit=True)


async def migrate(url: str) -> int:
    """Bring the database to this version's schemas; returns how many migrations ran."""
    async with await AsyncConnection.connect(limited(url)) as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        await connection.execute(CREATE_LEDGER)
        for hundreds, schema in DISPOSABLE.items():
            await connection.execute(FORGET, (hundreds, schema))
        rows = await (await connection.execute("SELECT number, checksum FROM public.ordertrail_migration")).fetchall()
        applied: dict[int, str] = dict(rows)
        ran = 0
        for number, name, script in _scripts():
            checksum = hashlib.sha256(script.encode()).hexdigest()
            if number in applied:
                _unchanged(name, applied[number], checksum)
                continue
            await connection.execute(script)
            await connection.execute(
                "INSERT INTO public.ordertrail_migration (number, name, checksum) VALUES (%s, %s, %s)",
                (number, name, checksum),
            )
            ran += 1
    return ran


def _scripts() -> Iterator[tuple[int, str, str]]:
    for path in sorted(MIGRATIONS.glob("*.sql")):
        yield int(path.name.partition("_")[0]), path.stem, path.read_text(encoding="utf-8")


def _unchanged(name: str, applied: str, found: str) -> None:
    if applied != found:
        raise ChangedMigration(f"migration {name} was changed after it was applied; write a new one instead")
