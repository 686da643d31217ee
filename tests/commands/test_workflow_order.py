"""In which order the workflow's commands are executed, how many are under way, and what a broken event stops."""

import asyncio
import logging
import weakref
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from typing_extensions import override

from commands import workflow_runner
from commands.workflow_checkpoint import (
    NOTHING_FINISHED,
    MemoryWorkflowCheckpoints,
    Parked,
    PostgresWorkflowCheckpoints,
    WorkflowCheckpoint,
    WorkflowCheckpoints,
)
from commands.workflow_lanes import Cause, Lanes, Sent, workflow_submission
from commands.workflow_runner import WorkflowRunner
from domain.order.commands import AddNote
from domain.order.state import Order
from domain.stock.commands import ReceiveStock
from domain.workflow import Reaction, reactions
from ordertrail.wiring import open_pool
from streams.log import Loaded, LogUnfit
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.record import UnknownType, decode
from streams.runtime import Limits, Runtime
from streams.writing.errors import NotExecuted
from streams.writing.submission import CommandResult, Submission
from tests.timing import DEADLINE_S
from tests.writing import Running, everything, indexed, new_order, order, receipt, running, submission

SOON = Limits(save_pause_s=0.001, retry_pause_s=0.001, index_pause_s=0.001, follow_pause_s=0.001)


class Scripted:
    """Writers whose answers the test gives, command by command."""

    runtime = Runtime(limits=SOON)

    def __init__(self) -> None:
        self.asked: list[tuple[Submission, asyncio.Future[CommandResult]]] = []

    def submit_workflow(self, submission: Submission) -> asyncio.Future[CommandResult]:
        answer: asyncio.Future[CommandResult] = asyncio.get_running_loop().create_future()
        self.asked.append((submission, answer))
        return answer

    async def until_asked(self, times: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while len(self.asked) < times:  # noqa: ASYNC110 - the loop's next turn is the event
                await asyncio.sleep(0)

    @property
    def texts(self) -> list[str]:
        return [each.command.text for each, _ in self.asked if isinstance(each.command, AddNote)]


async def notes(*texts: str) -> list[Sent]:
    """Commands from one source: all to one target, but for the last."""
    log = MemoryLog(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 1))
        (received,) = await everything(log)
    target, other = new_order(), new_order()
    cause, targets = Cause.of(received), [*(target for _ in texts[1:]), other]
    return [
        Sent(cause, text, workflow_submission(cause, text, stream, AddNote(text=text), lookup=False))
        for text, stream in zip(texts, targets, strict=True)
    ]


async def test_a_command_that_is_tried_again_holds_back_the_later_ones_to_the_same_target() -> None:
    writers, ended = Scripted(), list[str]()
    foreign: Any = writers
    lanes = Lanes(foreign, lambda sent, _: ended.append(sent.rule))
    for each in await notes("first", "second", "third", "elsewhere"):
        lanes.send(each)
    assert writers.texts == ["first", "elsewhere"]
    writers.asked[0][1].set_exception(NotExecuted())
    await writers.until_asked(3)
    assert writers.texts == ["first", "elsewhere", "first"]
    assert writers.asked[2][0].lookup
    done: Any = None
    for place, expected in ((2, "second"), (3, "third")):
        writers.asked[place][1].set_result(done)
        await writers.until_asked(place + 2)
        assert writers.texts[-1] == expected
    assert ended == ["first", "second"]


async def test_while_a_reaction_is_under_way_nobody_keeps_the_event_which_may_be_as_large_as_its_order() -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 1))
        (received,) = await everything(log)
    held, stream, foreign = weakref.ref(received.event), new_order(), cast("Any", Scripted())
    lanes, cause = Lanes(foreign, lambda *_: None), Cause.of(received)
    lanes.send(Sent(cause, "note", workflow_submission(cause, "note", stream, AddNote(text="late"))))
    del received
    assert foreign.texts == ["late"]
    assert held() is None


@asynccontextmanager
async def following(
    write_side: Running, index: MemoryIndex, checkpoints: WorkflowCheckpoints
) -> AsyncIterator[WorkflowRunner]:
    workflow = WorkflowRunner(write_side.writers, index, checkpoints)
    reacting = asyncio.create_task(workflow.run())
    try:
        yield workflow
        assert not reacting.done()
    finally:
        reacting.cancel()
        await asyncio.gather(reacting, return_exceptions=True)


async def until_idle(workflow: WorkflowRunner) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not workflow.idle:  # noqa: ASYNC110 - the loop's next turn is the event
            await asyncio.sleep(0)


