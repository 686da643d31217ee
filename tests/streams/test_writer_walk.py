"""A seeded walk: processes come, go and stand in each other's way, and log and index fail in every way that is planned.

Whatever happens, every answer agrees with the log: nothing acknowledged is lost, nothing happens twice, nothing that was
said to be not executed is there, and versions, sequences and serials have no gap. The seed is in the test's name.
"""

import asyncio
import contextlib
import logging
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from typing_extensions import override

from domain.decider import Event, Rejected
from domain.order.commands import AddNote
from domain.order.events import OrderPlaced
from domain.recorded import Recorded
from streams.index import IndexUnavailable
from streams.log import START, Batch, Bookmark, Claim, ClaimRecord, Loaded, LogUnavailable, LogUnfit, Record, TakenOver
from streams.memory.index import MemoryIndex
from streams.memory.log import Fault, MemoryBroker, MemoryLog
from streams.snapshots import MemorySnapshots
from streams.writing.errors import NotExecuted, Overloaded, StillUnknown
from streams.writing.submission import CommandResult, Submission
from streams.writing.writers import Writers
from tests.timing import DEADLINE_S
from tests.writing import QUICK, claim_record, everything, new_order, order, receipt, submission, writers_on

SMALL = replace(QUICK, answer_s=0.25, stream_bytes=20_000, trace_bytes=1_500, recent_bytes=30_000, snapshot_events=7)


class FailingLog(MemoryLog):
    """Fails, is slow, and is fenced without anybody, by chance."""

    def __init__(self, broker: MemoryBroker, chance: random.Random, share: float) -> None:
        super().__init__(broker)
        self._chance, self._share = chance, share

    async def _nap(self) -> None:
        for _ in range(self._chance.randint(0, 3)):
            await asyncio.sleep(0)

    def _fails(self) -> bool:
        return self._chance.random() < self._share

    @override
    async def claim(self, partition: int, record: ClaimRecord) -> Claim:
        await self._nap()
        if self._fails():
            self.faults.next_claim = self._chance.choice(list(Fault))
        return await super().claim(partition, record)

    @override
    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        await self._nap()
        if self._fails():
            self.faults.next_append = self._chance.choice(list(Fault))
        bookmark = await super().append(claim, records)
        await self._nap()
        return bookmark

    @override
    async def prove(self, claim: Claim) -> None:
        await self._nap()
        if self._fails():
            self.faults.next_prove = self._chance.choice([Fault.NOT_COMMITTED, Fault.FENCED])
        await super().prove(claim)

    @override
    async def last_claim(self, partition: int) -> tuple[int, ClaimRecord] | None:
        await self._nap()
        if self._fails():
            raise LogUnavailable("away, by chance")
        return await super().last_claim(partition)

    @override
    async def read(
        self, partition: int, after: Bookmark = START, upto: Bookmark | None = None
    ) -> AsyncGenerator[Batch]:
        await self._nap()
        async for batch in super().read(partition, after, upto):
            if self._fails():
                raise LogUnavailable("away, by chance")
            yield batch


class FailingIndex(MemoryIndex):
    """Is slow, away, not to be written to for a while, or comes back without its last writes, by chance."""

    def __init__(self, chance: random.Random, share: float) -> None:
        super().__init__()
        self._chance, self._share = chance, share

    async def _nap(self) -> None:
        for _ in range(self._chance.randint(0, 6)):
            await asyncio.sleep(0)
        if self._chance.random() < self._share:
            raise IndexUnavailable("away, by chance")
        if self._chance.random() < self._share / 4:
            self.unwritable = not self.unwritable
        if self._chance.random() < self._share / 2:
            self.lose(0, self._chance.randint(0, self._partitions[0].mark.sequence))

    @override
    async def write(self, partition: int, records: Sequence[Record], bookmark: Bookmark) -> None:
        await self._nap()
        await super().write(partition, records, bookmark)

    @override
    async def load(self, partition: int, streams: Mapping[str, int], command_ids: Sequence[UUID]) -> Loaded:
        await self._nap()
        found = await super().load(partition, streams, command_ids)
        await self._nap()
        return found


