"""What led to an event, over random histories and across streams; and chains that are broken, imported or go in circles."""

from collections.abc import AsyncIterator
from random import Random
from uuid import UUID

import pytest
from psycopg import sql

from domain.decider import Event
from domain.order.aspects import aspects_of
from domain.order.commands import Hold, RequestCancel, Resume
from domain.order.terms import HoldType
from domain.recorded import Recorded
from domain.roles import Role
from domain.stream_names import kind_of, stock_stream
from domain.values import MAIN
from projections import timeline
from projections.view import Connection
from query_api.chains import KEPT_ENDS, MOST_CAUSES, Beginning, chains_to
from query_api.why import explanations
from streams.postgres.migrate import connect
from tests.domain.laws.changes import every_name, states_of
from tests.domain.laws.play import history
from tests.life import Life, line, with_stock
from tests.projections.company import Shelf, project

BURSTS = 12


@pytest.fixture
def life() -> Life:
    """An order waits, until another one gives its goods back. Both were looked at by finance meanwhile."""
    life = with_stock(Life(), MUG=4)
    first, second = life.place(line("MUG", 4)), life.place(line("MUG", 2))
    life.do(second, Hold(type=HoldType.FRAUD, reason="odd"), role=Role.FINANCE)
    life.do(second, Resume(hold=1, reason="looked at"), by="bob", role=Role.FINANCE)
    life.do(first, RequestCancel(reason="changed my mind"), role=Role.CUSTOMER_SERVICE)
    return life


@pytest.fixture
async def connection(database_url: str, life: Life) -> AsyncIterator[Connection]:
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(life.log))
    async with await connect(database_url) as found:
        yield found


@pytest.mark.parametrize("seed", ["scarce", "plenty"])
async def test_whatever_is_asked_the_last_event_made_it_so_and_the_first_was_somebodys(
    database_url: str, seed: str
) -> None:
    life, streams = history(Random(seed), lambda _life, _streams: None, bursts=BURSTS)
    shelf = Shelf()
    await project(shelf.log, database_url, await shelf.put(life.log))
    across = 0
    async with await connect(database_url) as connection:
        for stream in streams:
            for name in every_name(life.order(stream)):
                for told in await explanations(connection, stream, aspects_of(name)):
                    last = told.chain.steps[-1]
                    assert last.stream == stream
                    assert_changed(life, stream, last.version, told.names)
                    assert [row.event_id for row in told.chain.steps] == expected(life, life.log, last.event_id)
                    assert told.chain.begins is Beginning.SOMEBODY
                    assert {row.correlation_id for row in told.chain.steps} == {last.correlation_id}
                    across += any(kind_of(row.stream) == "stock" for row in told.chain.steps)
    assert across


def assert_changed(life: Life, stream: str, version: int, names: tuple[str, ...]) -> None:
    states = states_of(life, stream)
    for name in names:
        (aspect,) = aspects_of(name).values()
        before, after, now = (
            None if state is None else aspect(state) for state in (states[version - 1], states[version], states[-1])
        )
        assert before != after == now, name


def expected(life: Life, log: list[Recorded[Event]], event_id: UUID) -> list[UUID]:
    """An event and its causes, oldest first, each behind the first event of its command; of many, both ends."""
    last = next(each for each in log if each.event_id == event_id)
    causes = [last, *life.causes(last)]
    if len(causes) > 2 * KEPT_ENDS:
        causes = [*causes[:KEPT_ENDS], *causes[-KEPT_ENDS:]]
    first = {each.metadata.command_id: each for each in reversed(log)}
    pairs = [(first[cause.metadata.command_id], cause) for cause in reversed(causes)]
    return [each for began, cause in pairs for each in dict.fromkeys((began.event_id, cause.event_id))]


async def test_units_that_another_order_gave_back_are_explained_by_that_order(
    connection: Connection, life: Life
) -> None:
    first, second = orders_of(life)
    (told,) = await explanations(connection, second, aspects_of("line.1.sent"))
    steps = [(row.stream, row.name) for row in told.chain.steps]
    assert steps[0] == (first, "CancelRequested")
    assert (first, "OrderCancelled") in steps
    assert stock_stream("MUG", MAIN) in [stream for stream, _ in steps]
    assert steps[-1] == (second, "SentToWarehouse")


@pytest.mark.parametrize("name", ["hold.1", "badge.on-hold", "badge.on-hold.fraud"])
async def test_what_is_gone_is_explained_by_what_ended_it(connection: Connection, life: Life, name: str) -> None:
    _, second = orders_of(life)
    (told,) = await explanations(connection, second, aspects_of(name))
    assert told.gone
    assert [(row.name, row.actor) for row in told.chain.steps] == [("Resumed", "bob")]


def orders_of(life: Life) -> list[str]:
    return [stream for stream in life.streams if kind_of(stream) == "order"]


async def test_numbers_that_one_event_made_are_told_together_and_those_that_are_none_are_left_out(
    connection: Connection, life: Life
) -> None:
    _, second = orders_of(life)
    told = [one.names for one in await explanations(connection, second, aspects_of("line.1"))]
    assert told == [("line.1.ordered", "line.1.price"), ("line.1.sent",)]
    assert await explanations(connection, second, aspects_of("line.2")) == []


async def test_a_cause_that_is_not_here_yet_is_said_to_be_unknown(connection: Connection, life: Life) -> None:
    last = life.log[-1]
    cause, *_ = life.causes(last)
    await change(connection, "DELETE FROM {} WHERE event_id = %s", cause.event_id)
    (chain,) = await chains_to(connection, [last.event_id])
    assert chain.begins is Beginning.UNKNOWN
    assert [row.event_id for row in chain.steps][-1] == last.event_id
    assert cause.event_id not in {row.event_id for row in chain.steps}


async def test_history_that_was_taken_over_begins_a_chain_and_says_so(connection: Connection, life: Life) -> None:
    last = life.log[-1]
    *_, root = life.causes(last)
    await change(connection, "UPDATE {} SET origin = 'import' WHERE event_id = %s", root.event_id)
    (chain,) = await chains_to(connection, [last.event_id])
    assert chain.begins is Beginning.IMPORTED
    assert root.event_id in [row.event_id for row in chain.steps[:2]]


async def test_an_automatic_event_without_a_cause_is_not_called_somebodys(connection: Connection, life: Life) -> None:
    automatic = next(each for each in life.log if each.metadata.role is Role.WORKFLOW)
    await change(connection, "UPDATE {} SET causation_id = NULL WHERE event_id = %s", automatic.event_id)
    (chain,) = await chains_to(connection, [automatic.event_id])
    assert chain.begins is Beginning.UNKNOWN


async def test_causes_that_go_in_a_circle_come_to_an_end(connection: Connection, life: Life) -> None:
    last = life.log[-1]
    *_, root = life.causes(last)
    await change(connection, "UPDATE {} SET causation_id = %s WHERE event_id = %s", last.event_id, root.event_id)
    (chain,) = await chains_to(connection, [last.event_id])
    assert chain.begins is Beginning.TOO_FAR
    assert chain.left_out == MOST_CAUSES - 2 * KEPT_ENDS
    assert chain.steps[-1].event_id == last.event_id
    assert len(chain.steps) <= 4 * KEPT_ENDS


async def change(connection: Connection, statement: str, *values: UUID) -> None:
    """Something that cannot happen to the timeline."""
    table = sql.Identifier("views", f"timeline_v{timeline.VIEW.version}")
    await connection.execute(sql.SQL(statement).format(table), values)
