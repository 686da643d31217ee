"""Filling new tables: by COPY, in other processes, with few streams held at once, from another log; always the same rows."""

import dataclasses
import functools
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.order.commands import RequestCancel
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import name_of, stock_stream
from domain.values import MAIN
from projections import order
from projections.projector import filling, rebuild, store
from projections.projector.copying import copy_rows
from projections.projector.filling import Elsewhere
from projections.projector.fold_batch import HistoryChanged, Writes
from projections.projector.folds import FoldTables
from projections.registry import VIEWS
from projections.view import EventView, RecordedRow, create
from streams.memory import log as memory_log
from streams.postgres.log import PostgresLog
from streams.postgres.migrate import connect
from tests.life import Life, line
from tests.projections.company import (
    Shelf,
    ask,
    company,
    eventually,
    project,
    projecting,
    rows_at,
    why_stopped,
)
from tests.projections.comparing import expected_rows
from tests.projections.test_parked import stumbling
from tests.writing import everything

RECORDS = company().records


async def test_streams_that_are_written_more_than_once_end_in_the_same_rows(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_log, "BATCH", 4)
    monkeypatch.setattr(filling, "OPEN", 2)
    monkeypatch.setattr(filling, "ROWS", 5)
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    reports = await rebuild.rebuild(shelf.log, database_url)
    assert [report.differing for report in reports] == [0] * len(VIEWS)
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))
    await project(shelf.log, database_url, await shelf.put(RECORDS[:0]))
    states = await ask(database_url, "SELECT stream, version FROM views.fold ORDER BY 1")
    versions = {recorded.stream: recorded.version for recorded in RECORDS}
    assert states == sorted(versions.items())


async def test_processes_of_their_own_fill_the_same_rows(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "WORTH_A_PROCESS", 0)
    shelf = Shelf()
    shelf.log = PostgresLog(database_url, 2)
    await shelf.log.open()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    elsewhere = Elsewhere(functools.partial(PostgresLog, database_url, 2), database_url)
    reports = await rebuild.rebuild(shelf.log, database_url, elsewhere=elsewhere)
    assert [(report.differing, report.events) for report in reports] == [(0, len(RECORDS))] * len(VIEWS)
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))
    await shelf.log.close()


