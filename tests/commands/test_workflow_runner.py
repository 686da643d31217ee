"""The workflow on the real write side: no manual hand-off, whatever fails in between."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from typing_extensions import override

from commands.workflow_checkpoint import MemoryWorkflowCheckpoints, WorkflowCheckpoint
from commands.workflow_runner import Follower, Progress
from domain.catalogue import DECIDERS
from domain.decider import UnknownOrder
from domain.order.commands import RequestCancel
from domain.order.decisions.shared_refusals import OnHold
from domain.order.event_terms import TroubleFacts
from domain.order.events import SentToWarehouse, UnitsReserved
from domain.order.state import OpenException, Order
from domain.order.terms import Bucket, ExceptionCode
from domain.stock.events import StockAllocated
from domain.values import Units
from domain.workflow import react
from query_api.sentences import LANGUAGES, Language
from streams.ids import workflow_command_id
from streams.memory.index import MemoryIndex
from streams.memory.log import Fault, Faults, MemoryBroker, MemoryLog
from tests.timing import DEADLINE_S
from tests.writing import (
    Running,
    everything,
    new_order,
    order,
    receipt,
    running,
    submission,
    with_workflow,
)


async def state_of(log: MemoryLog, stream: str) -> Order:
    """Folded from the log alone."""
    state = DECIDERS["order"].fold(stream, [each.event for each in await everything(log) if each.stream == stream])
    assert isinstance(state, Order)
    return state


async def test_a_placed_order_reaches_the_warehouse_without_a_person() -> None:
    log = MemoryLog(MemoryBroker())
    async with with_workflow(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 10))
        await write_side.writers.submit(receipt("B", 10))
        stream = new_order()
        await write_side.writers.submit(submission(stream, order(("A", 3), ("B", 2), ("A", 1))))
        await write_side.until_idle()
        placed = await state_of(log, stream)
    assert placed.confirmed_at is not None
    assert placed.count(Bucket.SENT) == 6


@pytest.mark.slow
async def test_an_order_of_700_lines_is_reserved_and_sent_in_one_go() -> None:
    log = MemoryLog(MemoryBroker())
    async with with_workflow(log, MemoryIndex()) as write_side:
        skus = [f"S{number}" for number in range(700)]
        await asyncio.gather(*(write_side.writers.submit(receipt(sku, 5)) for sku in skus))
        stream = new_order()
        await write_side.writers.submit(submission(stream, order(*((sku, 2) for sku in skus))))
        await write_side.until_idle()
        placed = await state_of(log, stream)
        sent = [each for each in await everything(log) if isinstance(each.event, SentToWarehouse)]
    assert placed.count(Bucket.SENT) == 1400
    assert len(sent) == 1


async def test_freed_stock_goes_to_who_waits_and_on_to_the_warehouse() -> None:
    log = MemoryLog(MemoryBroker())
    async with with_workflow(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 10))
        first, second = new_order(), new_order()
        await write_side.writers.submit(submission(first, order(("A", 10))))
        await write_side.until_idle()
        await write_side.writers.submit(submission(second, order(("A", 4))))
        await write_side.until_idle()
        assert (await state_of(log, second)).count(Bucket.BACKORDERED) == 4
        await write_side.writers.submit(submission(first, RequestCancel(reason="changed mind")))
        await write_side.until_idle()
        assert (await state_of(log, second)).count(Bucket.SENT) == 4


async def test_a_receipt_for_more_orders_than_one_event_holds_serves_them_all_and_tells_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("domain.stock.allocation.PORTION", 3)
    log = MemoryLog(MemoryBroker())
    async with with_workflow(log, MemoryIndex()) as write_side:
        waiting = [new_order() for _ in range(10)]
        for stream in waiting:
            await write_side.writers.submit(submission(stream, order(("A", 1))))
        await write_side.until_idle()
        await write_side.writers.submit(receipt("A", 10))
        await write_side.until_idle()
        served = [each.event for each in await everything(log) if isinstance(each.event, StockAllocated)]
        assert [len(event.answers) for event in served] == [3, 3, 3, 1]
        told = Counter(each.stream for each in await everything(log) if isinstance(each.event, UnitsReserved))
        assert told == dict.fromkeys(waiting, 1)
        assert [(await state_of(log, stream)).count(Bucket.SENT) for stream in waiting] == [1] * 10


@pytest.mark.parametrize("fault", list(Fault))
async def test_reactions_survive_a_failing_append(fault: Fault) -> None:
    faults = Faults()
    log = MemoryLog(MemoryBroker(partitions=1), faults)
    async with with_workflow(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 10))
        stream = new_order()
        await write_side.writers.submit(submission(stream, order(("A", 3))))
        faults.next_append = fault
        await write_side.until_idle()
        assert (await state_of(log, stream)).count(Bucket.SENT) == 3


async def test_reacting_again_from_the_start_changes_nothing() -> None:
    broker = MemoryBroker()
    log = MemoryLog(broker)
    async with with_workflow(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 10))
        await write_side.writers.submit(submission(new_order(), order(("A", 3), ("B", 1))))
        await write_side.until_idle()
        before = await everything(log)
    broker.crash()
    log = MemoryLog(broker)
    async with with_workflow(log, MemoryIndex()) as write_side:  # its checkpoints are lost: it reacts to all history
        await write_side.until_idle()
        assert [each.event_id for each in await everything(log)] == [each.event_id for each in before]


async def test_what_was_committed_before_a_crash_is_reacted_to_after_it() -> None:
    broker = MemoryBroker()
    stream = new_order()
    async with running(MemoryLog(broker), MemoryIndex()) as without_workflow:
        await without_workflow.writers.submit(receipt("A", 10))
        await without_workflow.writers.submit(submission(stream, order(("A", 3))))
    broker.crash()
    log = MemoryLog(broker)
    async with with_workflow(log, MemoryIndex()) as write_side:
        await write_side.until_idle()
        assert (await state_of(log, stream)).count(Bucket.SENT) == 3


async def test_a_command_that_another_version_of_the_program_worded_otherwise_is_not_repeated() -> None:
    broker, index = MemoryBroker(partitions=1), MemoryIndex()
    async with running(MemoryLog(broker), index) as without_workflow:
        await without_workflow.writers.submit(submission(new_order(), order(("A", 3))))
        (placed,) = await everything(MemoryLog(broker))
        (reaction,) = react(placed)
        done = workflow_command_id(reaction.stream, placed.event_id, reaction.rule)
        before = replace(submission(reaction.stream, reaction.command), command_id=done, command_hash="0" * 64)
        await without_workflow.writers.submit(before)
    broker.crash()
    log = MemoryLog(broker)
    async with with_workflow(log, index) as write_side:
        await write_side.until_idle()
        assert [each.metadata.command_id for each in await everything(log)].count(done) == 1


async def test_a_command_that_no_log_can_take_becomes_an_exception_on_the_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    async with with_workflow(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 20))
        first, *others = (new_order() for _ in range(21))
        for stream in (first, *others):
            await write_side.writers.submit(submission(stream, order(("A", 20 if stream == first else 1))))
        await write_side.until_idle()
        monkeypatch.setattr("streams.log.MAX_APPEND_BYTES", 4000)
        await write_side.writers.submit(
            submission(first, RequestCancel(lines=(Units(line=1, quantity=19),), reason="changed mind"))
        )
        await write_side.until_idle()
        (trouble,) = (await state_of(log, first)).exceptions
    assert (trouble.code, trouble.about.command) == (ExceptionCode.WORKFLOW_REFUSED, "Want")
    assert told(trouble) == (
        "Ask stock for units: it is larger than one record of the log may be",
        "向库存请求数量：超出日志单条记录的上限",
    )


def told(trouble: OpenException) -> tuple[str, ...]:
    """By the pages, in English and Chinese."""
    return tuple(LANGUAGES[language].trouble(trouble.code, trouble.about) for language in (Language.EN, Language.ZH))


@pytest.mark.parametrize(
    ("error", "code", "english", "chinese"),
    [
        (UnknownOrder("in English"), "unknown-order", "there is no such order", "没有这个订单"),
        (OnHold("since 1970"), "on-hold", "on-hold", "on-hold"),
        (ZeroDivisionError(), "internal-error", "a fault of the program; its log says more", "程序出错，详见程序日志"),
    ],
)
async def test_a_refusal_is_kept_by_its_code_and_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, english: str, chinese: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("domain.stock.decisions.want", refuse)
    log = MemoryLog(MemoryBroker(partitions=1))
    async with with_workflow(log, MemoryIndex()) as write_side:
        stream = new_order()
        await write_side.writers.submit(submission(stream, order(("A", 1))))
        await write_side.until_idle()
        (trouble,) = (await state_of(log, stream)).exceptions
    assert trouble.about == TroubleFacts(command="Want", refusal=code)
    assert told(trouble) == (f"Ask stock for units: {english}", f"向库存请求数量：{chinese}")


class SlowCheckpoints(MemoryWorkflowCheckpoints):
    """While the first save is under way, another event is finished."""

    def __init__(self, write_side: Running, index: MemoryIndex) -> None:
        super().__init__()
        self.follower = Follower(write_side.writers.all[0], write_side.writers, index, self)
        self._write_side = write_side

    @override
    async def save(self, partition: int, checkpoint: WorkflowCheckpoint) -> None:
        if checkpoint.sequence == 1:
            await self._write_side.writers.submit(receipt("A", 1))
            while self.follower.progress.done == 1:  # noqa: ASYNC110 - the loop's next turn is the event
                await asyncio.sleep(0)
        await super().save(partition, checkpoint)


@pytest.mark.slow
async def test_what_is_finished_while_the_checkpoint_is_saved_is_saved_next() -> None:
    log, index = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()
    async with running(log, index) as write_side:
        checkpoints = SlowCheckpoints(write_side, index)
        following = asyncio.create_task(checkpoints.follower.run())
        await write_side.writers.submit(receipt("A", 1))
        async with asyncio.timeout(DEADLINE_S):
            while (await checkpoints.load(0)).sequence < 2:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def test_progress_stands_before_the_first_event_with_an_open_command() -> None:
    progress = Progress(10)
    for sequence in (11, 12, 12, 13):
        progress.started(sequence)
    progress.finished(13)
    progress.finished(11)
    assert progress.done == 11
    progress.finished(12)
    assert progress.done == 11
    progress.finished(12)
    assert (progress.done, progress.open) == (13, 0)
