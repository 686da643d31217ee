"""Checks one log record by record, without knowing where it lies: what verify means, as a pure fold.

Decides: what a sound log is: sequences and versions without gaps, an unbroken hash chain, time that never runs back in
a stream, every record readable and foldable, no unit out of nothing, nothing promised twice, no command carried out
twice. Must not know: logs, databases or views.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.catalogue import DECIDERS
from domain.decider import Event
from domain.event_values import LineKind
from domain.order.state import Order
from domain.order.terms import Bucket
from domain.recorded import Position, Recorded
from domain.stock.events import reserves
from domain.stock.state import StockItem
from domain.stream_names import kind_of, partition_of
from projections.view import Folded
from streams.log import Stored
from streams.record import NO_HASH, UnknownType, Unreadable, decode

MOST_TOLD: Final = 100
PREVIOUS: Final = b'"prevhash":"'
"""Quotes within a text are escaped, so this stands in a record once."""


@dataclass(slots=True)
class Problems:
    """What was found, in words; after the first hundred they are only counted."""

    told: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, problem: str) -> None:
        """Add one finding."""
        self.count += 1
        if self.count <= MOST_TOLD:
            self.told.append(problem)

    def join(self, other: Problems) -> None:
        """Those of another part of the log."""
        self.count += other.count
        self.told = (self.told + other.told)[:MOST_TOLD]


@dataclass(slots=True)
class Trail:
    """One stream so far."""

    state: Any
    version: int = 0
    hash: str = NO_HASH
    recorded_at: datetime | None = None
    last: Recorded[Event] | None = None
    sound: bool = True
    """False once an event could not be folded: what follows is not judged."""


class LogAudit:
    """The log of one company; take every record of a partition in its order."""

    def __init__(self, partitions: int) -> None:
        self.problems = Problems()
        self.sequences: dict[int, int] = dict.fromkeys(range(partitions), 0)
        self.kinds: Counter[str] = Counter()
        self.records = 0
        self._partitions = partitions
        self._trails: dict[str, Trail] = {}
        self._command: dict[int, tuple[UUID, str]] = {}
        self._commands: set[tuple[UUID, str]] = set()
        self._reserving: dict[int, tuple[str, Position]] = {}

    def take(self, stored: Stored, partition: int) -> Recorded[Event] | None:
        """Check the next record of a partition; the event, None where it cannot be read."""
        self.records += 1
        place = Position(partition, stored.sequence)
        self._in_sequence(place)
        try:
            recorded = decode(stored, partition)
        except (Unreadable, UnknownType) as error:
            self.problems.add(f"{place}: {error}")
            return None
        self._in_its_place(recorded, stored)
        self._once(recorded)
        trail = self._trail(recorded.stream)
        self._linked(trail, recorded, previous_hash(stored.value))
        self._folded(trail, recorded)
        return recorded

    def streams(self) -> Iterable[str]:
        """Every stream so far."""
        return self._trails.keys()

    def state(self, stream: str) -> object:
        """What a stream folds to so far."""
        return self._trails[stream].state

    def folded(self, stream: str) -> Folded[Any] | None:
        """The stream so far, as the views get it; None before its first event, and where it cannot be folded."""
        trail = self._trails.get(stream)
        if trail is None or trail.last is None or not trail.sound:
            return None
        return Folded(stream, trail.version, trail.state, trail.last)

    def finish(self) -> None:
        """After the last record of every partition: whole states are judged."""
        for partition in self.sequences:
            self._decision_ended(partition)
        for stream, trail in self._trails.items():
            if trail.sound and isinstance(trail.state, Order):
                self._lines(stream, trail.state)

    def _in_sequence(self, place: Position) -> None:
        expected = self.sequences[place.partition] + 1
        if place.sequence != expected:
            self.problems.add(f"{place}: sequence {expected} was due in partition {place.partition}")
        self.sequences[place.partition] = place.sequence

    def _in_its_place(self, recorded: Recorded[Event], stored: Stored) -> None:
        if recorded.stream != stored.stream:
            self.problems.add(f"{recorded.position}: stored under {stored.stream}, written for {recorded.stream}")
        if partition_of(recorded.stream, self._partitions) != recorded.position.partition:
            self.problems.add(f"{recorded.position}: {recorded.stream} belongs to another partition")

    def _once(self, recorded: Recorded[Event]) -> None:
        """Events of one command stand together; apart, it was carried out twice."""
        partition = recorded.position.partition
        command = (recorded.metadata.command_id, recorded.stream)
        if command == self._command.get(partition):
            return
        self._decision_ended(partition)
        if command in self._commands:
            self.problems.add(f"{recorded.position}: command {command[0]} was carried out before on {recorded.stream}")
        self._command[partition] = command
        self._commands.add(command)

    def _decision_ended(self, partition: int) -> None:
        reserving = self._reserving.pop(partition, None)
        if reserving is None:
            return
        stream, position = reserving
        item = self._trails[stream].state
        if isinstance(item, StockItem) and item.available < 0:
            self.problems.add(f"{position}: {stream} reserved more than there was: {item.available} available")

    def _trail(self, stream: str) -> Trail:
        if stream not in self._trails:
            decider = DECIDERS.get(kind_of(stream))
            self._trails[stream] = Trail(decider.initial(stream) if decider else None, sound=decider is not None)
            self.kinds[kind_of(stream)] += 1
            if decider is None:
                self.problems.add(f"{stream}: nothing is known of this kind of stream")
        return self._trails[stream]

    def _linked(self, trail: Trail, recorded: Recorded[Event], previous: str) -> None:
        if recorded.version != trail.version + 1:
            self.problems.add(
                f"{recorded.position}: {recorded.stream} has version {recorded.version} after {trail.version}"
            )
        if previous != trail.hash:
            self.problems.add(f"{recorded.position}: {recorded.stream} is not linked to its version {trail.version}")
        recorded_at = recorded.metadata.recorded_at
        if trail.recorded_at is not None and recorded_at < trail.recorded_at:
            self.problems.add(f"{recorded.position}: {recorded.stream} was recorded before its version {trail.version}")
        trail.version, trail.hash, trail.recorded_at, trail.last = (
            recorded.version,
            recorded.hash,
            recorded_at,
            recorded,
        )

    def _folded(self, trail: Trail, recorded: Recorded[Event]) -> None:
        if not trail.sound:
            return
        try:
            trail.state = DECIDERS[kind_of(recorded.stream)].evolve(trail.state, recorded.event)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            trail.sound = False
            self.problems.add(f"{recorded.position}: {recorded.stream} cannot be folded: {type(error).__name__}")
            return
        if reserves(recorded.event):
            self._reserving[recorded.position.partition] = (recorded.stream, recorded.position)
        if isinstance(trail.state, Order) and min(trail.state.totals) < 0:
            self.problems.add(f"{recorded.position}: {recorded.stream} has units below zero")

    def _lines(self, stream: str, order: Order) -> None:
        """Every ordered unit is in one bucket; what is in none or in two came out of nothing."""
        sums = [0] * len(Bucket)
        for number, line in order.lines.items():
            ordered = line.line.quantity if line.line.kind is LineKind.GOODS else 0
            held = sum(line.buckets) - line.buckets[Bucket.EXCESS]
            if held != ordered or min(line.buckets) < 0:
                self.problems.add(f"{stream}: line {number} has {held} units of {ordered}")
            sums = [total + units for total, units in zip(sums, line.buckets, strict=True)]
        if tuple(sums) != tuple(order.totals):
            self.problems.add(f"{stream}: the order's totals are not those of its lines")


def previous_hash(value: bytes) -> str:
    """The hash that a record carries of the one before it; empty where it has none."""
    _, _, rest = value.partition(PREVIOUS)
    return rest.partition(b'"')[0].decode(errors="replace")
