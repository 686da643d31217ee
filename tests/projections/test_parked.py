"""What cannot be digested: a view parks a stream, all views park it, or its partition stops; all the rest goes on."""

import dataclasses

import pytest

from domain.catalogue import DECIDERS
from domain.decider import Event
from domain.stream_names import partition_of
from projections import warehouse
from projections.registry import VIEWS
from projections.view import Folded, StateView, View
from tests.projections.company import Shelf, ask, company, project, projecting, rows_at, why_stopped
from tests.projections.comparing import expected_rows
from tests.writing import everything

RECORDS = company().records


def stumbling(view: View, stream: str, after: int) -> View:
    """The view, unable to digest one stream from the version after `after` on."""
    assert isinstance(view, StateView)
    rows = view.rows

    def stumble(folded: Folded[object]) -> object:
        if folded.stream == stream and folded.version > after:
            raise ZeroDivisionError
        return rows(folded)

    return dataclasses.replace(view, rows=stumble)


async def test_a_stream_that_a_view_cannot_digest_is_parked_there_and_nowhere_else(database_url: str) -> None:
    shelf = Shelf()
    views = [stumbling(view, company().held, 1) if view.name == "order" else view for view in VIEWS]
    await project(shelf.log, database_url, await shelf.put(RECORDS[:60]), views)
    await project(shelf.log, database_url, await shelf.put(RECORDS[60:]), views)
    stored, expected = await rows_at(database_url), expected_rows(await everything(shelf.log))
    del expected["order"][company().held,]
    assert stored == expected
    parked = await ask(database_url, "SELECT view, stream, error FROM views.parked")
    assert [row[:2] for row in parked] == [("order", company().held)]
    assert str(parked[0][2]).startswith("ZeroDivisionError at test_parked.py:")


async def test_a_stream_that_cannot_be_folded_is_parked_in_every_view_and_all_others_go_on(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf()
    held = company().held
    poisoned = next(recorded for recorded in RECORDS if recorded.stream == held and recorded.version == 3)
    evolve = DECIDERS["order"].evolve

    def stumble(state: object, event: Event) -> object:
        if event == poisoned.event:
            raise ZeroDivisionError
        return evolve(state, event)

    monkeypatch.setitem(DECIDERS, "order", dataclasses.replace(DECIDERS["order"], evolve=stumble))
    await project(shelf.log, database_url, await shelf.put(RECORDS[:-10]))
    await project(shelf.log, database_url, await shelf.put(RECORDS[-10:]))
    parked = await ask(database_url, "SELECT view, stream FROM views.parked ORDER BY view")
    views = sorted(view.name for view in VIEWS if "order" in view.kinds)
    assert parked == [(view, held) for view in views]
    assert f"view order cannot digest {held}" in caplog.text
    stored = await rows_at(database_url)
    monkeypatch.undo()
    expected = expected_rows(await everything(shelf.log))
    for view in VIEWS:
        rest = {key: row for key, row in expected[view.name].items() if key[0] != held}
        assert {key: row for key, row in stored[view.name].items() if key[0] != held} == rest


async def test_a_row_that_postgresql_refuses_parks_its_stream_and_no_other(database_url: str) -> None:
    shelf = Shelf()
    board = warehouse.BOARD.view
    narrow = board.table.replace("{columns}", "{columns}, CHECK (units_of <> 10)")
    views = [dataclasses.replace(view, table=narrow) if view is board else view for view in VIEWS]
    await project(shelf.log, database_url, await shelf.put(RECORDS), views)
    stored, expected = await rows_at(database_url), expected_rows(await everything(shelf.log))
    del expected["warehouse"][company().part_shipped,]
    assert stored == expected
    parked = await ask(database_url, "SELECT view, stream FROM views.parked")
    assert parked == [("warehouse", company().part_shipped)]


async def why_it_stops_at(database_url: str, value: bytes) -> str:
    """What the partition says that holds this record, once the other one has been projected whole."""
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(RECORDS[:40]))
    await shelf.put_raw("stock-X@main", value)
    reached = await shelf.put(RECORDS[40:])
    broken = partition_of("stock-X@main", 2)
    await project(shelf.log, database_url, {1 - broken: reached[1 - broken]})
    async with projecting(shelf.log, database_url):
        return await why_stopped(database_url, broken)


async def test_an_unknown_event_type_is_never_skipped_and_stops_its_partition_only(database_url: str) -> None:
    why = await why_it_stops_at(database_url, b'{"type": "ordertrail.stock.NeverSeen.v1", "data": {}}')
    assert "unknown event type 'ordertrail.stock.NeverSeen.v1'" in why


async def test_a_record_that_our_own_code_stumbles_over_stops_its_partition_only(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert "cannot be read: TypeError" in await why_it_stops_at(database_url, b'{"type": [], "data": {}}')
    assert "Traceback" in caplog.text
