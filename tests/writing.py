"""The write side in one process for tests: writers, and the workflow where a test asks for it, on any log and index."""

import asyncio
import contextlib
import hashlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from commands.workflow_checkpoint import MemoryWorkflowCheckpoints
from commands.workflow_runner import WorkflowRunner
from domain.access import Role
from domain.decider import Command, Event
from domain.order.commands import PlaceOrder
from domain.recorded import Recorded
from domain.stock.commands import ReceiveStock
from domain.stream_names import order_stream, stock_stream
from domain.values import Address, Line, Price
from streams.index import Index
from streams.log import ClaimRecord, Log
from streams.record import decode
from streams.runtime import Limits, Runtime
from streams.snapshots import MemorySnapshots, Snapshots
from streams.writing.errors import NotExecuted
from streams.writing.lookup import Lookups
from streams.writing.partition import Company
from streams.writing.submission import CommandResult, Submission
from streams.writing.writers import Writers
from tests.timing import DEADLINE_S

QUICK = Limits(answer_s=DEADLINE_S, claim_pause_s=0.001, index_pause_s=0.001, flush_pause_s=0, gather_s=0)
"""Limits for tests: nothing waits longer than it must."""


class Clock:
    """Moves on by a millisecond at every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def claim_record(log: Log) -> ClaimRecord:
    """A claim of a new process."""
    return ClaimRecord("http://127.0.0.1:1", "test", True, "T", log.partitions, "crc32", 2, instance=uuid.uuid4().hex)


@dataclass
class Running:
    """What a test holds of the running write side."""

    writers: Writers
    workflow: WorkflowRunner
    owning: asyncio.Task[None]
    log: Log

    async def until_idle(self) -> None:
        """Wait until every event has been reacted to and every reaction has come to its end."""
        async with asyncio.timeout(DEADLINE_S):
            while not self.workflow.idle:  # noqa: ASYNC110 - the loop's next turn is the event
                await asyncio.sleep(0)


def writers_on(log: Log, index: Index, limits: Limits = QUICK, snapshots: Snapshots | None = None) -> Writers:
    """Writers of a test company."""
    company = Company("test", "T", log.partitions)
    return Writers(
        log,
        Lookups(index, snapshots or MemorySnapshots()),
        company,
        claim_record(log),
        Runtime(clock=Clock(), limits=limits),
    )


@contextlib.asynccontextmanager
async def running(
    log: Log, index: Index, limits: Limits = QUICK, snapshots: Snapshots | None = None
) -> AsyncIterator[Running]:
    """Own every partition until the block ends. The workflow object is there; `with_workflow` runs it."""
    writers = writers_on(log, index, limits, snapshots)
    owning = asyncio.create_task(writers.run())
    workflow = WorkflowRunner(writers, index, MemoryWorkflowCheckpoints())
    try:
        opened = asyncio.create_task(writers.opened())
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait({owning, opened}, return_when=asyncio.FIRST_COMPLETED)
        opened.cancel()
        if owning.done():
            owning.result()
        yield Running(writers, workflow, owning, log)
    finally:
        owning.cancel()
        await asyncio.gather(owning, return_exceptions=True)


@contextlib.asynccontextmanager
async def with_workflow(log: Log, index: Index) -> AsyncIterator[Running]:
    """As `running`, and the workflow reacts."""
    async with running(log, index) as write_side:
        reacting = asyncio.create_task(write_side.workflow.run())
        try:
            yield write_side
        finally:
            reacting.cancel()
            await asyncio.gather(reacting, return_exceptions=True)


def submission(stream: str, command: Command, *, key: str | None = None, expected: int | None = None) -> Submission:
    """A command as an administrator sends it, under an idempotency key or under a fresh id."""
    return Submission(
        stream=stream,
        command=command,
        command_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{stream}/{key}") if key else uuid.uuid4(),
        command_hash=hashlib.sha256(command.model_dump_json().encode()).hexdigest(),
        actor="ada",
        role=Role.ADMIN,
        correlation_id=uuid.uuid4(),
        expected_version=expected,
        lookup=key is not None,
    )


def order(*lines: tuple[str, int], **terms: object) -> PlaceOrder:
    """An order of (sku, quantity) lines."""
    goods = tuple(
        Line(
            sku=sku, name=f"Article {sku}", quantity=quantity, unit_price=Price(amount=Decimal("2.50"), currency="EUR")
        )
        for sku, quantity in lines
    )
    return PlaceOrder.model_validate({"ship_to": Address(country="France"), "lines": goods, **terms})


def new_order() -> str:
    """Stream id of an order that nobody has placed."""
    return order_stream(uuid.uuid4())


def receipt(sku: str, quantity: int, *, key: str | None = None) -> Submission:
    """Goods come in."""
    return submission(stock_stream(sku, "main"), ReceiveStock(quantity=quantity), key=key)


async def indexed(index: Index, sequence: int) -> None:
    """Wait until partition 0 is indexed so far."""
    async with asyncio.timeout(DEADLINE_S):
        while (await index.mark(0)).sequence < sequence:  # noqa: ASYNC110 - the loop's next turn is the event
            await asyncio.sleep(0)


async def executed(write_side: Running, wanted: Submission) -> CommandResult:
    """The answer, sending the command again for as long as it was certainly not executed."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                return await write_side.writers.submit(wanted)
            except NotExecuted:
                await asyncio.sleep(0)


async def everything(log: Log) -> list[Recorded[Event]]:
    """All committed events, partition after partition."""
    found: list[Recorded[Event]] = []
    for number in range(log.partitions):
        async for batch in log.read(number, upto=await log.end(number)):
            found += [decode(stored, number) for stored in batch.records]
    return found