async def test_a_stream_that_postgresql_refuses_is_parked_by_the_rebuild(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    narrow = order.VIEW.table.replace("{columns}", "{columns}, CHECK (line_count <> 2)")
    views = [dataclasses.replace(view, table=narrow) if view is order.VIEW else view for view in VIEWS]
    reports = await rebuild.rebuild(shelf.log, database_url, ["order"], views)
    assert [report.parked for report in reports] == [1]
    expected = expected_rows(await everything(shelf.log))
    del expected["order"][company().picking,]
    assert await rows_at(database_url) == expected


async def test_views_of_another_log_are_made_anew_from_this_one_under_a_running_projector(database_url: str) -> None:
    shelf, other = Shelf(1), Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    await other.put([dataclasses.replace(recorded, event_id=uuid.uuid4()) for recorded in RECORDS[:40]])
    async with projecting(other.log, database_url) as running:
        await why_stopped(database_url, 0)
        await rebuild.rebuild(other.log, database_url)
        assert await rows_at(database_url) == expected_rows(await everything(other.log))
        await other.put(RECORDS[40:])
        await eventually(database_url, f"SELECT 1 FROM views.checkpoint WHERE sequence = {len(RECORDS)}")
        assert not running.done()
    assert await rows_at(database_url) == expected_rows(await everything(other.log))


async def test_one_view_alone_cannot_be_made_from_another_log(database_url: str) -> None:
    shelf, other = Shelf(1), Shelf(1)
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    await other.put(RECORDS[:40])
    with pytest.raises(HistoryChanged, match="`ordertrail rebuild` makes all views anew"):
        await rebuild.rebuild(other.log, database_url, ["order"])


async def test_views_that_were_never_made_are_filled_up_to_the_end_of_the_log(database_url: str) -> None:
    shelf = Shelf()
    reached = await shelf.put(RECORDS)
    reports = await rebuild.rebuild_missing(shelf.log, database_url)
    assert {report.events for report in reports} == {len(RECORDS)}
    stored = await ask(database_url, "SELECT partition, sequence FROM views.checkpoint ORDER BY 1")
    assert stored == sorted(reached.items())
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_a_rebuild_leaves_out_what_a_view_cannot_digest_wherever_it_is_read(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    broken = [stumbling(view, company().to_pick, 0) if view is order.VIEW else view for view in VIEWS]
    reports = await rebuild.rebuild(shelf.log, database_url, (), broken)
    assert {report.view: report.parked for report in reports} == {view.name: int(view is order.VIEW) for view in VIEWS}


class NastyRow(RecordedRow):
    """Whatever a column may hold."""

    text: str | None
    texts: tuple[str, ...]
    flag: bool
    document: dict[str, Any] | None


NASTY = EventView(
    name="nasty",
    version=1,
    kinds=("order",),
    key=("stream", "version"),
    row=NastyRow,
    table="CREATE TABLE {table} ({columns})",
    rows=lambda _recorded, _state: (),
)

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["\\N", "\\", "\t", "\r\n", "{}", '"', "NULL", "a,b", "\\t"]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.none() | TEXTS, st.lists(TEXTS, max_size=3), st.booleans(), st.none() | TEXTS)))
async def test_copied_rows_are_those_that_were_written_one_by_one(
    database_url: str, rows: list[tuple[str | None, list[str], bool, str | None]]
) -> None:
    nasty = [
        NastyRow(
            stream="s", version=number, partition=0, sequence=number, text=text, texts=tuple(texts), flag=flag,
            document=None if held is None else {held: [held, number, None]},
        )
        for number, (text, texts, flag, held) in enumerate(rows, start=1)
    ]  # fmt: skip
    async with await connect(database_url) as connection:
        await connection.execute("DROP SCHEMA IF EXISTS views CASCADE; CREATE SCHEMA views")
        for table in ("copied", "written"):
            await connection.execute(create(NASTY, table))
        await copy_rows(connection, NASTY, "copied", nasty)
        await store.write(connection, ((NASTY, "written"),), Writes(rows={"nasty": list(nasty)}))
    assert await ask(database_url, "TABLE views.copied") == await ask(database_url, "TABLE views.written")
    assert len(await ask(database_url, "TABLE views.copied")) == len(nasty)


async def test_of_a_busy_article_only_the_orders_that_changed_are_written(database_url: str) -> None:
    life = Life()
    mug = stock_stream("MUG", MAIN)
    life.do(mug, ReceiveStock(quantity=100), role=Role.WAREHOUSE)
    first = [life.place(line("MUG", 1)) for _ in range(5)]
    shelf = Shelf(1)
    await project(shelf.log, database_url, await shelf.put(life.log))
    written = await entries(database_url, mug)
    assert written.keys() == {name_of(each) for each in first}
    before = len(life.log)
    life.do(first[0], RequestCancel(reason="no"), role=Role.CUSTOMER_SERVICE)
    last = life.place(line("MUG", 1))
    await project(shelf.log, database_url, await shelf.put(life.log[before:]))
    again = await entries(database_url, mug)
    assert again.keys() - written.keys() == {name_of(last)}
    assert written.items() - again.items() == {(name_of(first[0]), written[name_of(first[0])])}
    async with await connect(database_url) as connection:
        known = await FoldTables().load(connection, [mug])
    assert known[mug][1] == life.states[mug]


async def entries(database_url: str, stream: str) -> dict[object, object]:
    """Orders of a stock item in the table, each with the transaction that wrote it."""
    query = f"SELECT order_id::text, xmin::text FROM views.fold_entry WHERE stream = '{stream}'"
    return dict(await ask(database_url, query))  # type: ignore[arg-type]
