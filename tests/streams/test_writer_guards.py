"""What the writer believes is checked: an index that lost its writes, another log, a fence, an end in the middle."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from typing_extensions import override

from domain.catalogue import DECIDERS
from domain.order.commands import AddNote
from domain.order.events import OrderPlaced
from domain.stock.events import StockReceived
from domain.stock.state import StockItem
from streams.index import Placed
from streams.log import Bookmark, Claim, ClaimRecord, Loaded, LogUnfit, Record, Stored, TakenOver, TooLarge, Unsettled
from streams.memory.index import MemoryIndex
from streams.memory.log import Fault, Faults, MemoryBroker, MemoryLog
from streams.snapshots import MemorySnapshots, Snapshot
from streams.writing.errors import NotExecuted, StreamParked, WriteError
from tests.timing import DEADLINE_S
from tests.writing import (
    QUICK,
    Running,
    claim_record,
    everything,
    executed,
    indexed,
    new_order,
    order,
    receipt,
    running,
    submission,
)

FORGETFUL = replace(QUICK, stream_bytes=0, trace_bytes=0)
"""Whatever is not in the index or in the tail is not known."""


async def received(write_side: Running, skus: str) -> None:
    for number, sku in enumerate(skus):
        await write_side.writers.submit(receipt(sku, 1, key=f"{sku}{number}"))


async def test_a_key_is_known_and_versions_have_no_gap_when_the_index_has_lost_its_last_writes() -> None:
    log, index = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()
    async with running(log, index, FORGETFUL) as write_side:
        for number, sku in enumerate("ABBBB", 1):
            await write_side.writers.submit(receipt(sku, 5, key=f"k{number}"))
            await indexed(index, number)
        index.lose(0, 1)
        again = await write_side.writers.submit(receipt("B", 5, key="k2"))
        assert (again.repeated, again.version) == (True, 1)
        assert (await write_side.writers.submit(receipt("B", 5, key="k6"))).version == 5
        await indexed(index, 6)
        assert [row.sequence for row in await index.after(0, 0, 10)] == [1, 2, 3, 4, 5, 6]
    async with running(log, index, FORGETFUL) as write_side:
        answer = await write_side.writers.submit(receipt("B", 5))
        assert isinstance(answer.state, StockItem)
        assert (answer.version, answer.state.on_hand) == (6, 30)


async def test_the_index_is_filled_from_the_log_when_a_write_finds_a_gap() -> None:
    log, index = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()
    async with running(log, index) as write_side:
        await received(write_side, "AAA")
        await indexed(index, 3)
        index.lose(0, 1)
        await write_side.writers.submit(receipt("A", 1))  # known, and without a key: nothing is looked up
        await indexed(index, 4)
        assert [row.sequence for row in await index.after(0, 0, 10)] == [1, 2, 3, 4]


class Losing(MemoryIndex):
    """Loses its last writes between being filled and being counted."""

    losing = False

    @override
    async def orders_placed(self, partition: int) -> Placed:
        if self.losing:
            self.losing = False
            self.lose(partition, 1)
        return await super().orders_placed(partition)


async def test_orders_are_counted_in_all_of_the_log_or_not_at_all() -> None:
    log, index = MemoryLog(MemoryBroker(partitions=1)), Losing()
    async with running(log, index) as write_side:
        for number in range(1, 4):
            await write_side.writers.submit(submission(new_order(), order(("A", 1))))
            await indexed(index, number)
    index.losing = True
    async with running(log, index) as write_side:
        await write_side.writers.submit(submission(new_order(), order(("A", 1))))
    serials = [each.event.serial for each in await everything(log) if isinstance(each.event, OrderPlaced)]
    assert len(set(serials)) == 4


async def test_an_index_that_ends_elsewhere_than_its_mark_says_is_made_anew() -> None:
    log, index = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()
    async with running(log, index) as write_side:
        await received(write_side, "AAA")
        await indexed(index, 3)
    rows = index._partitions[0]
    rows.records.pop(), rows.streams["stock-A@main"].pop()
    rows.marks[-1] = replace(rows.marks[-1], greatest=2)
    async with running(log, index) as write_side:
        assert (await write_side.writers.submit(receipt("A", 1))).version == 4


async def test_a_repeated_command_is_known_while_the_index_can_be_read_but_not_written() -> None:
    log, index = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()
    async with running(log, index, replace(QUICK, trace_bytes=0)) as write_side:
        index.unwritable = True
        receipts = [receipt("A", 1, key=str(number)) for number in range(4)]
        for each in receipts:
            await write_side.writers.submit(each)
        assert (await write_side.writers.submit(receipts[0])).repeated
        assert len(await everything(log)) == 4


async def test_another_log_beside_the_index_is_refused() -> None:
    index = MemoryIndex()
    for expected in (True, False):
        log = MemoryLog(MemoryBroker(partitions=1))
        if expected:
            async with running(log, index) as write_side:
                await received(write_side, "AAA")
                await indexed(index, 3)
            continue
        async with running(log, MemoryIndex()) as write_side:
            await received(write_side, "AAA")
        with pytest.raises(LogUnfit, match="made from another log"):
            async with running(log, index):
                pass


@pytest.mark.parametrize("again", [False, True])
async def test_a_record_that_does_not_follow_the_one_before_is_refused(again: bool) -> None:
    broker, faults = MemoryBroker(partitions=1), Faults()
    log = MemoryLog(broker, faults)
    entries = broker.partition(0).entries
    async with running(log, MemoryIndex()) as write_side:
        await received(write_side, "AAA")
        (second,) = [entry for entry in entries if getattr(entry, "sequence", 0) == 2]
        if again:
            foreign: Any = Corrupting(log, replace(second, sequence=9))  # type: ignore[type-var]
            write_side.writers.all[0]._owned._log = foreign
            faults.next_append = Fault.UNKNOWN_LOST
            with pytest.raises(WriteError):
                await write_side.writers.submit(receipt("A", 1))
            with pytest.raises(LogUnfit, match="sequence 4 expected, 9 found"):
                await write_side.owning
    if not again:
        entries.remove(second)
        with pytest.raises(LogUnfit, match="sequence 2 expected, 3 found"):
            async with running(MemoryLog(broker), MemoryIndex()):
                pass


class Corrupting:
    """A log into which a foreign record comes just before a claim."""

    def __init__(self, log: MemoryLog, foreign: Any) -> None:
        self._log, self._foreign = log, foreign

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def claim(self, partition: int, record: ClaimRecord) -> Claim:
        self._log._broker.partition(partition).extend([self._foreign])
        return await self._log.claim(partition, record)


async def test_what_does_not_follow_the_last_record_is_never_appended() -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        await received(write_side, "A")
        write_side.writers.all[0].partition.sequence += 1
        with pytest.raises(WriteError):
            await write_side.writers.submit(receipt("A", 1))
        with pytest.raises(LogUnfit, match="was to follow on 1"):
            await write_side.owning
        assert len(await everything(log)) == 1


@pytest.mark.parametrize("damage", ["hash", "version", "state"])
async def test_a_snapshot_that_the_log_contradicts_is_not_believed(damage: str) -> None:
    broker, snapshots, limits = MemoryBroker(partitions=1), MemorySnapshots(), replace(QUICK, snapshot_events=10)
    async with running(MemoryLog(broker), MemoryIndex(), limits, snapshots) as write_side:
        for _ in range(15):
            last = await write_side.writers.submit(receipt("A", 1))
        await saved(snapshots, last.stream)
    snapshot = snapshots._known[last.stream]
    worse: dict[str, dict[str, Any]] = {
        "hash": {"hash": "f" * 64, "state": snapshot.state.replace(b"10", b"77")},
        "version": {"version": 40, "sequence": 40},
        "state": {"state": b"no JSON"},
    }
    snapshots._known[last.stream] = replace(snapshot, **worse[damage])
    async with running(MemoryLog(broker), MemoryIndex(), limits, snapshots) as write_side:
        answer = await write_side.writers.submit(receipt("A", 1))
    assert isinstance(answer.state, StockItem)
    assert (answer.version, answer.state.on_hand) == (16, 16)


async def saved(snapshots: MemorySnapshots, stream: str) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await snapshots.load([stream]):  # noqa: ASYNC110 - the loop's next turn is the event
            await asyncio.sleep(0)


async def test_a_fence_without_another_owner_is_a_doubt_and_costs_the_caller_nothing() -> None:
    faults = Faults()
    log = MemoryLog(MemoryBroker(partitions=1), faults)
    async with running(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 1))
        faults.next_append = Fault.FENCED
        assert (await write_side.writers.submit(receipt("A", 1))).version == 2
        assert not write_side.owning.done()


async def test_an_idle_owner_that_was_taken_over_ends_by_itself() -> None:
    broker = MemoryBroker(partitions=1)
    async with running(MemoryLog(broker), MemoryIndex(), replace(QUICK, idle_s=0.001)) as write_side:
        heir = MemoryLog(broker)
        await heir.claim(0, claim_record(heir))
        with pytest.raises(TakenOver):
            async with asyncio.timeout(DEADLINE_S):
                await write_side.owning


async def test_an_idle_owner_that_was_fenced_by_nobody_claims_again_before_anybody_comes() -> None:
    log = MemoryLog(MemoryBroker(partitions=1), Faults())
    async with running(log, MemoryIndex(), replace(QUICK, idle_s=0.001)) as write_side:
        first = await log.last_claim(0)
        log.faults.next_prove = Fault.FENCED
        async with asyncio.timeout(DEADLINE_S):
            while await log.last_claim(0) == first or not write_side.writers.open:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0)
        assert (await write_side.writers.submit(receipt("A", 1))).version == 1


async def test_what_was_certainly_not_committed_is_decided_again_before_everything_else() -> None:
    faults = Faults()
    log = MemoryLog(MemoryBroker(partitions=1), faults)
    async with running(log, MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 1))
        faults.next_append = Fault.NOT_COMMITTED
        first = asyncio.create_task(write_side.writers.submit(receipt("A", 1, key="first")))
        await asyncio.sleep(0)
        later = [asyncio.create_task(write_side.writers.submit(receipt("A", 1))) for _ in range(3)]
        assert (await first).version == 2
        assert sorted([(await each).version for each in later]) == [3, 4, 5]


class Refusing(MemoryLog):
    """A log that commits nothing any more."""

    refusing = False

    @override
    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        if self.refusing:
            self.faults.next_append = Fault.NOT_COMMITTED
        return await super().append(claim, records)


async def test_who_cannot_be_committed_hears_of_it_after_a_few_tries() -> None:
    log = Refusing(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        log.refusing = True
        with pytest.raises(NotExecuted):
            await write_side.writers.submit(receipt("A", 1))
        log.refusing = False
        assert (await write_side.writers.submit(receipt("A", 1))).version == 1


@pytest.mark.parametrize("lost", [2, 4])  # a claim makes two entries: as many as were lost in the one case
async def test_history_that_is_shortened_while_we_run_ends_us_with_a_sentence(lost: int) -> None:
    broker, faults = MemoryBroker(partitions=1), Faults()
    async with running(MemoryLog(broker, faults), MemoryIndex()) as write_side:
        await received(write_side, "AAA")
        broker.lose(0, lost)
        faults.next_append = Fault.NOT_COMMITTED
        with pytest.raises(WriteError):
            await write_side.writers.submit(receipt("A", 1))
        with pytest.raises(LogUnfit, match="history shortened"):
            await write_side.owning


class Unmarked(MemoryLog):
    """A log in which a broker has lost the mark of a commit: nobody reads beyond it before the next claim."""

    unmarked = False

    @override
    async def claim(self, partition: int, record: ClaimRecord) -> Claim:
        claim = await super().claim(partition, record)
        self.unmarked = False
        return claim

    @override
    async def last_before(self, partition: int, place: Bookmark) -> Stored | None:
        if self.unmarked:
            raise Unsettled(f"partition {partition} can be read up to 1 of {place.place}")
        return await super().last_before(partition, place)


async def test_a_commit_whose_mark_the_broker_lost_is_settled_by_claiming_while_we_run() -> None:
    log = Unmarked(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        await received(write_side, "AAA")
        log.unmarked, log.faults.next_append = True, Fault.NOT_COMMITTED
        assert (await write_side.writers.submit(receipt("A", 1))).version == 4
    assert len(await everything(log)) == 4


async def test_a_commit_whose_mark_the_broker_lost_is_settled_by_claiming_at_a_start() -> None:
    broker, index = MemoryBroker(partitions=1), MemoryIndex()
    async with running(MemoryLog(broker), index) as write_side:
        await received(write_side, "AAA")
        await indexed(index, 3)
    log = Unmarked(broker)
    log.unmarked = True
    async with running(log, index) as write_side:
        assert (await write_side.writers.submit(receipt("A", 1))).version == 4


async def test_another_history_of_the_same_length_ends_us_with_a_sentence_when_we_claim_again() -> None:
    broker, faults = MemoryBroker(partitions=1), Faults()
    async with running(MemoryLog(broker, faults), MemoryIndex()) as write_side:
        await received(write_side, "AAA")
        await rewritten(broker)
        faults.next_append = Fault.NOT_COMMITTED
        with pytest.raises(WriteError):
            await write_side.writers.submit(receipt("A", 1))
        with pytest.raises(LogUnfit, match="another history"):
            await write_side.owning
    assert len(await everything(MemoryLog(broker))) == 3


async def rewritten(broker: MemoryBroker) -> None:
    """The log's last record is another event with the same number, as of an earlier copy that somebody wrote on."""
    entries = broker.partition(0).entries
    place, last = [(place, entry) for place, entry in enumerate(entries) if isinstance(entry, Stored)][-1]
    document = json.loads(last.value)
    document["id"] = str(uuid4())
    entries[place] = replace(last, value=json.dumps(document).encode())