@pytest.mark.slow
async def test_one_event_with_a_thousand_reactions_never_has_more_under_way_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = 0

    def many(recorded: Any) -> Iterator[Reaction]:
        nonlocal made
        for number in range(1000 if recorded.stream == "stock-A@main" else 0):
            made += 1
            yield Reaction(f"r{number}", f"stock-T{number}@main", ReceiveStock(quantity=1))

    monkeypatch.setattr(workflow_runner, "reactions", many)
    index, limits = MemoryIndex(), replace(SOON, open_reactions=20)
    async with running(MemoryLog(MemoryBroker(partitions=1)), index, limits) as write_side:
        async with following(write_side, index, MemoryWorkflowCheckpoints()) as workflow:
            progress, most = workflow.followers[0].progress, 0
            await write_side.writers.submit(receipt("A", 1))
            async with asyncio.timeout(DEADLINE_S):
                while not workflow.idle:
                    progress = workflow.followers[0].progress
                    most = max(most, progress.open)
                    await asyncio.sleep(0)
        assert (made, write_side.writers.all[0].partition.sequence) == (1000, 1001)
    assert 1 < most <= 22


async def test_all_partitions_together_have_no_more_under_way_than_there_is_room_for() -> None:
    index, room, most = MemoryIndex(), 40, 0
    log = MemoryLog(MemoryBroker(partitions=4))
    async with (
        running(log, index, replace(SOON, open_reactions=room)) as write_side,
        following(write_side, index, MemoryWorkflowCheckpoints()) as workflow,
    ):
        placing = asyncio.gather(
            *(write_side.writers.submit(submission(new_order(), order(("A", 1)))) for _ in range(200))
        )
        async with asyncio.timeout(DEADLINE_S):
            while not (placing.done() and workflow.idle):
                most = max(most, sum(follower.progress.open for follower in workflow.followers))
                await asyncio.sleep(0)
    assert room / 2 < most <= room + 2 * log.partitions


async def test_others_have_their_turn_while_hundreds_of_events_without_reactions_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    turns = 0

    def none(_: Any) -> Iterator[Reaction]:
        seen.append(turns)
        return iter(())

    monkeypatch.setattr(workflow_runner, "reactions", none)
    index = MemoryIndex()
    async with running(MemoryLog(MemoryBroker(partitions=1)), index, replace(SOON, recent_bytes=0)) as write_side:
        await asyncio.gather(*(write_side.writers.submit(receipt("A", 1)) for _ in range(400)))
        await indexed(index, 400)
        async with following(write_side, index, MemoryWorkflowCheckpoints()) as workflow:
            while not workflow.idle:
                turns += 1
                await asyncio.sleep(0)
    assert max(seen.count(turn) for turn in seen) <= workflow_runner.IN_ONE_GO


def poisoned(recorded: Any) -> Iterator[Reaction]:
    if recorded.stream == "stock-BAD@main":
        raise ValueError("poison")
    yield from reactions(recorded)


def unreadable(stored: Any, partition: int) -> Any:
    if stored.stream == "stock-BAD@main":
        raise UnknownType("unknown event type")
    return decode(stored, partition)


