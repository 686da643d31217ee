"""Rebuilding: beside the live tables, to the same rows, switched at once, with a way back."""

import asyncio
import dataclasses
from collections.abc import Sequence

import pytest
from typing_extensions import override

from domain.order.state import Order
from ordertrail import exits
from ordertrail.operating.views import go_back
from projections import order, sales
from projections.checkpoints import Checkpoint, Superseded
from projections.projector import tables
from projections.projector.rebuild import Rebuild, UnknownView, rebuild, rebuild_missing
from projections.registry import VIEWS
from projections.view import Folded, table_of
from streams import state_codec
from streams.postgres.migrate import connect
from tests.projections.company import (
    Shelf,
    ask,
    company,
    listening,
    project,
    projecting,
    rows_at,
)
from tests.projections.comparing import expected_rows
from tests.projections.test_parked import stumbling
from tests.timing import DEADLINE_S
from tests.writing import everything

RECORDS = company().records
NOW, NEXT = order.VIEW.version, order.VIEW.version + 1
TABLE, NEXT_TABLE = f"order_v{NOW}", f"order_v{NEXT}"
ORDER_NEXT = dataclasses.replace(order.VIEW, version=NEXT)
VIEWS_NEXT = [ORDER_NEXT if view is order.VIEW else view for view in VIEWS]


async def test_a_rebuild_gives_the_rows_that_are_live(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    reports = await rebuild(shelf.log, database_url)
    assert [(report.view, report.differing, report.parked) for report in reports] == [
        (view.name, 0, 0) for view in VIEWS
    ]
    expected = expected_rows(await everything(shelf.log))
    assert all(report.rows == report.rows_before == len(expected[report.view]) for report in reports)
    assert all(report.events == len(RECORDS) for report in reports)
    assert await rows_at(database_url) == expected


async def test_a_rebuild_reports_rows_that_differ_and_puts_them_right(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    async with await connect(database_url) as connection:
        await connection.execute(
            f"UPDATE views.{TABLE} SET total_minor = 1 "
            f"WHERE order_id = (SELECT min(order_id::text)::uuid FROM views.{TABLE})"
        )
        await connection.execute(f"DELETE FROM views.{table_of(sales.BOARD.view)}")
    by_order, by_sales = await rebuild(shelf.log, database_url, ["order", "sales"])
    assert (by_order.differing, by_sales.differing, by_sales.rows_before) == (1, by_sales.rows, 0)
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_a_rebuild_goes_beside_a_running_projector_which_goes_on_in_the_new_tables(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:10]))
    async with listening(database_url) as waiter, projecting(shelf.log, database_url) as running:
        for begin in range(10, len(RECORDS), 20):
            rebuilding = asyncio.create_task(rebuild(shelf.log, database_url))
            reached = await shelf.put(RECORDS[begin : begin + 20])
            assert all(report.differing == 0 for report in await rebuilding)
            assert await waiter.reached(reached, DEADLINE_S)
        assert not running.done()
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_a_changed_view_is_shown_by_the_next_projector_and_takes_the_right_from_the_old_one(
    database_url: str,
) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:50]))
    async with projecting(shelf.log, database_url) as old:
        reached = await shelf.put(RECORDS[50:60])
        async with listening(database_url) as waiter:
            assert await waiter.reached(reached, DEADLINE_S)
        (report,) = await rebuild_missing(shelf.log, database_url, VIEWS_NEXT)
        assert (report.version, report.differing) == (NEXT, None)
        with pytest.raises(Superseded):
            await asyncio.wait_for(old, DEADLINE_S)
    await project(shelf.log, database_url, await shelf.put(RECORDS[60:]), VIEWS_NEXT)
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))
    assert await ask(database_url, "SELECT version, previous FROM views.live WHERE view = 'order'") == [(NEXT, TABLE)]
    assert await ask(database_url, f"SELECT count(*) FROM views.{TABLE}") == [(report.rows,)]


