"""The log in PostgreSQL: the contract of every log, its failures, and looking up by stream and command."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from ordertrail.local import postgres
from ordertrail.local.postgres import LocalPostgres
from streams.index import IndexUnavailable, Placed
from streams.log import Claim, Fenced, Loaded, Log, LogUnavailable, LogUnfit, NotCommitted, OutcomeUnknown, Record
from streams.own_index import OwnIndex
from streams.postgres.log import PostgresLog
from streams.postgres.migrate import migrate
from streams.postgres.roles import let_append_only
from streams.runtime import Limits, Runtime
from tests.streams.contract_log import (
    NEXT_OWNER,
    OWNER,
    Another,
    LogContract,
    LoseAnswer,
    read_all,
    record,
    some,
)
from tests.streams.proxy import Proxy
from tests.timing import DEADLINE_S


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    parts = urlsplit(database_url)
    async with Proxy(str(parts.hostname), parts.port or 5432).running() as proxy:
        yield proxy


@pytest.fixture
async def another(database_url: str, proxy: Proxy) -> AsyncIterator[Another]:
    opened: list[PostgresLog] = []
    url = database_url.replace(f":{proxy.port}/", f":{proxy.address[1]}/")

    async def open_log() -> Log:
        log = PostgresLog(url, 2)
        opened.append(log)
        await log.open()
        return log

    yield open_log
    for log in opened:
        await log.close()


@pytest.fixture
def lose_answer(proxy: Proxy) -> LoseAnswer:
    async def lose(_log: Log, _claim: Claim) -> None:
        proxy.deaf = True

    return lose


@pytest.mark.server
class TestPostgresLog(LogContract):
    pass


async def opened(another: Another) -> PostgresLog:
    log = await another()
    assert isinstance(log, PostgresLog)
    return log


async def test_an_append_through_a_connection_that_was_lost_before_it_is_certainly_not_committed(
    another: Another, proxy: Proxy
) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    proxy.cut()
    with pytest.raises((NotCommitted, OutcomeUnknown)):
        await log.append(claim, some(1, 3))
    again = await log.claim(0, OWNER)
    assert await read_all(log, 0, upto=again.end) == []


async def test_a_server_that_ends_the_session_leaves_nothing_half_done(another: Another, database_url: str) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        async with other.transaction():
            await other.execute("SELECT 1 FROM log.owner WHERE partition = 0 FOR UPDATE")
            append = asyncio.create_task(log.append(claim, some(1, 3)))
            blocked = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            async with asyncio.timeout(DEADLINE_S):
                while await (await other.execute(blocked)).fetchone() is None:
                    pass
        with pytest.raises(OutcomeUnknown):
            await append
    again = await log.claim(0, OWNER)
    assert await read_all(log, 0, upto=again.end) == []


async def test_a_zombie_whose_append_waits_for_a_claim_is_fenced(another: Another, database_url: str) -> None:
    old = await another()
    first = await old.claim(0, OWNER)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
        async with other.transaction():
            await other.execute("UPDATE log.owner SET term = term + 1 WHERE partition = 0")
            append = asyncio.create_task(old.append(first, some(1, 3)))
            waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            async with asyncio.timeout(DEADLINE_S):
                while await (await other.execute(waiting)).fetchone() is None:
                    pass
        with pytest.raises(Fenced):
            await append
    assert await read_all(old, 0) == []


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(record(1), id="of one sequence"),
        pytest.param(replace(record(1), sequence=3), id="of one stream and version"),
    ],
)
async def test_a_second_record_of_one_place_is_refused_and_nothing_of_its_append_is_stored(
    another: Another, second: Record
) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    await log.append(claim, some(1, 1))
    with pytest.raises(LogUnfit, match="another record in the place"):
        await log.append(claim, [record(2), second])
    again = await log.claim(0, OWNER)
    assert len(await read_all(log, 0, upto=again.end)) == 1


async def test_a_cancelled_append_ends_the_claim(another: Another, database_url: str) -> None:
    log = await another()
    claim = await log.claim(0, OWNER)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other, other.transaction():
        await other.execute("SELECT 1 FROM log.owner WHERE partition = 0 FOR UPDATE")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await log.append(claim, some(1, 3))
    with pytest.raises(NotCommitted):
        await log.append(claim, some(1, 3))


async def test_a_database_without_the_tables_is_refused_with_a_sentence(empty_database_url: str) -> None:
    log = PostgresLog(empty_database_url, 2)
    with pytest.raises(LogUnfit, match="run the migrations first"):
        await log.open()
    await log.close()


@pytest.mark.server
async def test_a_server_that_does_not_flush_its_commits_is_refused_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres.SERVER_SETTINGS, "fsync", "off")
    server = LocalPostgres(tmp_path)
    url = await server.start()
    try:
        await migrate(url)
        with pytest.raises(LogUnfit, match="fsync is off, wanted is on"):
            await PostgresLog(url, 2).open()
    finally:
        await server.stop()


async def test_a_log_with_more_partitions_than_wanted_is_refused(another: Another, database_url: str) -> None:
    await (await another()).claim(1, OWNER)
    narrow = PostgresLog(database_url, 1)
    with pytest.raises(LogUnfit, match="2 partitions"):
        await narrow.open()
    await narrow.close()


async def test_a_database_that_cannot_be_reached_is_told_as_such(another: Another, proxy: Proxy) -> None:
    log = await another()
    proxy.refusing = True
    with pytest.raises(LogUnavailable):
        await log.claim(0, OWNER)
    proxy.refusing = False
    await log.claim(0, OWNER)


async def test_streams_and_commands_are_found_in_one_look(another: Another) -> None:
    log = await opened(another)
    claim, elsewhere = await log.claim(0, OWNER), await log.claim(1, OWNER)
    command = uuid4()
    records = [
        Record(1, "order-a", 1, command, b"a1"),
        Record(2, "order-b", 1, uuid4(), b"b1"),
        Record(3, "stock-x@main", 1, command, b"x1"),
        Record(4, "order-a", 2, uuid4(), b"a2"),
    ]
    await log.append(claim, records)
    await log.append(elsewhere, [Record(1, "order-c", 1, command, b"c1")])
    loaded = await log.load(0, {"order-a": 0, "order-none": 0}, [command, uuid4()])
    assert loaded.applied == 4
    assert {stream: [each.value for each in rows] for stream, rows in loaded.streams.items()} == {
        "order-a": [b"a1", b"a2"]
    }
    assert {each: [row.sequence for row in rows] for each, rows in loaded.commands.items()} == {command: [1, 3]}
    assert await log.orders_placed(0) == Placed(2, 4)
    assert [each.sequence for each in await log.after(0, 1, 2)] == [2, 3]


async def test_looking_up_in_an_empty_partition_finds_nothing(another: Another) -> None:
    log = await opened(another)
    await log.claim(0, NEXT_OWNER)
    assert await log.load(0, {"order-a": 0}, [uuid4()]) == Loaded({}, {}, 0)
    assert await log.orders_placed(0) == Placed(0, 0)
    assert await log.after(0, 0, 10) == ()


async def test_a_server_that_stands_still_is_given_up_in_time(database_url: str, proxy: Proxy) -> None:
    url = database_url.replace(f":{proxy.port}/", f":{proxy.address[1]}/")
    log = PostgresLog(url, 2, Runtime(limits=Limits(postgres_answer_s=0.1)))
    await log.open()
    claim = await log.claim(0, OWNER)
    await log.append(claim, some(1, 1))
    proxy.thawed.clear()
    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(OutcomeUnknown):
            await log.append(claim, some(2, 2))
        with pytest.raises(LogUnavailable):
            await log.end(0)
        with pytest.raises(IndexUnavailable):
            await OwnIndex(log).load(0, {"order-1": 0}, ())
    proxy.thawed.set()
    again = await log.claim(0, OWNER)
    assert [each.sequence for each in await read_all(log, 0, upto=again.end)] == [1, 2]
    await log.close()


async def test_more_partitions_than_the_server_has_connections_for_are_refused(database_url: str) -> None:
    log = PostgresLog(database_url, 1000)
    with pytest.raises(LogUnfit, match=r"1000 partitions need more connections than PostgreSQL's max_connections"):
        await log.open()
    await log.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.record SET value = ''",
        "DELETE FROM log.record",
        "TRUNCATE log.record",
        "DELETE FROM log.owner",
        "DROP TABLE log.record",
        "DROP SCHEMA log CASCADE",
    ],
)
async def test_the_role_of_a_running_instance_can_add_to_the_log_and_change_nothing_in_it(
    database_url: str, statement: str
) -> None:
    role = f"instance_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as owner:
        await owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'secret'").format(sql.Identifier(role)))
        await let_append_only(database_url, role)
        url = make_conninfo(database_url, user=role, password="secret")
        log = PostgresLog(url, 2)
        await log.open()
        await log.append(await log.claim(0, OWNER), some(1, 3))
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as instance:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await instance.execute(statement.encode())
            await instance.execute('DROP SCHEMA "index" CASCADE')
        assert len(await read_all(log, 0)) == 3
        await log.close()
        await migrate(database_url)
        await let_append_only(database_url, role)
        await owner.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
        await owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
