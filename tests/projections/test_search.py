"""What orders are found by, in which order, and that a search of very many rows reads few of them."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from psycopg import sql

from domain.event_values import Customer
from domain.order.commands import HandOver
from domain.roles import Role
from projections import search
from projections.projector.fold_batch import fold_records
from projections.search import SearchRow
from projections.search_hits import FIRST, Hits, find_orders
from projections.search_terms import SearchField
from projections.view import Connection, Folded, identifier, table_of
from streams.postgres.migrate import connect
from tests.life import Life, line, send_off, with_stock
from tests.life import terms as usual_terms
from tests.projections.company import Shelf, company, project
from tests.projections.comparing import expected_rows

LIFE = company().life
EVERYTHING = frozenset(SearchField)
MANY = 5_000


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(company().records))
    async with await connect(database_url) as found:
        yield found


def streams(found: Hits) -> list[str]:
    return [hit.order.stream for hit in found.hits]


def said(life: Life, stream: str) -> set[tuple[SearchField, str]]:
    rows = expected_rows(life.log)["search"].values()
    return {(row.kind, row.term) for row in rows if isinstance(row, SearchRow) and row.stream == stream}


def test_an_order_is_found_by_what_its_customer_knows_of_it() -> None:
    assert said(LIFE, company().to_pick) == {
        (SearchField.NUMBER, LIFE.order(company().to_pick).number.replace("-", "").lower()),
        (SearchField.REFERENCE, "po99"),
        (SearchField.CUSTOMER_ID, "c7"),
        (SearchField.CUSTOMER_NAME, "annexample"),
        (SearchField.CUSTOMER_NAME, "example"),
        (SearchField.EMAIL, "ann@example.org"),
        (SearchField.SKU, "mug"),
    }


def test_a_corrected_tracking_number_is_found_and_the_wrong_one_no_more() -> None:
    life = with_stock(Life(), MUG=1)
    stream = life.place(line("MUG", 1))
    send_off(life, stream, 1)
    wrong = life.order(stream).parcels[0].tracking_number
    assert wrong is not None
    known = {stream: (len(life.streams[stream]), life.order(stream))}
    life.do(stream, HandOver(parcel=1, carrier="DHL", tracking_number="RIGHT-1"), role=Role.LOGISTICS)
    correction = life.streams[stream][known[stream][0] :]
    outcome = fold_records([search.VIEW], known, correction, ())
    assert [(row.kind, row.term) for row in outcome.rows["search"] if isinstance(row, SearchRow)] == [
        (SearchField.TRACKING_NUMBER, "right1")
    ]
    assert [row.model_dump()["term"] for row in outcome.unsaid["search"]] == [wrong.replace("-", "").lower()]


def test_what_is_taken_out_of_the_order_is_taken_out_of_the_index() -> None:
    """As an erased person's data would be."""
    life = Life()
    stream = life.place(order=usual_terms(customer=Customer(id="C-1", name="Ann Example", email="ann@example.org")))
    last, order = life.streams[stream][-1], life.order(stream)
    erased = replace(order, customer=Customer())
    assert search.basis(erased) != search.basis(order)
    rows = {row.kind for row in search.search_rows(Folded(stream, 2, erased, last))}
    assert not rows & {SearchField.CUSTOMER_ID, SearchField.CUSTOMER_NAME, SearchField.EMAIL}


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ("po-99", {SearchField.REFERENCE}),
        ("PO", {SearchField.REFERENCE}),
        ("c 7", {SearchField.CUSTOMER_ID}),
        ("EXAMPLE", {SearchField.CUSTOMER_NAME}),
        ("ann", {SearchField.CUSTOMER_NAME, SearchField.EMAIL}),
        ("ANN@example.ORG", {SearchField.EMAIL}),
        (LIFE.order(company().to_pick).number.lower(), {SearchField.NUMBER}),
    ],
)
async def test_a_search_says_by_what_it_found(connection: Connection, asked: str, by: set[SearchField]) -> None:
    (hit,) = (await find_orders(connection, asked, EVERYTHING)).hits
    assert (hit.order.stream, set(hit.by)) == (company().to_pick, by)


