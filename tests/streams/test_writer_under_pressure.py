"""The single writer when memory is short, look-ups are slow, the log fails or has lost what was in it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from typing_extensions import override

from domain.order.commands import AddNote
from domain.order.state import Order
from domain.stream_names import partition_of, stock_stream
from domain.values import MAIN
from streams.log import Loaded, LogUnfit
from streams.memory.index import MemoryIndex
from streams.memory.log import Fault, Faults, MemoryBroker, MemoryLog
from streams.writing.errors import KeyReused, NotExecuted, Overloaded
from tests.timing import DEADLINE_S
from tests.writing import QUICK, everything, indexed, new_order, order, receipt, running, submission

NOTE = AddNote(text="call before delivery")


async def test_a_stream_known_when_a_batch_begins_is_known_when_it_is_decided() -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex(), replace(QUICK, stream_bytes=0)) as write_side:
        cold, oldest, newest = new_order(), new_order(), new_order()
        for stream in (cold, oldest, newest):
            await write_side.writers.submit(submission(stream, order(("A", 1))))
        answers = await asyncio.gather(
            write_side.writers.submit(submission(cold, NOTE)), write_side.writers.submit(submission(oldest, NOTE))
        )
        assert len(await everything(log)) == 5
    assert [answer.version for answer in answers] == [2, 2]


async def test_a_command_known_when_a_batch_begins_is_not_executed_again() -> None:
    log, index = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()
    async with running(log, index, replace(QUICK, trace_bytes=0)) as write_side:
        receipts = [receipt("A", 1, key=str(number)) for number in range(3)]
        for each in receipts:
            await write_side.writers.submit(each)
        await indexed(index, 3)
        again = await asyncio.gather(*(write_side.writers.submit(each) for each in receipts[:2]))
        assert len(await everything(log)) == 3
    assert all(answer.repeated for answer in again)


class SlowIndex(MemoryIndex):
    """An index that answers for the first partition when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.answering = asyncio.Event()
        self.answering.set()
        self.asked = asyncio.Event()

    @override
    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        if partition == 0:
            self.asked.set()
            await self.answering.wait()
        return await super().load(partition, streams, command_ids)


async def test_who_was_told_that_nothing_was_executed_was_told_the_truth() -> None:
    index, log = SlowIndex(), MemoryLog(MemoryBroker(partitions=1))
    async with running(log, index, replace(QUICK, answer_s=0.05)) as write_side:
        index.answering.clear()
        with pytest.raises(NotExecuted):
            await write_side.writers.submit(receipt("A", 1, key="k1"))
        index.answering.set()
        await write_side.writers.submit(receipt("B", 1))
        assert [each.stream for each in await everything(log)] == ["stock-B@main"]


async def test_a_reused_key_among_commands_in_doubt_is_refused_and_the_writer_goes_on() -> None:
    faults = Faults()
    log = MemoryLog(MemoryBroker(partitions=1), faults)
    async with running(log, MemoryIndex()) as write_side:
        faults.next_append = Fault.UNKNOWN_COMMITTED
        first, other = await asyncio.gather(
            write_side.writers.submit(receipt("A", 5, key="k1")),
            write_side.writers.submit(receipt("A", 6, key="k1")),
            return_exceptions=True,
        )
        assert not isinstance(first, BaseException)
        assert isinstance(other, KeyReused)
        assert (await write_side.writers.submit(receipt("A", 1))).version == 2


@pytest.mark.parametrize("trace_bytes", [QUICK.trace_bytes, 0])
async def test_an_order_placed_in_doubt_without_a_key_is_answered_with_its_number(trace_bytes: int) -> None:
    faults, limits = Faults(), replace(QUICK, trace_bytes=trace_bytes)
    async with running(MemoryLog(MemoryBroker(), faults), MemoryIndex(), limits) as write_side:
        faults.next_append = Fault.UNKNOWN_COMMITTED
        answer = await write_side.writers.submit(submission(new_order(), order(("A", 3))))
    assert isinstance(answer.state, Order)


async def test_when_the_index_is_back_commands_are_admitted_again() -> None:
    index = MemoryIndex()
    async with running(MemoryLog(MemoryBroker(partitions=1)), index, replace(QUICK, tail_bytes=1000)) as write_side:
        index.unwritable = True
        await write_side.writers.submit(receipt("A", 1))
        await write_side.writers.submit(receipt("A", 1))
        with pytest.raises(Overloaded):
            await write_side.writers.submit(receipt("A", 1))
        index.unwritable = False
        await indexed(index, 2)
        assert (await write_side.writers.submit(receipt("A", 1))).version > 1


async def test_a_log_that_lost_what_the_index_knows_is_refused_however_often_it_is_tried() -> None:
    index = MemoryIndex()
    async with running(MemoryLog(MemoryBroker(partitions=1)), index) as write_side:
        for _ in range(3):
            await write_side.writers.submit(receipt("A", 1))
        await indexed(index, 3)
    shortened = MemoryBroker(partitions=1)
    for _ in range(10):
        with pytest.raises(LogUnfit, match="shortened"):
            async with running(MemoryLog(shortened), index):
                pass


@pytest.mark.parametrize("partitions", [1, 2, 16])
async def test_people_wait_for_two_batches_of_the_workflows_commands_at_most_however_many_partitions_have_some(
    partitions: int,
) -> None:
    most = 16
    async with running(
        MemoryLog(MemoryBroker(partitions)), MemoryIndex(), replace(QUICK, batch_reactions=most)
    ) as write_side:
        reactions = [write_side.writers.submit_workflow(receipt(str(number), 1)) for number in range(100 * partitions)]
        await write_side.writers.submit(receipt("ours", 1))
        assert sum(answer.done() for answer in reactions) <= 2 * most + QUICK.reactions_beside
        await asyncio.gather(*reactions)


async def test_a_partition_whose_batch_comes_to_no_end_holds_up_no_other_for_long() -> None:
    index = SlowIndex()
    slow, other = (next(name for name in map(str, range(99)) if place(name) == partition) for partition in (0, 1))
    async with running(MemoryLog(MemoryBroker(2)), index, replace(QUICK, reactions_s=0.01)) as write_side:
        index.answering.clear()
        stuck = write_side.writers.submit_workflow(receipt(slow, 1))
        await asyncio.wait_for(index.asked.wait(), DEADLINE_S)
        await asyncio.wait_for(write_side.writers.submit_workflow(receipt(other, 1)), DEADLINE_S)
        assert not stuck.done()
        index.answering.set()
        await stuck


def place(sku: str) -> int:
    """The partition of two in which an article is."""
    return partition_of(stock_stream(sku, MAIN), 2)


async def test_the_workflow_keeps_up_with_however_many_people_come_at_once() -> None:
    async with running(
        MemoryLog(MemoryBroker(partitions=1)), MemoryIndex(), replace(QUICK, batch_reactions=1)
    ) as write_side:
        reactions = [write_side.writers.submit_workflow(receipt(f"A{number}", 1)) for number in range(40)]
        people = [asyncio.ensure_future(write_side.writers.submit(receipt(f"B{number}", 1))) for number in range(40)]
        await asyncio.gather(*people)
        assert sum(answer.done() for answer in reactions) >= len(people)
