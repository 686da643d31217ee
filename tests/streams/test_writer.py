"""The single writer on the log in memory, where every doubt and every crash can be planned."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decider import Rejected, UnknownOrder
from domain.order.commands import AddNote, ConfirmOrder, Pick, PickedUnits
from domain.order.state import Order
from domain.stock.state import StockItem
from streams.log import TakenOver
from streams.memory.index import MemoryIndex
from streams.memory.log import Fault, Faults, MemoryBroker, MemoryLog
from streams.snapshots import MemorySnapshots
from streams.writing.errors import KeyReused, NotExecuted, VersionConflict, WriteError
from tests.writing import QUICK, everything, executed, new_order, order, receipt, running, submission

NOTE = AddNote(text="call before delivery")


async def test_an_accepted_command_is_in_the_log_when_its_answer_is_given() -> None:
    log = MemoryLog(MemoryBroker())
    async with running(log, MemoryIndex()) as write_side:
        stream = new_order()
        answer = await write_side.writers.submit(submission(stream, order(("A", 3))))
        stored = await everything(log)
    assert [(recorded.stream, recorded.version) for recorded in stored] == [(stream, 1)]
    assert (answer.version, answer.position, answer.repeated) == (1, stored[0].position, False)


async def test_versions_sequences_and_hashes_link_without_a_gap() -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        streams = [new_order() for _ in range(3)]
        await asyncio.gather(*(write_side.writers.submit(submission(stream, order(("A", 1)))) for stream in streams))
        notes = [submission(stream, NOTE) for stream in streams * 4]
        await asyncio.gather(*(write_side.writers.submit(note) for note in notes))
        stored = await everything(log)
    assert [recorded.position.sequence for recorded in stored] == list(range(1, 16))
    for stream in streams:
        assert [recorded.version for recorded in stored if recorded.stream == stream] == [1, 2, 3, 4, 5]


async def test_the_same_key_with_the_same_body_happens_once_and_answers_the_same() -> None:
    log = MemoryLog(MemoryBroker())
    async with running(log, MemoryIndex()) as write_side:
        stream = new_order()
        placing = submission(stream, order(("A", 3)), key="k1")
        first = await write_side.writers.submit(placing)
        await write_side.writers.submit(submission(stream, NOTE))
        second = await write_side.writers.submit(placing)
        assert len(await everything(log)) == 2
    assert (second.version, second.position, second.repeated) == (first.version, first.position, True)


async def test_the_same_key_in_one_batch_happens_once() -> None:
    log = MemoryLog(MemoryBroker())
    async with running(log, MemoryIndex()) as write_side:
        receiving = receipt("A", 5, key="k1")
        answers = await asyncio.gather(*(write_side.writers.submit(receiving) for _ in range(5)))
        assert len(await everything(log)) == 1
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True, True]


async def test_the_same_key_with_another_body_is_refused() -> None:
    async with running(MemoryLog(MemoryBroker()), MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 5, key="k1"))
        with pytest.raises(KeyReused):
            await write_side.writers.submit(receipt("A", 6, key="k1"))


async def test_a_stale_expected_version_refuses_a_statement_and_lets_a_fact_pass() -> None:
    async with running(MemoryLog(MemoryBroker()), MemoryIndex()) as write_side:
        stream = new_order()
        await write_side.writers.submit(submission(stream, order(("A", 3))))
        await write_side.writers.submit(submission(stream, NOTE, expected=1))
        with pytest.raises(VersionConflict):
            await write_side.writers.submit(submission(stream, NOTE, expected=1))
        picked = Pick(units=(PickedUnits(line=1, quantity=1),))
        assert (await write_side.writers.submit(submission(stream, picked, expected=1))).version > 2


async def test_an_order_that_is_not_there_is_unknown_whatever_version_was_expected() -> None:
    async with running(MemoryLog(MemoryBroker()), MemoryIndex()) as write_side:
        with pytest.raises(UnknownOrder):
            await write_side.writers.submit(submission(new_order(), NOTE, expected=3))
        with pytest.raises(VersionConflict):
            await write_side.writers.submit(submission(new_order(), order(("A", 1)), expected=3))


async def test_a_refused_command_stores_nothing_and_spares_the_others_of_its_batch() -> None:
    log = MemoryLog(MemoryBroker())
    async with running(log, MemoryIndex()) as write_side:
        stream = new_order()
        await write_side.writers.submit(submission(stream, order(("A", 3))))
        refused, accepted = await asyncio.gather(
            write_side.writers.submit(submission(stream, ConfirmOrder())),
            write_side.writers.submit(submission(stream, NOTE)),
            return_exceptions=True,
        )
        assert len(await everything(log)) == 2
    assert isinstance(refused, Rejected)
    assert not isinstance(accepted, BaseException)


@pytest.mark.parametrize(
    ("fault", "executed"),
    [
        (Fault.UNKNOWN_LOST, False),
        (Fault.UNKNOWN_COMMITTED, True),
        (Fault.UNKNOWN_LATE, True),
    ],
)
async def test_after_a_doubt_the_caller_learns_what_the_log_says(fault: Fault, executed: bool) -> None:
    faults = Faults()
    log = MemoryLog(MemoryBroker(), faults)
    async with running(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 1))
        faults.next_append = fault
        placing = submission(new_order(), order(("A", 3)), key="k1")
        if executed:
            assert isinstance((await write_side.writers.submit(placing)).state, Order)
        else:
            with pytest.raises(NotExecuted):
                await write_side.writers.submit(placing)
        again = await write_side.writers.submit(placing)
        assert again.repeated is executed
        placed = [recorded for recorded in await everything(log) if recorded.stream == placing.stream]
    assert [recorded.version for recorded in placed] == [1]


async def test_a_fenced_writer_gives_no_answer_and_ends() -> None:
    broker = MemoryBroker(partitions=1)
    async with running(MemoryLog(broker), MemoryIndex()) as old:
        stream = new_order()
        await old.writers.submit(submission(stream, order(("A", 3))))
        async with running(MemoryLog(broker), MemoryIndex()) as new:
            with pytest.raises(WriteError):
                await old.writers.submit(submission(stream, ConfirmOrder()))  # its refusal would be a fenced writer's
            with pytest.raises(TakenOver):
                await old.owning
            assert (await new.writers.submit(submission(stream, NOTE))).version == 2


async def test_a_doubt_during_which_somebody_else_claimed_ends_the_writer() -> None:
    broker, faults = MemoryBroker(partitions=1), Faults()
    async with running(MemoryLog(broker, faults), MemoryIndex()) as old:
        await old.writers.submit(receipt("A", 1))
        async with running(MemoryLog(broker), MemoryIndex()):
            faults.next_append = Fault.UNKNOWN_LOST
            with pytest.raises(WriteError):
                await old.writers.submit(receipt("A", 1))
            with pytest.raises(TakenOver):
                await old.owning


async def test_a_new_process_knows_commands_versions_and_serials_from_the_log_alone() -> None:
    broker = MemoryBroker(partitions=2)
    placing = [submission(new_order(), order(("A", 1)), key="k") for _ in range(6)]
    async with running(MemoryLog(broker), MemoryIndex()) as first:
        before = [await first.writers.submit(each) for each in placing]
    broker.crash()
    log = MemoryLog(broker)
    async with running(log, MemoryIndex()) as second:
        after = [await second.writers.submit(each) for each in placing]
        await asyncio.gather(*(second.writers.submit(submission(new_order(), order(("B", 1)))) for _ in range(6)))
        orders = [recorded.event for recorded in await everything(log) if recorded.version == 1]
    assert [answer.position for answer in after] == [answer.position for answer in before]
    assert all(answer.repeated for answer in after)
    serials = [event.serial for event in orders]  # type: ignore[attr-defined]  # version 1 of an order is OrderPlaced
    assert len(set(serials)) == 12


async def test_while_the_index_is_away_known_streams_go_on_and_unknown_ones_are_not_executed() -> None:
    index = MemoryIndex()
    log = MemoryLog(MemoryBroker(partitions=1))
    async with running(log, index) as write_side:
        stream = new_order()
        await write_side.writers.submit(submission(stream, order(("A", 3))))
        index.unreadable = index.unwritable = True
        assert (await write_side.writers.submit(submission(stream, NOTE))).version == 2
        with pytest.raises(NotExecuted):
            await write_side.writers.submit(receipt("A", 1, key="k1"))
        index.unreadable = index.unwritable = False
        assert (await executed(write_side, receipt("A", 1, key="k1"))).repeated is False


async def test_a_long_stock_stream_goes_on_from_its_snapshot() -> None:
    broker, snapshots, limits = MemoryBroker(partitions=1), MemorySnapshots(), replace(QUICK, snapshot_events=10)
    async with running(MemoryLog(broker), MemoryIndex(), limits, snapshots) as first:
        for _ in range(25):
            whole = await first.writers.submit(receipt("A", 1))
    broker.crash()
    (kept,) = (await snapshots.load([whole.stream])).values()
    assert kept.version == 20
    log = MemoryLog(broker)
    async with running(log, MemoryIndex(), snapshots=snapshots) as second:
        answer = await second.writers.submit(receipt("A", 1))
        stored = await everything(log)
    assert isinstance(answer.state, StockItem)
    assert (answer.version, answer.state.on_hand) == (26, 26)
    assert stored[-1].version == 26


FAULTS = st.lists(st.sampled_from([None, None, *Fault]), min_size=5, max_size=25)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(faults=FAULTS, crash_at=st.integers(0, 25))
def test_whatever_fails_every_acknowledged_command_is_in_the_log_exactly_once(
    faults: list[Fault | None], crash_at: int
) -> None:
    asyncio.run(_law(faults, crash_at))


async def _law(planned: list[Fault | None], crash_at: int) -> None:
    broker = MemoryBroker(partitions=1)
    acknowledged: set[UUID] = set()
    for part in (planned[:crash_at], planned[crash_at:]):
        faults = Faults()
        async with running(MemoryLog(broker, faults), MemoryIndex()) as write_side:
            for number, fault in enumerate(part):
                faults.next_append = fault
                receiving = receipt("A", 1, key=f"{len(acknowledged)}-{number}")
                for _ in range(3):
                    try:
                        await write_side.writers.submit(receiving)
                    except NotExecuted:
                        continue
                    acknowledged.add(receiving.command_id)
                    break
        broker.crash()
    stored = await everything(MemoryLog(broker))
    commands = [recorded.metadata.command_id for recorded in stored]
    assert len(commands) == len(set(commands))
    assert acknowledged <= set(commands)
    assert [recorded.version for recorded in stored] == list(range(1, len(stored) + 1))
