"""Histories for views: a small company with an order at every stage, and putting any history into a log."""

import asyncio
import contextlib
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from functools import cache

import psycopg

from domain.decider import Event
from domain.order.commands import (
    AddNote,
    AnswerNote,
    ConfirmReceipt,
    HandOver,
    Hold,
    Pack,
    Pick,
    PickedUnits,
    PlaceOrder,
    RecordCheckpoint,
    RequestCancel,
    StartPick,
)
from domain.order.terms import Audience, Evidence, HoldType, ParcelStatus
from domain.recorded import Recorded
from domain.roles import Department, Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import partition_of, stock_stream
from domain.values import MAIN, Address, Customer, CustomerReference, Units
from projections.freshness import PositionWaiter
from projections.projector.postgres_store import PostgresViewStore
from projections.projector.projector import RESTS, Projector, Rests
from projections.registry import VIEWS
from projections.view import View
from streams.log import Log, Record
from streams.memory.log import MemoryBroker, MemoryLog
from streams.postgres.migrate import connect
from streams.record import Draft, digest, encode
from tests.life import Life, line
from tests.projections.comparing import Rows, stored_rows
from tests.timing import DEADLINE_S
from tests.writing import claim_record


class Company:
    """A `Life` whose orders were left where the attribute says."""

    def __init__(self) -> None:
        life = self.life = Life()
        for sku, quantity in (("MUG", 100), ("CUP", 6)):
            life.do(stock_stream(sku, MAIN), ReceiveStock(quantity=quantity), role=Role.WAREHOUSE)
        self.completed = self._sent_off(confirmed=True)
        self.on_the_way = self._sent_off(confirmed=False)
        self.part_shipped = life.place(line("CUP", 10))
        self._send_off(self.part_shipped, 6)
        self.held = life.place(line("MUG", 1))
        life.do(self.held, Hold(type=HoldType.FRAUD, reason="looks odd"), role=Role.FINANCE)
        self.cancelled = life.place(line("MUG", 2))
        life.do(self.cancelled, RequestCancel(reason="changed my mind"), role=Role.CUSTOMER_SERVICE)
        self.picking = life.place(line("MUG", 5), line("CUP", 1))
        life.do(self.picking, StartPick(), role=Role.WAREHOUSE)
        for stream in (self.picking, self.cancelled):
            life.do(stream, AddNote(text="is it there?", department=Department.WAREHOUSE), role=Role.SALES)
        life.do(self.picking, AddNote(text="anything to add?", department=Department.SALES), role=Role.WAREHOUSE)
        life.do(self.picking, AnswerNote(note=2, text="no"), role=Role.SALES)
        self.to_pick = life.place(order=terms())

    @property
    def records(self) -> list[Recorded[Event]]:
        return self.life.log

    def _send_off(self, stream: str, quantity: int) -> None:
        life = self.life
        life.do(stream, Pick(units=(PickedUnits(line=1, quantity=quantity),)), role=Role.WAREHOUSE)
        life.do(stream, Pack(contents=(Units(line=1, quantity=quantity),)), role=Role.WAREHOUSE)
        life.do(stream, HandOver(parcel=1, carrier="DHL", tracking_number="T-1"), role=Role.LOGISTICS)

    def _sent_off(self, *, confirmed: bool) -> str:
        stream = self.life.place(line("MUG", 4))
        self._send_off(stream, 4)
        scan = RecordCheckpoint(
            carrier="DHL",
            tracking_number="T-1",
            status=ParcelStatus.IN_TRANSIT,
            code="T",
            place="Hub",
            expected_on=date(2026, 3, 5),
        )
        self.life.do(stream, scan, role=Role.CARRIER)
        self.life.do(stream, AddNote(audience=Audience.CUSTOMER, text="On its way"), role=Role.CUSTOMER_SERVICE)
        if confirmed:
            self.life.do(stream, ConfirmReceipt(parcel=1, evidence=Evidence.OWN_VAN), role=Role.LOGISTICS)
        return stream


def terms() -> PlaceOrder:
    """An order with everything a customer can say."""
    return PlaceOrder(
        ship_to=Address(country="DE", name="Ann Example", street="Long Lane 1", city="Bonn", postal_code="53111"),
        customer=Customer(id="C-7", name="Ann Example", email="ann@example.org"),
        customer_reference=CustomerReference(number="PO-99"),
        requested_date=date(2026, 3, 9),
        lines=(line("MUG", 3),),
    )