class Slow(MemoryLog):
    """A log whose answers come when they are let through."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker)
        self.appended, self.answering = asyncio.Event(), asyncio.Event()
        self.answering.set()

    @override
    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        bookmark = await super().append(claim, records)
        self.appended.set()
        await self.answering.wait()
        return bookmark


async def test_a_batch_that_is_being_committed_is_answered_before_we_leave() -> None:
    log = Slow(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        log.answering.clear()
        committing = asyncio.create_task(write_side.writers.submit(receipt("A", 1)))
        await log.appended.wait()
        queued = asyncio.create_task(write_side.writers.submit(receipt("A", 1)))
        await asyncio.sleep(0)
        write_side.owning.cancel()
        await asyncio.sleep(0)
        with pytest.raises(NotExecuted):
            await write_side.writers.submit(receipt("A", 1))
        log.answering.set()
        assert (await committing).version == 1
        with pytest.raises(NotExecuted):
            await queued


class FencedAmongSmall(MemoryLog):
    """Takes one record at a time; somebody else claims after the first."""

    @override
    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        if len(records) > 1:
            raise TooLarge("more than one record")
        if records[0].sequence == 2:
            other = MemoryLog(self._broker)
            await other.claim(0, claim_record(other))
        return await super().append(claim, records)


async def test_everybody_of_a_batch_that_was_too_large_is_answered_when_we_are_taken_over() -> None:
    log = FencedAmongSmall(MemoryBroker(partitions=1))
    async with running(log, MemoryIndex()) as write_side:
        waiting = [write_side.writers.all[0].queue(receipt("A", 1, key=str(number))) for number in range(4)]
        with pytest.raises(TakenOver):
            await write_side.owning
        outcomes = await asyncio.gather(*(each.answer for each in waiting), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes[1:]] == ["NotExecuted"] * 3
    assert not isinstance(outcomes[0], BaseException)


class Buggy(MemoryIndex):
    """An index with a mistake in it."""

    @override
    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        raise AttributeError("a mistake")


async def test_a_bug_is_not_called_an_outage() -> None:
    async with running(MemoryLog(MemoryBroker(partitions=1)), Buggy()) as write_side:
        with pytest.raises(WriteError):
            await write_side.writers.submit(receipt("A", 1))
        with pytest.raises(AttributeError, match="a mistake"):
            await write_side.owning


class Frozen(MemoryIndex):
    """A database that takes questions and answers none."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.frozen = False

    @override
    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        self.asked += 1
        return await super().load(partition, streams, command_ids)


