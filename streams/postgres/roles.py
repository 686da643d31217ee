"""What the role of a running instance may do: read the log and add to it, and own what is disposable.

Decides: that no statement of a running instance, whatever its text, can change or remove an event. Must not know:
who the roles are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import AsyncConnection, sql

from streams.postgres.connection import limited
from streams.postgres.migrate import DISPOSABLE

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

LOG: Final = """
GRANT USAGE ON SCHEMA log TO {role};
REVOKE ALL ON ALL TABLES IN SCHEMA log FROM {role};
GRANT SELECT, INSERT ON log.record TO {role};
GRANT SELECT, INSERT, UPDATE ON log.owner TO {role};
GRANT SELECT ON public.ordertrail_migration TO {role};
"""

TABLES: Final = """
SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s) AND tableowner <> %s
"""


async def let_append_only(owner_url: str, role: str) -> None:
    """Give the role these rights, and own everything that is disposable. Run after every migration."""
    async with await AsyncConnection.connect(limited(owner_url)) as connection:
        await connection.execute(sql.SQL(LOG).format(role=sql.Identifier(role)))
        for schema in DISPOSABLE.values():
            give = sql.SQL("ALTER SCHEMA {} OWNER TO {}")
            await connection.execute(give.format(sql.Identifier(schema), sql.Identifier(role)))
        await _give_tables(connection, role)


async def _give_tables(connection: AsyncConnection[TupleRow], role: str) -> None:
    rows = await (await connection.execute(TABLES, (list(DISPOSABLE.values()), role))).fetchall()
    for schema, table in rows:
        give = sql.SQL("ALTER TABLE {}.{} OWNER TO {}")
        await connection.execute(give.format(*(sql.Identifier(name) for name in (schema, table, role))))