async def test_a_field_that_is_not_asked_finds_nothing(connection: Connection) -> None:
    for field in SearchField:
        others = EVERYTHING - {field}
        for asked in ("po-99", "c-7", "example", "ann@example.org", "T-1", "MUG"):
            assert all(field not in hit.by for hit in (await find_orders(connection, asked, others)).hits)
    assert not (await find_orders(connection, "ann@example.org", EVERYTHING - {SearchField.EMAIL})).hits
    assert not (await find_orders(connection, "ann", ())).hits


async def test_the_latest_come_first_and_the_open_orders_of_an_article_before_the_closed(
    connection: Connection,
) -> None:
    found = await find_orders(connection, "t1", EVERYTHING)
    assert streams(found) == [company().part_shipped, company().on_the_way, company().completed]
    holding = streams(await find_orders(connection, "mug", EVERYTHING))
    closed = [stream for stream in (company().cancelled, company().completed) if stream in holding]
    assert set(holding[-len(closed) :]) == set(closed)
    opened = holding[: -len(closed)]
    assert opened == sorted(opened, key=lambda stream: LIFE.order(stream).serial, reverse=True)


@pytest.mark.parametrize("asked", ["demo", "mug", "m", "t1", "c"])
async def test_pages_join_without_gap_or_repetition(connection: Connection, asked: str) -> None:
    whole = streams(await find_orders(connection, asked, EVERYTHING))
    assert len(set(whole)) == len(whole) > 1
    seen, after = list[str](), FIRST
    while True:
        page = await find_orders(connection, asked, EVERYTHING, after, limit=1)
        seen += streams(page)
        if page.more is None:
            break
        after = page.more
    assert seen == whole


@pytest.mark.parametrize(
    "asked", ["", " ", "%", "_", "\\", "'; DROP TABLE views.search_v1; --", "x" * 10_000, "\x00\ud800"]
)
async def test_hostile_input_finds_nothing_and_harms_nothing(connection: Connection, asked: str) -> None:
    assert await find_orders(connection, asked, EVERYTHING) == Hits()


async def test_a_search_of_many_rows_reads_few_of_them(connection: Connection) -> None:
    """Every order of the many belongs to one customer, holds one article, and has numbers that begin alike."""
    query = sql.SQL(
        "INSERT INTO {table} SELECT 'many-' || g, 0, kind, term || CASE own WHEN 1 THEN lpad(g::text, 9, '0') "
        "ELSE '' END, gen_random_uuid(), -g FROM generate_series(1, %s) g, (VALUES ('number', 'many', 1), "
        "('customer.id', 'busy', 0), ('customer.name', 'busyshop', 0), ('customer.email', 'busy', 1), "
        "('tracking_number', 'many', 1), ('sku', 'often', 0)) AS said (kind, term, own)"
    ).format(table=identifier(table_of(search.VIEW)))
    await connection.execute(query, [MANY])
    await connection.execute(sql.SQL("ANALYZE {}").format(identifier(table_of(search.VIEW))))
    await connection.execute("SET enable_seqscan = off")  # as of a larger table, which nobody would read whole
    for asked, most in (("busy", 5_000), ("often", 500), ("many000000077", 30), ("many", 5_000), ("nobody", 10)):
        before = await rows_read(connection)
        found = await find_orders(connection, asked, EVERYTHING)
        assert await rows_read(connection) - before <= most, asked
        assert found.too_many == (asked in {"busy", "many"})


async def rows_read(connection: Connection) -> int:
    """Rows and entries of indexes that were read since the transaction began."""
    query = (
        "SELECT sum(seq_tup_read) FROM pg_stat_xact_user_tables WHERE relname = %(table)s UNION ALL "
        "SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_stat_user_indexes WHERE relname = %(table)s"
    )
    rows = await (await connection.execute(query, {"table": table_of(search.VIEW)})).fetchall()
    return sum(int(row[0]) for row in rows)
