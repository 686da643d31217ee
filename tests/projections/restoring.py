"""Putting the tables of the views back to what they were, as a restored backup or a late standby would."""

from streams.postgres.migrate import connect
from tests.projections.company import ask

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'views'"


async def copied(url: str) -> None:
    """Keep every table of the views as it is now."""
    tables = [row[0] for row in await ask(url, TABLES)]
    async with await connect(url) as connection:
        await connection.execute("CREATE SCHEMA kept")
        for table in tables:
            await connection.execute(f'CREATE TABLE kept."{table}" AS TABLE views."{table}"'.encode())


async def restored(url: str) -> None:
    """Put every table back to what was kept, as a restored backup or a late standby would."""
    tables = [row[0] for row in await ask(url, TABLES)]
    async with await connect(url) as connection, connection.transaction():
        for table in tables:
            await connection.execute(f'LOCK views."{table}"'.encode())
        for table in tables:
            await connection.execute(f'TRUNCATE views."{table}"'.encode())
            await connection.execute(f'INSERT INTO views."{table}" TABLE kept."{table}"'.encode())
