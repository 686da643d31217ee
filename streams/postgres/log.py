"""The log in PostgreSQL: the embedded default, for a first run and for small companies.

Decides: how a claim fences (the owner row's term), how an append is one statement, and what its failure means. The
table carries stream, version and command id, so it is its own index: the reading half of `streams.index.Index` is here
too. Must not know: what the values mean.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import asynccontextmanager, contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Final, LiteralString

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow
from psycopg.types.numeric import Int4, Int8
from psycopg_pool import AsyncConnectionPool

from streams.claims_held import Holdings
from streams.index import Placed
from streams.log import (
    START,
    Batch,
    Bookmark,
    Claim,
    ClaimRecord,
    Fenced,
    Loaded,
    LogUnavailable,
    LogUnfit,
    NotCommitted,
    OutcomeUnknown,
    Record,
    Stored,
    require_fit,
)
from streams.postgres import statements
from streams.postgres.connection import POOL_S, answered_within, checked, is_unanswered, limited
from streams.postgres.packed import records_packed, wanted_packed
from streams.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
    from uuid import UUID

    Connection = AsyncConnection[TupleRow]
    Parameters = Sequence[object] | Mapping[str, object]

BATCH: Final = 500
WAIT_S: Final = 1.0  # a notification that was lost delays a reader by this much at most
READERS: Final = 4
CONNECTIONS_EACH: Final = 3  # a writer, the projector's reader and one more for a rebuild or `verify`
CONNECTIONS: Final = 50  # all pools of server and projector, and some for people
CONNECT_S: Final = 10
LAST_PLACE: Final = 2**63 - 1


class PostgresLog:
    """The log port on one PostgreSQL database whose migrations have run. One process's claims and readers."""

    def __init__(self, url: str, partitions: int, runtime: Runtime | None = None) -> None:
        self.partitions = partitions
        self.durability = "PostgreSQL with fsync on: an acknowledged command survives power loss."
        self._url = limited(url)
        self._answer_s = (runtime or Runtime()).limits.postgres_answer_s
        self._holdings: Holdings[Connection] = Holdings()
        self._pool = AsyncConnectionPool(
            self._url, min_size=1, max_size=READERS, open=False, kwargs={"autocommit": True}, timeout=POOL_S,
            check=checked,
        )  # fmt: skip

    async def open(self) -> None:
        """Connect; refuse a database that does not flush its commits, lacks the schema or has more partitions."""
        with reaching():
            connection = await self._connect()
            async with connection:
                flushes, migrated, connections = await one(connection, statements.SETTINGS)
                if not flushes:
                    raise LogUnfit("PostgreSQL's setting fsync is off, wanted is on: commits must survive a crash")
                if not migrated:
                    raise LogUnfit("the database has no table log.record; run the migrations first")
                if CONNECTIONS + CONNECTIONS_EACH * self.partitions > connections:
                    raise LogUnfit(
                        f"{self.partitions} partitions need more connections than PostgreSQL's max_connections = "
                        f"{connections}: {CONNECTIONS_EACH} each and {CONNECTIONS} beside"
                    )
                (found,) = await one(connection, statements.COUNT_PARTITIONS)
                if found > self.partitions:
                    raise LogUnfit(f"the log has {found} partitions or more, wanted are {self.partitions}")
            await self._pool.open(wait=True, timeout=CONNECT_S)

    async def close(self) -> None:
        """Close the writing connections and the pool; readers end when their generators are closed."""
        for partition in self._holdings.partitions():
            await self._drop(partition)
        await self._pool.close()

    async def claim(self, partition: int, record: ClaimRecord) -> Claim:
        """Raise the partition's term and write the claim record, in one statement."""
        await self._drop(partition)
        with reaching():
            connection = await self._connect()
            try:
                with answered_within(connection, self._answer_s):
                    await connection.execute(statements.WRITER_SETTINGS)
                    parameters = {"partition": partition, "value": record.to_bytes(), "channel": channel(partition)}
                    term, place, _ = await one(connection, statements.CLAIM_PARTITION, parameters)
            except BaseException:
                await connection.close()
                raise
        claim = Claim(partition, term, Bookmark(place))
        self._holdings.take(claim, connection)
        return claim

    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        """Commit all records or none, in one statement that commits by itself."""
        require_fit(records)
        async with self._writing(claim) as connection:
            cursor = await connection.execute(statements.APPEND, appended(claim, records), prepare=True)
            row = await cursor.fetchone()
            if row is None:
                raise Fenced(f"partition {claim.partition} was claimed again after term {claim.term}")
        return Bookmark(row[0])

    async def prove(self, claim: Claim) -> None:
        """Return if the partition's term is still ours."""
        try:
            async with self._writing(claim) as connection:
                row = await (await connection.execute(statements.TERM, (claim.partition,), prepare=True)).fetchone()
                if row is None or row[0] != claim.term:
                    raise Fenced(f"partition {claim.partition} was claimed again after term {claim.term}")
        except OutcomeUnknown as error:
            raise NotCommitted(str(error)) from error

    async def end(self, partition: int) -> Bookmark:
        """The last place of the partition."""
        with reaching():
            row = await self._first(statements.END, (partition,))
        return START if row is None else Bookmark(row[0])

    written = end  # an append holds the owner's row until it is committed: nothing lies behind an open one

    async def last_claim(self, partition: int) -> tuple[int, ClaimRecord] | None:
        """Term and record of the newest claim."""
        with reaching():
            row = await self._first(statements.LAST_CLAIM, (partition,))
        return None if row is None else (row[0], ClaimRecord.from_bytes(row[1]))

    async def last_before(self, partition: int, place: Bookmark) -> Stored | None:
        """The last record before a place; claims have no sequence."""
        with reaching():
            end = await self._first(statements.END, (partition,))
            require_reached(partition, place, end)
            row = await self._first(statements.LAST_BEFORE, (partition, place.place))
        return None if row is None else Stored(*row)

    async def read(
        self, partition: int, after: Bookmark = START, upto: Bookmark | None = None
    ) -> AsyncGenerator[Batch]:
        """Committed records after a place, in batches of at most 500, over a connection of its own."""
        place, stop = after.place, LAST_PLACE if upto is None else upto.place
        with reaching():
            connection = await self._connect()
            async with connection, connection.cursor(binary=True) as cursor:
                with answered_within(connection, self._answer_s):
                    # Before the first look, so that nothing is committed between looking and listening.
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel(partition))))
                    end = await (await cursor.execute(statements.END, (partition,))).fetchone()
                require_reached(partition, after, end)
                while place < stop:
                    with answered_within(connection, self._answer_s):
                        rows = await (
                            await cursor.execute(statements.RECORDS, (partition, place, stop, BATCH))
                        ).fetchall()
                    if rows:
                        place = rows[-1][0]
                        yield Batch(tuple(Stored(*row[1:]) for row in rows if row[1] is not None), Bookmark(place))
                    else:
                        async for _ in connection.notifies(timeout=WAIT_S, stop_after=1):
                            pass

    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        """As `Index.load`, in one query; psycopg's OperationalError while the database is away."""
        by_stream: defaultdict[str, list[Stored]] = defaultdict(list)
        by_command: defaultdict[UUID, list[Stored]] = defaultdict(list)
        applied = 0
        parameters = {"partition": partition, **wanted_packed(streams, command_ids)}
        for found, sequence, stream, term, value, command_id, _ in await self._rows(statements.WANTED, parameters):
            if found == "applied":
                applied = sequence or 0
            elif found == "stream":
                by_stream[stream].append(Stored(sequence, stream, term, value))
            else:
                by_command[command_id].append(Stored(sequence, stream, term, value))
        in_order = {
            command_id: tuple(sorted(rows, key=attrgetter("sequence"))) for command_id, rows in by_command.items()
        }
        return Loaded({stream: tuple(rows) for stream, rows in by_stream.items()}, in_order, applied)

    async def orders_placed(self, partition: int) -> Placed:
        """How many orders were ever placed in the partition."""
        (row,) = await self._rows(statements.ORDERS_AND_END, {"partition": partition})
        return Placed(*row)

    async def after(self, partition: int, sequence: int, limit: int) -> tuple[Stored, ...]:
        """Records above a sequence, in order."""
        return tuple(Stored(*row) for row in await self._rows(statements.RECORDS_AFTER, (partition, sequence, limit)))

    async def _connect(self) -> Connection:
        return await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=CONNECT_S)

    async def _rows(self, query: LiteralString, parameters: Parameters) -> list[TupleRow]:
        async with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            with answered_within(connection, self._answer_s):
                return await (await cursor.execute(query, parameters, prepare=True)).fetchall()

    async def _first(self, query: LiteralString, parameters: Parameters) -> TupleRow | None:
        rows = await self._rows(query, parameters)
        return rows[0] if rows else None

    @asynccontextmanager
    async def _writing(self, claim: Claim) -> AsyncGenerator[Connection]:
        """The claim's connection; whatever goes wrong with it ends the claim and is told in the port's words."""
        connection = self._holdings.of(claim)
        if connection.closed:
            await self._drop(claim.partition)
            raise NotCommitted("the connection to PostgreSQL was lost before the append")
        try:
            with answered_within(connection, self._answer_s):
                yield connection
        except BaseException as error:
            unanswered = is_unanswered(error, connection)
            await self._drop(claim.partition)
            if isinstance(error, Fenced):
                self._holdings.fence(claim)
            if not isinstance(error, psycopg.Error):
                raise
            if isinstance(error, psycopg.IntegrityError):
                raise LogUnfit(f"the log has another record in the place of one to be appended: {error}") from error
            if unanswered:
                raise OutcomeUnknown(f"the connection to PostgreSQL was lost during the append: {error}") from error
            raise NotCommitted(f"PostgreSQL refused the append: {error}") from error

    async def _drop(self, partition: int) -> None:
        connection = self._holdings.release(partition)
        if connection is not None:
            await connection.close()