@dataclass
class World:
    """One log, one index, the processes on them and what their callers were told."""

    chance: random.Random
    broker: MemoryBroker = field(default_factory=lambda: MemoryBroker(partitions=1))
    snapshots: MemorySnapshots = field(default_factory=MemorySnapshots)
    alive: list[Writers] = field(default_factory=list)
    ends: list[BaseException] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    answered: dict[UUID, CommandResult] = field(default_factory=dict)
    denied: set[UUID] = field(default_factory=set)
    in_doubt: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.index = FailingIndex(self.chance, self.chance.choice([0, 0.05, 0.2]))

    async def process(self, share: float) -> None:
        log = FailingLog(self.broker, self.chance, share)
        writers = writers_on(log, self.index, SMALL, self.snapshots)
        self.alive.append(writers)
        try:
            await writers.run()
        except TakenOver:
            pass
        except LogUnfit as unfit:
            self.ends.append(unfit)
        finally:
            self.alive.remove(writers)

    async def operator(self) -> None:
        """Starts a process where none is, and now and then one too many; some are killed."""
        share = self.chance.choice([0, 0.02, 0.1])
        running: list[asyncio.Task[None]] = []
        try:
            while True:
                running = [each for each in running if not each.done()]
                if not running or self.chance.random() < 0.05:
                    running.append(asyncio.create_task(self.process(share)))
                elif self.chance.random() < 0.03:
                    self.chance.choice(running).cancel()
                self.broker.hide(0)
                for _ in range(self.chance.randint(1, 60)):
                    await asyncio.sleep(0)
                    if self.chance.random() < 0.5:
                        self.broker.show(0)
                    if self.chance.random() < 0.1:
                        self.broker.hide(0)
        finally:
            self.broker.show(0)
            for each in running:
                each.cancel()
            ends = await asyncio.gather(*running, return_exceptions=True)
            self.ends += [end for end in ends if isinstance(end, Exception)]

    async def client(self, number: int) -> None:
        for turn in range(self.chance.randint(5, 15)):
            wanted = self.wanted(f"{number}.{turn}")
            for _ in range(self.chance.randint(1, 3) if wanted.lookup else 1):
                for _ in range(self.chance.randint(0, 20)):
                    await asyncio.sleep(0)
                if self.alive and await self.heard(wanted):
                    break

    def wanted(self, key: str) -> Submission:
        kind = self.chance.random()
        if kind < 0.2 or not self.orders:
            self.orders.append(new_order())
            return submission(self.orders[-1], order(("A", 1)), key=self.chance.choice([None, key]))
        if kind < 0.6:
            return submission(self.chance.choice(self.orders), AddNote(text="x"), key=key)
        return receipt(self.chance.choice("ABC"), 1, key=key)

    async def heard(self, wanted: Submission) -> bool:
        """Send the command; whether there is nothing more to ask."""
        try:
            self.answered[wanted.command_id] = await self.chance.choice(self.alive).submit(wanted)
        except StillUnknown:
            self.in_doubt.add(wanted.command_id)
            return False
        except (NotExecuted, Overloaded):
            self.denied.add(wanted.command_id)
            return False
        except Rejected:
            self.denied.add(wanted.command_id)
        return True


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(12, 500))])
async def test_whatever_fails_every_answer_agrees_with_the_log(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    world = World(random.Random(seed))
    operating = asyncio.create_task(world.operator())
    async with asyncio.timeout(DEADLINE_S):
        await asyncio.gather(*(world.client(number) for number in range(4)))
    operating.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await operating
    assert world.ends == []
    log = MemoryLog(world.broker)
    await log.claim(0, claim_record(log))  # settles what is late
    agree(world, await everything(log))


def agree(world: World, events: Sequence[Recorded[Event]]) -> None:
    assert [each.position.sequence for each in events] == list(range(1, len(events) + 1))
    versions: defaultdict[str, list[int]] = defaultdict(list)
    commands: defaultdict[UUID, list[int]] = defaultdict(list)
    for each in events:
        versions[each.stream].append(each.version)
        commands[each.metadata.command_id].append(each.position.sequence)
    for found in versions.values():
        assert found == list(range(1, len(found) + 1))
    for places in commands.values():
        assert places == list(range(places[0], places[0] + len(places)))
    for command_id, answer in world.answered.items():
        assert answer.position is not None
        assert commands[command_id][-1] == answer.position.sequence
    certain = world.denied - world.in_doubt - set(world.answered)
    assert not certain & set(commands)
    serials = [each.event.serial for each in events if isinstance(each.event, OrderPlaced)]
    assert len(serials) == len(set(serials))
