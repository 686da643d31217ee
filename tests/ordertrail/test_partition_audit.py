"""Verify finds every row and every index entry that is not what the log says, and nothing while the system runs."""

import asyncio
import dataclasses
import functools
from collections.abc import AsyncIterator

import pytest

from ordertrail.operating.partition_audit import Audited, AuditTask, Indexed, audit
from projections import checkpoints
from projections.checkpoints import LIVE_PROJECTION
from projections.projector.filling import Elsewhere
from projections.projector.processes import in_processes
from projections.registry import VIEWS
from streams.postgres.log import PostgresLog
from streams.postgres.migrate import connect
from tests.projections.company import Shelf, ask, company, project
from tests.writing import everything

RECORDS = company().records


@pytest.fixture
async def shelf(database_url: str) -> AsyncIterator[Shelf]:
    """An embedded log that the views reflect but for its last ten events."""
    shelf = Shelf()
    shelf.log = PostgresLog(database_url, 2)
    await shelf.log.open()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:-10]))
    await shelf.put(RECORDS[-10:])
    yield shelf
    await shelf.log.close()


async def audited(url: str, *, processes: bool = False, indexed: Indexed | None = None) -> list[Audited]:
    elsewhere = Elsewhere(functools.partial(PostgresLog, url, 2), url)
    async with await connect(url) as holder, holder.transaction():
        await holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = await (await holder.execute("SELECT pg_export_snapshot()")).fetchone()
        assert row is not None
        places = await checkpoints.read(holder, LIVE_PROJECTION)
        parts = [AuditTask(elsewhere, place, str(row[0]), indexed=indexed) for place in places]
        return await in_processes(audit, parts) if processes else [await audit(part) for part in parts]


def told(found: list[Audited]) -> list[str]:
    return [problem for one in found for problem in one.problems.told]


async def test_views_that_are_behind_a_running_log_are_as_it_was_then(shelf: Shelf, database_url: str) -> None:
    found = await audited(database_url)
    assert told(found) == []
    assert sum(one.records for one in found) == len(RECORDS)
    rows = [await ask(database_url, f'SELECT count(*) FROM views."{view.name}"') for view in VIEWS]
    assert sum(one.rows for one in found) == sum(int(str(count)) for ((count,),) in rows) > 0


async def test_processes_of_their_own_find_the_same(shelf: Shelf, database_url: str) -> None:
    await changed(database_url, "DELETE FROM views.sales WHERE stream = (SELECT min(stream) FROM views.sales)")
    alone, beside = await audited(database_url), await audited(database_url, processes=True)
    assert beside == alone
    assert len(told(beside)) == 1


async def changed(url: str, statement: str) -> None:
    async with await connect(url) as connection:
        assert (await connection.execute(statement.encode())).rowcount == 1


@pytest.mark.parametrize(
    ("statement", "view"),
    [
        ("UPDATE {view} SET total_minor = 1 WHERE stream = (SELECT min(stream) FROM {view})", "order"),
        ("UPDATE {view} SET skus = '{{X}}' WHERE stream = (SELECT min(stream) FROM {view})", "order"),
        (
            "UPDATE {view} SET state = jsonb_set(state, '{{priority}}', '9') WHERE stream = (SELECT min(stream) FROM {view})",
            "order",
        ),
        ("DELETE FROM {view} WHERE stream = 'stock-MUG@main'", "stock"),
        ("DELETE FROM {view} WHERE stream = (SELECT min(stream) FROM {view})", "order"),
        ("DELETE FROM {view} WHERE sequence = 3 AND partition = 0", "timeline"),
        (
            "INSERT INTO {view} SELECT 'order-x', 1, partition, sequence, event_id, type, occurred_at, recorded_at, actor, role, on_behalf_of, reason, causation_id, correlation_id, command_id, origin, hash, data FROM {view} WHERE sequence = 3 AND partition = 0",
            "timeline",
        ),
        ("UPDATE {view} SET actor = 'eve' WHERE sequence = 4 AND partition = 1", "timeline"),
    ],
)
async def test_a_row_that_is_not_what_the_log_says_is_told(
    shelf: Shelf, database_url: str, statement: str, view: str
) -> None:
    await changed(database_url, statement.format(view=f'views."{view}"'))
    (problem,) = told(await audited(database_url))
    assert problem.startswith(f"view {view}: the row of ")
    assert problem.endswith("is not what the log says")


async def test_an_index_with_a_hole_or_of_another_log_is_told(shelf: Shelf, database_url: str) -> None:
    records = [recorded for recorded in await everything(shelf.log) if recorded.position.partition == 0]
    sound = Indexed(len(records), len(records), len(records), records[-1].event_id)
    assert told((await audited(database_url, indexed=sound))[:1]) == []
    hole = dataclasses.replace(sound, count=sound.count - 1)
    assert "partition 0: the index holds" in told((await audited(database_url, indexed=hole))[:1])[0]
    foreign = dataclasses.replace(sound, event_id=records[0].event_id)
    assert "the index holds another log's record" in told((await audited(database_url, indexed=foreign))[:1])[0]
    ahead = Indexed(len(records) + 5, len(records) + 5, len(records) + 5, records[0].event_id)
    assert f"and the log {len(records)}" in told((await audited(database_url, indexed=ahead))[:1])[0]


async def test_the_quick_half_finds_what_was_altered_and_nothing_else(shelf: Shelf, database_url: str) -> None:
    elsewhere = Elsewhere(functools.partial(PostgresLog, database_url, 2), database_url)
    parts = [AuditTask(elsewhere, checkpoints.Checkpoint(number), only_hashes=True) for number in range(2)]
    found = await asyncio.gather(*map(audit, parts))
    assert told(found) == []
    assert [one.records for one in found] == [one.sequence for one in found]
    await changed(database_url, "UPDATE log.record SET value = value || ' ' WHERE sequence = 1 AND partition = 1")
    ((problem,), ()) = (told([one]) for one in reversed(await asyncio.gather(*map(audit, parts))))
    assert "is not linked to its version 1" in problem
    await changed(database_url, "DELETE FROM log.record WHERE sequence = 2 AND partition = 0")
    assert "sequence 2 was due in partition 0" in told(await asyncio.gather(*map(audit, parts)))[0]