def channel(partition: int) -> str:
    """Name under which an append notifies the partition's readers."""
    return f"ordertrail_log_{partition}"


def appended(claim: Claim, records: Sequence[Record]) -> dict[str, object]:
    """Parameters of `APPEND`."""
    return {
        "partition": Int4(claim.partition),
        "term": Int8(claim.term),
        "count": Int8(len(records)),
        "channel": channel(claim.partition),
        **records_packed(records),
    }


@contextmanager
def reaching() -> Generator[None]:
    """Tell psycopg's failures in the port's words."""
    try:
        yield
    except psycopg.Error as error:
        raise LogUnavailable(f"PostgreSQL cannot be reached: {error}") from error


async def one(connection: Connection, query: LiteralString, parameters: Parameters = ()) -> TupleRow:
    """The only row of a query that always has one."""
    row = await (await connection.execute(query, parameters)).fetchone()
    if row is None:
        raise LogUnfit("PostgreSQL answered no row where there always is one")
    return row


def require_reached(partition: int, after: Bookmark, end: TupleRow | None) -> None:
    """Refuse a place that the log has not reached: what was there is gone."""
    place = 0 if end is None else end[0]
    if after.place > place:
        raise LogUnfit(f"history shortened: partition {partition} ends at {place}, before {after.place}")
