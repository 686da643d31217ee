"""Thousands of open orders are read as quickly as ten: a page of a list reads few rows beside its own."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from psycopg import sql

from projections import sales, stock
from projections.board import Board, BoardFilter
from projections.registry import BOARDS
from projections.stock import StockFilter
from projections.view import Connection, View, identifier, table_of
from streams.postgres.migrate import connect
from tests.conftest import FreshDatabase, Run
from tests.projections.company import Shelf, company, project

MANY = 3_000
PAGE = 50


@pytest.fixture(scope="module")
def few_url(fresh_database: FreshDatabase, run_beside: Run[Any]) -> Iterator[str]:
    """A database with all views of few orders; each test makes many rows of one of them."""
    with fresh_database() as url:
        run_beside(fill_views(url))
        yield url


async def fill_views(url: str) -> None:
    shelf = Shelf()
    await project(shelf.log, url, await shelf.put(company().records))


@pytest.fixture
async def connection(few_url: str) -> AsyncIterator[Connection]:
    async with await connect(few_url) as found:
        yield found


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
async def test_a_page_of_a_board_and_of_each_queue_reads_few_rows_of_many(connection: Connection, board: Board) -> None:
    queues = "(ARRAY[{}])[1 + g %% {}]".format(", ".join(f"'{queue}'" for queue in board.queues), len(board.queues))
    differing = f"'order_id', gen_random_uuid(), 'waiting_since', now() - g * interval '1 minute', 'queue', {queues}, 'messages', g %% 2"
    await fill(connection, board.view, sales.BOARD.view, differing)
    few = PAGE * (
        len(board.queues) + 1
    )  # of a queue that is no rare one, the plan may be to pass over the others' rows
    for asked in (BoardFilter(), *(BoardFilter(queue=queue) for queue in board.queues)):
        before = await rows_read(connection, board.view)
        assert len(await board.find(connection, asked, limit=PAGE)) == PAGE
        assert await rows_read(connection, board.view) - before <= few
    counts = await board.counts(connection)
    assert counts.total >= MANY


async def test_a_page_of_the_articles_that_orders_wait_for_reads_no_more_rows_than_it_shows(
    connection: Connection,
) -> None:
    differing = "'sku', 'SKU' || g, 'waiting', g %% 2, 'waiting_since', now() - g * interval '1 minute'"
    await fill(connection, stock.VIEW, stock.VIEW, differing)
    before = await rows_read(connection, stock.VIEW)
    rows = await stock.find(connection, StockFilter(awaited=True), limit=PAGE)
    assert len(rows) == PAGE
    assert [row.waiting_since for row in rows] == sorted(row.waiting_since for row in rows if row.waiting_since)
    assert await rows_read(connection, stock.VIEW) - before <= PAGE


async def fill(connection: Connection, view: View, like: View, differing: str) -> None:
    """Many rows like one that is there, each with its own stream and what differs."""
    query = (
        "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(one) || "
        f"jsonb_build_object('stream', 'many-' || g, {differing}))).* "
        "FROM (SELECT * FROM {like} LIMIT 1) one, generate_series(1, %s) g"
    )
    table = identifier(table_of(view))
    made = sql.SQL(query).format(table=table, like=identifier(like.name))
    await connection.execute(made, [MANY])
    await connection.execute(sql.SQL("ANALYZE {}").format(table))
    await connection.commit()


async def rows_read(connection: Connection, view: View) -> int:
    """Rows of the view's table that were read since the transaction began, one by one or by an index."""
    query = "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = %s"
    row = await (await connection.execute(query, [table_of(view)])).fetchone()
    assert row is not None
    return int(row[0])
