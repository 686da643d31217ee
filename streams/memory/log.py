"""The log in memory, for tests and simulation: terms, fencing, doubtful outcomes and crashes behave as on Kafka.

`MemoryBroker` is what survives a crash; every `MemoryLog` on it is one process with its own claims and its own faults.
Bookmarks have gaps where Kafka has markers, so that nobody takes them for sequences.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from streams.log import (  # fmt: skip
    START,
    Batch,
    Bookmark,
    Claim,
    ClaimRecord,
    Fenced,
    LogUnavailable,
    LogUnfit,
    NotCommitted,
    OutcomeUnknown,
    Record,
    Stored,
    require_fit,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

BATCH: Final = 500


class Fault(Enum):
    """What goes wrong with one call."""

    NOT_COMMITTED = auto()
    """It fails before it can take effect."""
    UNKNOWN_COMMITTED = auto()
    """It took effect at once; the answer is lost."""
    UNKNOWN_LOST = auto()
    """It never takes effect; nobody can tell."""
    UNKNOWN_LATE = auto()
    """It takes effect when somebody claims the partition, just before that claim."""
    FENCED = auto()
    """The log fences the claim by itself, as Kafka does when a transaction stood still too long; nobody has claimed."""


@dataclass(slots=True)
class Faults:
    """The plan of one process: each fault strikes the next such call and is then spent."""

    next_claim: Fault | None = None
    next_append: Fault | None = None
    next_prove: Fault | None = None

    def spend(self, call: str) -> Fault | None:
        """The fault planned for this call."""
        planned: Fault | None = getattr(self, f"next_{call}")
        setattr(self, f"next_{call}", None)
        return planned


@dataclass(frozen=True, slots=True)
class _ClaimEntry:
    term: int
    record: ClaimRecord


@dataclass(slots=True)
class _Partition:
    entries: list[Stored | _ClaimEntry | None] = field(default_factory=list)  # None is a marker
    term: int = 0
    doubtful: list[Stored] = field(default_factory=list)
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    shown: int | None = None
    """Up to where readers see, while they do not see everything: on Kafka between a commit's answer and its marker."""

    @property
    def visible(self) -> list[Stored | _ClaimEntry | None]:
        return self.entries if self.shown is None else self.entries[: self.shown]

    def extend(self, entries: Sequence[Stored | _ClaimEntry]) -> Bookmark:
        self.entries += entries
        after = Bookmark(len(self.entries))
        self.entries.append(None)
        self.wake()
        return after

    def wake(self) -> None:
        """Let every reader look again."""
        self.grown.set()
        self.grown = asyncio.Event()


class MemoryBroker:
    """The storage that several `MemoryLog`s share and that outlives them."""

    def __init__(self, partitions: int = 4) -> None:
        self.partitions = partitions
        self.logs: list[MemoryLog] = []
        self._stored = [_Partition() for _ in range(partitions)]

    def crash(self) -> None:
        """Kill every process; what was committed stays, a doubtful append still waits for the next claim."""
        for log in self.logs:
            log.crash()
        self.logs.clear()

    def hide(self, partition: int) -> None:
        """What comes next is committed, and readers do not see it until `show`."""
        stored = self._stored[partition]
        stored.shown = len(stored.visible)

    def show(self, partition: int) -> None:
        """Readers see everything again."""
        self._stored[partition].shown = None
        self._stored[partition].wake()

    def lose(self, partition: int, entries: int) -> None:
        """Lose the last entries of a partition, as an unclean election or a restored disk does."""
        stored = self._stored[partition]
        del stored.entries[len(stored.entries) - entries :]
        stored.wake()

    def partition(self, number: int) -> _Partition:
        """For `MemoryLog` only."""
        return self._stored[number]