@cache
def company() -> Company:
    """One company for all tests; nobody changes it."""
    return Company()


class Shelf:
    """A memory log that any history can be put into, partition by partition, stream by stream."""

    def __init__(self, partitions: int = 2) -> None:
        self.log: Log = MemoryLog(MemoryBroker(partitions))
        self._sequences: defaultdict[int, int] = defaultdict(int)
        self._hashes: defaultdict[str, str] = defaultdict(lambda: "0" * 64)

    async def put(self, records: Sequence[Recorded[Event]]) -> dict[int, int]:
        """Append; gives the sequence that each partition has reached."""
        for partition in range(self.log.partitions):
            mine = [each for each in records if partition_of(each.stream, self.log.partitions) == partition]
            claim = await self.log.claim(partition, claim_record(self.log))
            for recorded in mine:
                await self.log.append(claim, [self._record(partition, recorded)])
        return dict(self._sequences)

    async def put_raw(self, stream: str, value: bytes) -> None:
        """Append a record that nobody may be able to read."""
        partition = partition_of(stream, self.log.partitions)
        claim = await self.log.claim(partition, claim_record(self.log))
        self._sequences[partition] += 1
        await self.log.append(claim, [Record(self._sequences[partition], stream, 1, uuid.uuid4(), value)])

    def skip(self, partition: int) -> None:
        """Leave a sequence out, as no writer ever does."""
        self._sequences[partition] += 1

    def _record(self, partition: int, recorded: Recorded[Event]) -> Record:
        self._sequences[partition] += 1
        draft = Draft(
            recorded.stream,
            recorded.version,
            recorded.event_id,
            recorded.event,
            recorded.metadata,
            self._hashes[recorded.stream],
        )
        value = encode(draft, "test")
        self._hashes[recorded.stream] = digest(value)
        command_id = recorded.metadata.command_id
        return Record(self._sequences[partition], recorded.stream, recorded.version, command_id, value)


@contextlib.asynccontextmanager
async def projecting(
    log: Log, url: str, views: Sequence[View] = VIEWS, rests: Rests = RESTS
) -> AsyncIterator[asyncio.Task[None]]:
    """A projector that runs until the block ends."""
    running = asyncio.create_task(Projector(log, PostgresViewStore(url, views), views=views, rests=rests).run())
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@contextlib.asynccontextmanager
async def listening(url: str) -> AsyncIterator[PositionWaiter]:
    """A waiter that listens until the block ends. What nobody announces it does not find in time."""
    waiter = PositionWaiter(url, silent_s=2 * DEADLINE_S)
    await waiter.open()
    try:
        yield waiter
    finally:
        await waiter.close()


async def project(log: Log, url: str, upto: dict[int, int], views: Sequence[View] = VIEWS) -> None:
    """Run a projector until the views have come so far."""
    async with listening(url) as waiter, projecting(log, url, views) as running:
        reached = asyncio.create_task(waiter.reached(upto, DEADLINE_S))
        await asyncio.wait({reached, running}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            reached.cancel()
            running.result()
        assert await reached, f"the views did not reach {upto}"


async def ask(url: str, query: str) -> list[tuple[object, ...]]:
    """Rows of a query."""
    async with await psycopg.AsyncConnection.connect(url) as connection:
        return [tuple(row) for row in await (await connection.execute(query.encode())).fetchall()]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens beside."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def eventually(url: str, query: str) -> list[tuple[object, ...]]:
    """Rows of a query as soon as there are any."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            rows = await ask(url, query)
            if rows:
                return rows
            await asyncio.sleep(0.01)


async def rows_at(url: str) -> Rows:
    """What every view shows."""
    async with await connect(url) as connection:
        return await stored_rows(connection)


async def why_stopped(url: str, partition: int) -> str:
    """The sentence with which a partition was stopped, as soon as there is one."""
    query = f"SELECT stopped FROM views.checkpoint WHERE stopped IS NOT NULL AND partition = {partition}"
    return str((await eventually(url, query))[0][0])