async def test_while_the_database_is_away_nobody_is_looked_up_and_warm_streams_go_on() -> None:
    index = Frozen()
    async with running(MemoryLog(MemoryBroker(partitions=1)), index, replace(QUICK, index_pause_s=60)) as write_side:
        warm = new_order()
        await write_side.writers.submit(submission(warm, order(("A", 1))))
        index.unreadable = True
        asked = index.asked
        for number in range(3):
            with pytest.raises(NotExecuted):
                await write_side.writers.submit(receipt(f"S{number}", 1))
            assert (await write_side.writers.submit(submission(warm, AddNote(text="x")))).version == number + 2
        assert index.asked == asked + 1


async def test_a_stream_that_cannot_be_folded_is_parked_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    broker = MemoryBroker(partitions=1)
    async with running(MemoryLog(broker), MemoryIndex()) as write_side:
        await write_side.writers.submit(receipt("A", 666))
        await write_side.writers.submit(receipt("B", 1))
    fold = DECIDERS["stock"].evolve

    def stumbles(state: Any, event: Any) -> Any:
        if isinstance(event, StockReceived) and event.quantity == 666:
            raise ValueError("poison")
        return fold(state, event)

    monkeypatch.setitem(DECIDERS, "stock", replace(DECIDERS["stock"], evolve=stumbles))
    async with running(MemoryLog(broker), MemoryIndex()) as write_side:
        with pytest.raises(StreamParked, match="poison"):
            await write_side.writers.submit(receipt("A", 1))
        assert (await write_side.writers.submit(receipt("B", 1))).version == 2
        assert write_side.writers.parked == {"stock-A@main": "ValueError: poison"}


