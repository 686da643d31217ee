"""Reading the views: search, paging, boards, counts, single rows."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.company_time import beginning_of
from domain.decider import TAKE_FOR
from domain.order.status import Headline
from domain.roles import Party
from domain.stream_names import name_of, stock_stream
from projections import order, sales, stock, timeline, tracking, warehouse
from projections.board import MESSAGES, Board, BoardCounts, BoardCursor, BoardFilter, counts, place, standings
from projections.order import OrderCursor, OrderFilter
from projections.registry import BOARDS
from projections.stock import StockCursor, StockFilter
from projections.view import Connection
from streams.postgres.migrate import connect
from tests.projections.company import Shelf, company, project
from tests.spec import NOW

STREAMS = company().life.streams
ORDERS = [stream for stream in STREAMS if stream.startswith("order-")]


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(company().records))
    async with await connect(database_url) as found:
        yield found


def order_id(stream: str) -> UUID:
    return UUID(name_of(stream))


async def test_orders_are_found_by_what_people_know_of_them(connection: Connection) -> None:
    number = company().life.order(company().to_pick).number
    only = [order_id(company().to_pick)]
    for asked in (
        OrderFilter(number=number),
        OrderFilter(customer="C-7"),
        OrderFilter(customer="example"),
        OrderFilter(reference="PO-99"),
        OrderFilter(reference="PO-99", sku="mug", headline=Headline.PROCESSING, waiting_on=Party.WAREHOUSE),
    ):
        assert [row.order_id for row in await order.find(connection, asked)] == only
    assert await order.find(connection, OrderFilter(customer="%")) == []
    assert await order.find(connection, OrderFilter(number="'; DROP TABLE views.order_v1; --")) == []


async def test_orders_are_found_by_stock_code_headline_and_day(connection: Connection) -> None:
    async def found(asked: OrderFilter) -> set[UUID]:
        return {row.order_id for row in await order.find(connection, asked)}

    assert await found(OrderFilter(sku="CUP")) == {order_id(company().part_shipped), order_id(company().picking)}
    assert await found(OrderFilter(headline=Headline.CANCELLED)) == {order_id(company().cancelled)}
    today, day = beginning_of(UTC, NOW.date()), timedelta(days=1)
    everything = {order_id(stream) for stream in ORDERS}
    assert await found(OrderFilter(placed_from=today, placed_before=today + day)) == everything
    assert await found(OrderFilter(placed_from=today + day)) == set()
    assert await found(OrderFilter(placed_before=today)) == set()


async def test_pages_of_orders_join_without_gap_or_repetition(connection: Connection) -> None:
    seen: list[UUID] = []
    cursor: OrderCursor | None = None
    while page := await order.find(connection, OrderFilter(), cursor, limit=2):
        seen += [row.order_id for row in page]
        cursor = OrderCursor(page[-1].placed_at, page[-1].order_id)
    assert seen == [order_id(stream) for stream in reversed(ORDERS)]


async def test_one_order_one_item_one_link_are_found_or_not_there(connection: Connection) -> None:
    found = await order.get(connection, order_id(company().held))
    assert found is not None
    assert found.stream == company().held
    assert await order.get(connection, uuid5(UUID(int=0), "nobody")) is None
    tracked = await tracking.by_token(connection, found.state.tracking_token)
    assert tracked is not None
    assert tracked.order_id == found.order_id
    assert await tracking.by_token(connection, "x" * 22) is None
    item = await stock.get(connection, "mug", "main")
    assert item is not None
    assert item.sku == "MUG"
    assert await stock.get(connection, "PLATE", "main") is None


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
async def test_a_board_counts_what_it_shows_queue_by_queue(connection: Connection, board: Board) -> None:
    counts = await board.counts(connection)
    assert list(counts.queues) == list(board.queues)
    for queue, count in counts.queues.items():
        assert len(await board.find(connection, BoardFilter(queue=queue))) == count
    assert counts.total == len(await board.find(connection, BoardFilter()))


async def test_the_boards_of_the_company_have_work(connection: Connection) -> None:
    counts = {board.name: (await board.counts(connection)).total for board in BOARDS}
    assert counts.keys() >= {"sales", "warehouse", "logistics"}
    assert all(counts[name] for name in ("sales", "warehouse", "logistics"))


async def test_an_order_with_a_message_stands_among_the_messages_whatever_else_it_waits_for(
    connection: Connection,
) -> None:
    asked = await warehouse.BOARD.find(connection, BoardFilter(queue=MESSAGES))
    found = {row.stream: (row.queue, row.messages) for row in asked}
    assert found == {company().picking: (warehouse.PICKING, 1), company().cancelled: (MESSAGES, 1)}


async def test_a_row_says_who_of_its_department_is_on_the_order(connection: Connection) -> None:
    for board, person in ((warehouse.BOARD, "ada"), (sales.BOARD, None)):
        (row,) = await board.these(connection, BoardFilter(), [order_id(company().picking)])
        assert (row.take.person if row.take else None) == person
        assert row.take is None or row.take.stands(row.updated_at)
        assert row.take is None or not row.take.stands(row.updated_at + TAKE_FOR)


async def test_pages_of_a_board_join_without_gap_or_repetition(connection: Connection) -> None:
    whole = await sales.BOARD.find(connection, BoardFilter())
    seen = []
    cursor: BoardCursor | None = None
    while page := await sales.BOARD.find(connection, BoardFilter(), cursor, limit=2):
        seen += page
        cursor = BoardCursor(page[-1].priority, page[-1].waiting_since, page[-1].order_id)
    assert seen == whole
    assert [(row.priority, row.waiting_since) for row in seen] == sorted(
        (row.priority, row.waiting_since) for row in seen
    )


async def test_a_board_is_narrowed_to_a_party_and_a_customer(connection: Connection) -> None:
    found = await warehouse.BOARD.find(connection, BoardFilter(waiting_on=Party.WAREHOUSE, customer="ann"))
    assert [row.stream for row in found] == [company().to_pick]


async def test_stock_is_found_by_the_beginning_of_its_code_and_by_shortage(connection: Connection) -> None:
    assert [row.sku for row in await stock.find(connection, StockFilter())] == ["CUP", "MUG"]
    assert [row.sku for row in await stock.find(connection, StockFilter(), StockCursor("CUP", "main"))] == ["MUG"]
    assert [row.sku for row in await stock.find(connection, StockFilter(sku="mu"))] == ["MUG"]
    assert [row.sku for row in await stock.find(connection, StockFilter(awaited=True))] == ["CUP"]
    assert await stock.find(connection, StockFilter(location="elsewhere")) == []


async def test_a_timeline_is_read_in_order_and_from_any_version_on(connection: Connection) -> None:
    stream = company().on_the_way
    whole = await timeline.of(connection, stream)
    assert [row.name for row in whole] == company().life.kinds(stream)
    assert await timeline.of(connection, stream, 3, 2) == whole[3:5]
    assert await timeline.of(connection, stock_stream("PLATE", "main")) == []


async def test_the_event_that_another_names_as_its_cause_is_found_by_its_id(connection: Connection) -> None:
    placed = (await timeline.of(connection, company().to_pick))[0]
    assert await timeline.events(connection, [placed.event_id]) == {placed.event_id: placed}
    assert await timeline.events(connection, [placed.correlation_id]) == {}


@given(st.lists(st.tuples(st.integers(0, 9), st.datetimes(timezones=st.timezones()), st.uuids()), max_size=20))
def test_a_place_sorts_as_the_board_does(rows: list[tuple[int, datetime, UUID]]) -> None:
    assert sorted(rows, key=lambda row: place(*row)) == sorted(rows)


async def test_a_board_tells_of_orders_where_they_stand_and_gives_their_rows(connection: Connection) -> None:
    orders = [order_id(stream) for stream in ORDERS]
    everywhere, counted = await standings(connection, BOARDS, orders), await counts(connection, BOARDS)
    for board in BOARDS:
        rows = await board.find(connection, BoardFilter())
        here = everywhere[board.name]
        queues = {queue: sum(row.queue == queue for row in rows) for queue in board.queues}
        messages = sum(row.messages > 0 for row in rows)
        assert counted[board.name] == BoardCounts(len(rows), {**queues, MESSAGES: messages})
        assert {each: at.place for each, at in here.items()} == {row.order_id: row.place for row in rows}
        for queue in (None, *board.queues):
            for party in (None, *Party):
                asked = BoardFilter(queue=queue, waiting_on=party)
                within = {each for each, at in here.items() if at.is_within(asked)}
                assert within == {row.order_id for row in await board.these(connection, asked, orders)}
    assert [row.order_id for row in await sales.BOARD.these(connection, BoardFilter(customer="example"), orders)] == [
        order_id(company().to_pick)
    ]