@pytest.mark.parametrize(("name", "stumbles"), [("reactions", poisoned), ("decode", unreadable)])
async def test_an_event_that_nobody_can_react_to_parks_its_stream_and_nothing_else(
    name: str, stumbles: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    broker, index, checkpoints = MemoryBroker(partitions=1), MemoryIndex(), MemoryWorkflowCheckpoints()
    stream = new_order()
    async with running(MemoryLog(broker), index, SOON) as write_side:
        for sku in ("BAD", "BAD", "A"):
            await write_side.writers.submit(receipt(sku, 5))
        await write_side.writers.submit(submission(stream, order(("A", 3))))
    with monkeypatch.context() as patched:
        patched.setattr(workflow_runner, name, stumbles)
        for _ in range(2):  # after another start it is the same
            async with running(MemoryLog(broker), index, SOON) as write_side:
                async with following(write_side, index, checkpoints) as workflow:
                    await until_idle(workflow)
                    assert list(workflow.parked) == ["stock-BAD@main"]
                    assert [each.sequence for each in await checkpoints.parked(0)] == [1, 2]
                state = (await write_side.writers.submit(submission(stream, AddNote(text="x")))).state
                assert isinstance(state, Order)
                assert state.confirmed_at is not None
    reacted: list[int] = []

    def cured(recorded: Any) -> Iterator[Reaction]:
        reacted.append(recorded.position.sequence)
        yield from reactions(recorded)

    monkeypatch.setattr(workflow_runner, "reactions", cured)
    async with (
        running(MemoryLog(broker), index, SOON) as write_side,
        following(write_side, index, checkpoints) as workflow,
        asyncio.timeout(DEADLINE_S),
    ):
        while await checkpoints.parked(0):  # noqa: ASYNC110 - the loop's next turn is the event
            await asyncio.sleep(0)
        assert workflow.parked == {}
    assert reacted[:2] == [1, 2]


@pytest.mark.parametrize(
    "stored",
    [WorkflowCheckpoint(1_000, None), WorkflowCheckpoint(1, uuid4())],
    ids=["beyond the end", "of another first event"],
)
async def test_a_checkpoint_that_was_made_from_another_log_is_forgotten(stored: WorkflowCheckpoint) -> None:
    log, index, checkpoints = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex(), MemoryWorkflowCheckpoints()
    await checkpoints.save(0, stored)
    await checkpoints.park(0, Parked(900, "order-a", "of the other log"))
    stream = new_order()
    async with running(log, index, SOON) as write_side:
        await write_side.writers.submit(submission(stream, order(("A", 3))))
        async with following(write_side, index, checkpoints) as workflow:
            await until_idle(workflow)
            async with asyncio.timeout(DEADLINE_S):
                while (await checkpoints.load(0)).sequence < 2:  # noqa: ASYNC110 - the loop's next turn is the event
                    await asyncio.sleep(0)
        assert list(await checkpoints.parked(0)) == []
    assert [each.stream for each in await everything(log)][1] == "stock-A@main"
    (first, *_) = await everything(log)
    assert (await checkpoints.load(0)).first_event_id == first.event_id


class Looked(MemoryIndex):
    """Remembers which commands were looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: set[UUID] = set()

    @override
    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        self.commands.update(command_ids)
        return await super().load(partition, streams, command_ids)


async def test_only_reactions_that_an_earlier_run_may_have_sent_are_looked_up() -> None:
    broker, index = MemoryBroker(partitions=1), Looked()
    for expected in (False, True):
        log = MemoryLog(broker)
        async with running(log, index, SOON) as write_side:
            async with following(write_side, index, MemoryWorkflowCheckpoints()) as workflow:
                await until_idle(workflow)
                if not expected:
                    await write_side.writers.submit(receipt("A", 5))
                    await write_side.writers.submit(submission(new_order(), order(("A", 3))))
                    await until_idle(workflow)
            reacted = {each.metadata.command_id for each in await everything(log) if each.metadata.causation_id}
        assert reacted
        assert bool(reacted & index.commands) is expected
        broker.crash()


async def test_an_index_with_a_hole_is_not_followed_over_it() -> None:
    index = MemoryIndex()
    async with running(MemoryLog(MemoryBroker(partitions=1)), index, SOON) as write_side:
        for _ in range(3):
            await write_side.writers.submit(receipt("A", 5))
        await indexed(index, 3)
        write_side.writers.all[0]._recent.clear()
        index._partitions[0].records.pop(1)
        workflow = WorkflowRunner(write_side.writers, index, MemoryWorkflowCheckpoints())
        with pytest.raises(LogUnfit, match="has 3 in the place of 2"):
            async with asyncio.timeout(DEADLINE_S):
                await workflow.run()


async def test_while_the_database_is_away_the_workflow_waits_and_then_goes_on() -> None:
    index = MemoryIndex()
    async with running(MemoryLog(MemoryBroker(partitions=1)), index, SOON) as write_side:
        await write_side.writers.submit(receipt("A", 5))
        index.unreadable = True
        write_side.writers.all[0]._recent.clear()
        async with following(write_side, index, MemoryWorkflowCheckpoints()) as workflow:
            for _ in range(20):
                await asyncio.sleep(0)
            assert not workflow.idle
            index.unreadable = False
            await until_idle(workflow)


@pytest.mark.parametrize("kind", ["memory", pytest.param("postgres", marks=pytest.mark.server)])
async def test_parked_events_are_kept_in_order_until_they_are_unparked(
    kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "memory":
        await keeps(MemoryWorkflowCheckpoints())
        return
    url = str(request.getfixturevalue("database_url"))
    async with open_pool(url) as pool:
        await keeps(PostgresWorkflowCheckpoints(pool))


async def keeps(checkpoints: WorkflowCheckpoints) -> None:
    later, first = Parked(7, "order-a", "ValueError: x"), Parked(3, "stock-B@main", "behind")
    for each in (later, replace(first, why="worse"), first):
        await checkpoints.park(0, each)
    assert list(await checkpoints.parked(0)) == [first, later]
    assert list(await checkpoints.parked(1)) == []
    await checkpoints.unpark(0, 3)
    assert list(await checkpoints.parked(0)) == [later]
    log = uuid4()
    await checkpoints.save(0, WorkflowCheckpoint(9, log))
    await checkpoints.save(0, WorkflowCheckpoint(4, log))
    assert await checkpoints.load(0) == WorkflowCheckpoint(9, log)
    await checkpoints.forget(0)
    assert (await checkpoints.load(0), list(await checkpoints.parked(0))) == (NOTHING_FINISHED, [])