async def test_a_stream_whose_version_is_missing_in_the_index_is_parked(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    log, index = MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()
    async with running(log, index) as write_side:
        await received(write_side, "AAA")
        await indexed(index, 3)
    index._partitions[0].streams["stock-A@main"].pop(1)
    async with running(log, index) as write_side:
        with pytest.raises(StreamParked, match="version 2 expected, 3 found"):
            await write_side.writers.submit(receipt("A", 1))


class StuckSnapshots(MemorySnapshots):
    """Snapshots whose database never answers."""

    @override
    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        await asyncio.Event().wait()


async def test_nobody_waits_for_a_snapshot() -> None:
    limits = replace(QUICK, snapshot_events=2)
    async with running(MemoryLog(MemoryBroker(partitions=1)), MemoryIndex(), limits, StuckSnapshots()) as write_side:
        for number in range(1, 6):
            assert (await write_side.writers.submit(receipt("A", 1))).version == number


async def test_time_ids_and_tokens_come_from_outside() -> None:
    async with running(MemoryLog(MemoryBroker(partitions=1)), MemoryIndex()) as write_side:
        made = [uuid4(), uuid4()]
        given = iter(made)
        partition = write_side.writers.all[0].partition
        partition.runtime = replace(partition.runtime, new_id=lambda: next(given), token=lambda: "t" * 22)
        stream = new_order()
        answer = await executed(write_side, submission(stream, order(("A", 1))))
        await write_side.writers.submit(receipt("A", 1))
        events = await everything(write_side.log)
    assert [event.event_id for event in events] == made
    assert answer.state is not None
    assert answer.state.tracking_token == "t" * 22  # type: ignore[union-attr]