class MemoryLog:
    """One process on a `MemoryBroker`."""

    def __init__(self, broker: MemoryBroker, faults: Faults | None = None) -> None:
        self.partitions = broker.partitions
        self.durability = "In memory: an acknowledged command survives nothing."
        self.faults = faults or Faults()
        self._broker = broker
        self._alive = True
        self._dead: defaultdict[int, int] = defaultdict(int)  # highest term of a partition that is of no more use
        broker.logs.append(self)

    async def open(self) -> None:
        """Nothing to connect; a crashed process stays crashed."""
        self._require_alive()

    async def close(self) -> None:
        """Nothing to let go of."""

    def crash(self) -> None:
        """The process is gone: every call and every reader of this object fails from now on."""
        self._alive = False
        for number in range(self.partitions):
            self._broker.partition(number).wake()

    async def claim(self, partition: int, record: ClaimRecord) -> Claim:
        """Settle what is doubtful, fence every earlier writer, write the claim record."""
        self._require_alive()
        await asyncio.sleep(0)
        stored = self._broker.partition(partition)
        if stored.doubtful:
            stored.extend(stored.doubtful)
            stored.doubtful = []
        stored.term = len(stored.entries) + 1
        if self.faults.spend("claim"):
            raise LogUnavailable("the claim failed, as planned")
        return Claim(partition, stored.term, stored.extend([_ClaimEntry(stored.term, record)]))

    async def append(self, claim: Claim, records: Sequence[Record]) -> Bookmark:
        """Commit all records or none, or fail as planned."""
        require_fit(records)
        stored = await self._owned(claim)
        fault = self.faults.spend("append")
        if fault is Fault.NOT_COMMITTED:
            self._bury(claim)
            raise NotCommitted("the append failed, as planned")
        if fault is Fault.FENCED:
            self._bury(claim)
            raise Fenced("the claim was fenced by the log itself, as planned")
        entries = [Stored(record.sequence, record.stream, claim.term, record.value) for record in records]
        if fault is None:
            return stored.extend(entries)
        self._bury(claim)
        if fault is Fault.UNKNOWN_COMMITTED:
            stored.extend(entries)
        elif fault is Fault.UNKNOWN_LATE:
            stored.doubtful = entries
        raise OutcomeUnknown("the answer was lost, as planned")

    async def prove(self, claim: Claim) -> None:
        """Return if the claim is still the last one."""
        await self._owned(claim)
        fault = self.faults.spend("prove")
        if fault:
            self._bury(claim)
            if fault is Fault.FENCED:
                raise Fenced("the claim was fenced by the log itself, as planned")
            raise NotCommitted("the proof failed, as planned")

    async def end(self, partition: int) -> Bookmark:
        """The place after the last marker."""
        self._require_alive()
        return Bookmark(len(self._broker.partition(partition).entries))

    async def written(self, partition: int) -> Bookmark:
        """The end, and behind it what a claim has to settle first."""
        return Bookmark((await self.end(partition)).place + len(self._broker.partition(partition).doubtful))

    async def last_claim(self, partition: int) -> tuple[int, ClaimRecord] | None:
        """Term and record of the newest claim."""
        self._require_alive()
        for entry in reversed(self._broker.partition(partition).visible):
            if isinstance(entry, _ClaimEntry):
                return entry.term, entry.record
        return None

    async def last_before(self, partition: int, place: Bookmark) -> Stored | None:
        """The last record before a place."""
        self._require_alive()
        entries = self._reaching(partition, place).entries[: place.place]
        return next((entry for entry in reversed(entries) if isinstance(entry, Stored)), None)

    async def read(
        self, partition: int, after: Bookmark = START, upto: Bookmark | None = None
    ) -> AsyncGenerator[Batch]:
        """Committed records after a place, in batches of at most 500."""
        stored = self._reaching(partition, after)
        place = after.place
        while upto is None or place < upto.place:
            self._require_alive()
            grown = stored.grown
            stop = min(place + BATCH, len(stored.visible), place + BATCH if upto is None else upto.place)
            if stop <= place:
                await grown.wait()
                continue
            records = tuple(entry for entry in stored.entries[place:stop] if isinstance(entry, Stored))
            place = stop
            yield Batch(records, Bookmark(place))

    async def _owned(self, claim: Claim) -> _Partition:
        self._require_alive()
        await asyncio.sleep(0)  # a real log answers later, and others go on meanwhile
        stored = self._broker.partition(claim.partition)
        if claim.term != stored.term:
            self._bury(claim)
            raise Fenced(f"partition {claim.partition} was claimed again: term {stored.term}, ours is {claim.term}")
        if claim.term <= self._dead[claim.partition]:
            raise NotCommitted(f"this claim of partition {claim.partition} failed before; claim again")
        return stored

    def _reaching(self, partition: int, place: Bookmark) -> _Partition:
        stored = self._broker.partition(partition)
        if place.place > len(stored.entries):
            raise LogUnfit(f"history shortened: partition {partition} ends before {place.place}")
        return stored

    def _bury(self, claim: Claim) -> None:
        self._dead[claim.partition] = max(self._dead[claim.partition], claim.term)

    def _require_alive(self) -> None:
        if not self._alive:
            raise LogUnavailable("this process has crashed, as planned")
