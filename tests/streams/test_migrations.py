"""Migrations run once, and again only for what may be thrown away."""

import psycopg
import pytest

from streams.postgres.migrate import DISPOSABLE, MIGRATIONS, connect, migrate


async def test_a_second_run_has_nothing_to_do(empty_database_url: str) -> None:
    assert await migrate(empty_database_url) == len(list(MIGRATIONS.glob("*.sql")))
    assert await migrate(empty_database_url) == 0


@pytest.mark.parametrize(("hundreds", "schema"), DISPOSABLE.items())
async def test_a_dropped_schema_that_the_log_can_fill_is_made_again(
    empty_database_url: str, hundreds: int, schema: str
) -> None:
    await migrate(empty_database_url)
    before = await tables(empty_database_url)
    async with await connect(empty_database_url) as connection:
        await connection.execute(psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(psycopg.sql.Identifier(schema)))
    assert await migrate(empty_database_url) == len(list(MIGRATIONS.glob(f"{hundreds}*.sql")))
    assert await tables(empty_database_url) == before


async def test_the_log_itself_is_never_made_again(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    async with await connect(empty_database_url) as connection:
        await connection.execute("DROP SCHEMA log CASCADE")
    assert await migrate(empty_database_url) == 0


async def tables(url: str) -> set[tuple[str, str]]:
    async with await connect(url) as connection:
        found = await connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        return {(str(schema), str(table)) for schema, table in await found.fetchall()}
