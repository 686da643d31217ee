"""Look-ups by stream and command stay exact while a table grows from nothing: before its first ANALYZE PostgreSQL knows
nothing of its size, and the plan that was cached on the first day is the one that runs under load.
"""

import psycopg
import pytest

from streams import index
from streams.postgres import statements

FILLED = {
    "index": (
        index.WANTED,
        """INSERT INTO "index".event SELECT g % 4, g, 'order-' || g, 1, gen_random_uuid(), 'x'
        FROM generate_series(1, 20000) g""",
    ),
    "log": (
        statements.WANTED,
        """INSERT INTO log.record SELECT g % 4, g, 1, g, 'order-' || g, 1, gen_random_uuid(), 'x'
        FROM generate_series(1, 20000) g""",
    ),
}


@pytest.mark.parametrize("kind", FILLED)
async def test_a_plan_made_on_an_empty_table_reads_only_what_was_asked_for_once_it_is_large(
    kind: str, database_url: str
) -> None:
    lookup, fill = FILLED[kind]
    for number, name in enumerate(("partition", "streams", "commands"), start=1):
        lookup = lookup.replace(f"%({name})s", f"${number}")
    asked = """EXECUTE looked_up (1, '{"order-1": 0, "order-0": 0}', to_jsonb(ARRAY[gen_random_uuid()]))"""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE looked_up (int, jsonb, jsonb) AS {lookup}".encode())
        await connection.execute(asked.encode())
        await connection.execute(fill.encode())
        plan = await (await connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked}".encode())).fetchone()
    assert plan is not None
    top = plan[0][0]["Plan"]
    assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] < 60