async def test_the_version_before_comes_back_with_its_program(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:50]))
    await project(shelf.log, database_url, await shelf.put(RECORDS[50:60]), VIEWS_NEXT)
    await project(shelf.log, database_url, await shelf.put(RECORDS[60:]))
    assert await ask(database_url, "SELECT version, previous FROM views.live WHERE view = 'order'") == [
        (NOW, NEXT_TABLE)
    ]
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_readers_can_be_sent_back_to_the_table_before_at_once(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    async with await connect(database_url) as connection:
        await connection.execute(f"DELETE FROM views.{TABLE}")
        assert await tables.show_previous(connection, "order") is None
        await rebuild(shelf.log, database_url, ["order"])
        assert len((await rows_at(database_url))["order"]) > 0
        said: list[str] = []
        assert await go_back(connection, ["order", "sales"], said.append) == exits.PROBLEM
        assert said == [f"order: shows {TABLE}_old as it was then", "sales: there is nothing to go back to"]
        assert (await rows_at(database_url))["order"] == {}
        await rebuild(shelf.log, database_url, ["order"])
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_a_rebuild_takes_parked_streams_in_again_also_for_the_running_projector(database_url: str) -> None:
    shelf = Shelf()
    broken = [stumbling(view, company().to_pick, 0) if view is order.VIEW else view for view in VIEWS]
    await project(shelf.log, database_url, await shelf.put(RECORDS[:-1]), broken)
    assert await ask(database_url, "SELECT stream FROM views.parked") == [(company().to_pick,)]
    async with listening(database_url) as waiter, projecting(shelf.log, database_url):
        (report,) = await rebuild(shelf.log, database_url, ["order"])
        assert (report.differing, report.parked) == (1, 0)
        assert await waiter.reached(await shelf.put(RECORDS[-1:]), DEADLINE_S)
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


async def test_a_rebuild_parks_what_the_view_still_cannot_digest(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    broken = [stumbling(view, company().to_pick, 0) if view is order.VIEW else view for view in VIEWS]
    (report,) = await rebuild(shelf.log, database_url, ["order"], broken)
    assert (report.differing, report.parked) == (1, 1)
    assert await ask(database_url, "SELECT view, stream FROM views.parked") == [("order", company().to_pick)]


async def test_states_of_another_shape_are_folded_again(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    with monkeypatch.context() as earlier:
        earlier.setattr(state_codec, "shape", lambda: "an earlier one")
        await project(shelf.log, database_url, await shelf.put(RECORDS[:50]))
    async with await connect(database_url) as connection:
        await connection.execute("UPDATE views.fold SET state = 'no state of ours'")
    await project(shelf.log, database_url, await shelf.put(RECORDS[50:]))
    assert await rows_at(database_url) == expected_rows(await everything(shelf.log))


class ColouredRow(order.OrderRow):
    colour: str


def coloured(folded: Folded[Order | None]) -> ColouredRow | None:
    row = order.order_row(folded)
    return None if row is None else ColouredRow(**row.__dict__, colour="red")


async def test_a_column_that_came_without_a_new_version_is_there_all_the_same(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:50]))
    view = dataclasses.replace(order.VIEW, row=ColouredRow, rows=coloured)
    today = [view if each is order.VIEW else each for each in VIEWS]
    await project(shelf.log, database_url, await shelf.put(RECORDS[50:]), today)
    expected = len(expected_rows(await everything(shelf.log))["order"])
    assert await ask(database_url, "SELECT count(*), min(colour) FROM views.order") == [(expected, "red")]


class NeverThere(Rebuild):
    """A rebuild that reads nothing as long as the projector is not made to wait."""

    near = 0
    waited_for = False

    @override
    async def _approach(self) -> None:
        await super()._approach()
        self.waited_for = True

    @override
    async def _read_up_to(self, live: Sequence[Checkpoint]) -> None:
        if self.waited_for:
            await super()._read_up_to(live)


async def test_a_rebuild_that_never_catches_up_with_the_projector_takes_the_lock_and_ends(database_url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS))
    async with await connect(database_url) as connection:
        reports = await asyncio.wait_for(NeverThere(shelf.log, connection, VIEWS).run(), DEADLINE_S)
    expected = expected_rows(await everything(shelf.log))
    assert all(report.differing == 0 and report.rows == len(expected[report.view]) for report in reports)


async def test_an_unknown_view_is_named_and_nothing_is_built(database_url: str) -> None:
    with pytest.raises(UnknownView, match="there is no view 'factory'; there are order, search, timeline, sales"):
        await rebuild(Shelf().log, database_url, ["order", "factory"])
