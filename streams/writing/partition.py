"""The core of the single writer of one partition: dedupe, version check, decision, numbering. No I/O, no waiting.

Decides: what a batch of commands becomes: for each an answer or a refusal, for all together the records to append. A
batch is decided on committed and staged state; `commit` makes staged state committed, `discard` forgets it and every
stream that it touched. Must not know: logs, sockets, tasks (`writer.py` is the coroutine around it).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from domain.catalogue import DECIDERS
from domain.decider import Context, Rejected
from domain.order.commands import PlaceOrder
from domain.order.events import OrderPlaced
from domain.order.number import order_number
from domain.recorded import Metadata, Position, Recorded
from domain.stream_names import kind_of
from streams import state_codec
from streams.ids import uuid7
from streams.log import Record
from streams.record import Draft, decode, digest, encode
from streams.snapshots import Snapshot
from streams.writing.errors import KeyReused, NotExecuted, VersionConflict
from streams.writing.staging import Outcome, Staged, Stream, Trace
from streams.writing.submission import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from domain.decider import Event
    from streams.log import Loaded, Stored
    from streams.writing.submission import Submission

CACHED_STREAMS: Final = 5_000
"""Streams whose state is kept; the least recently used go first."""

SNAPSHOT_EVENTS: Final = 500
"""A stock stream grows for ever: every so many events its state is kept beside the index."""

REMEMBERED_COMMANDS: Final = 50_000
"""Command ids whose trace is kept; older ones are looked up in the index."""


@dataclass(frozen=True, slots=True)
class Company:
    """What the writer puts around events: the company's id, its number prefix, the number of partitions."""

    id: str
    prefix: str
    partitions: int


class Partition:
    """State of one partition in its owner's memory."""

    def __init__(
        self, number: int, company: Company, *, clock: Callable[[], datetime], token: Callable[[], str]
    ) -> None:
        self.number = number
        self.sequence = 0
        """Sequence of the last committed record."""
        self.placed = 0
        """Orders ever placed in this partition."""
        self._company = company
        self._clock = clock
        self._token = token
        self._streams: OrderedDict[str, Stream] = OrderedDict()
        self._traces: OrderedDict[UUID, Trace] = OrderedDict()
        self._staged = Staged()

    def missing(self, batch: Iterable[Submission]) -> tuple[set[str], set[UUID]]:
        """Streams and command ids of a batch that have to be looked up before it can be staged."""
        streams: set[str] = set()
        commands: set[UUID] = set()
        for submission in batch:
            fresh = _places(submission) and not submission.lookup and submission.command_id not in self._traces
            if submission.stream not in self._streams and not fresh:
                streams.add(submission.stream)
            if submission.lookup and submission.command_id not in self._traces:
                commands.add(submission.command_id)
        return streams, commands

    def admit(self, streams: Mapping[str, Snapshot | None], loaded: Loaded, tail: Sequence[Stored]) -> None:
        """Take what was looked up: snapshots, the index's rows and, above what those cover, the tail's records."""
        above = [stored for stored in tail if stored.sequence > loaded.applied]
        for stream, snapshot in streams.items():
            rows = (*loaded.streams.get(stream, ()), *(stored for stored in above if stored.stream == stream))
            self._remember(stream, self._folded(_begun(stream, snapshot), stream, rows))
        for rows in loaded.commands.values():
            for stored in rows:
                self._trace(decode(stored, self.number))

    def learn(self, records: Iterable[Stored]) -> None:
        """Take committed records that were read back from the log after a doubt."""
        for stored in records:
            recorded = decode(stored, self.number)
            self._streams.pop(recorded.stream, None)
            self._trace(recorded)
            self.sequence = stored.sequence
            self.placed += isinstance(recorded.event, OrderPlaced)

    def stage(self, submission: Submission) -> None:
        """Decide one command on top of what is staged. Its outcome is appended; a failing command stages nothing."""
        try:
            outcome: Outcome = self._staged_answer(submission)
        except Exception as error:  # noqa: BLE001 - one command's bug must not fail the batch it came with
            outcome = error
        self._staged.outcomes.append(outcome)

    def settle(self, submission: Submission) -> None:
        """Answer a command of a failed batch: it is executed if the log has it, and certainly not otherwise."""
        trace = self._traces.get(submission.command_id)
        try:
            outcome: Outcome = NotExecuted() if trace is None else self._repeated(submission, trace)
        except KeyReused as reused:
            outcome = reused
        self._staged.outcomes.append(outcome)

    @property
    def records(self) -> Sequence[Record]:
        """What the staged batch appends."""
        return self._staged.records

    def commit(self) -> tuple[list[Outcome], list[Recorded[Event]]]:
        """The batch is in the log: its outcomes in the order of staging, and its events."""
        staged, self._staged = self._staged, Staged()
        for name, stream in staged.streams.items():
            self._remember(name, stream)
        for command_id, trace in staged.traces.items():
            self._remember_trace(command_id, trace)
        self.sequence += len(staged.records)
        self.placed += staged.placed
        self._forget_oldest()
        return staged.outcomes, staged.recorded

    def snapshots(self, recorded: Iterable[Recorded[Event]]) -> list[Snapshot]:
        """Snapshots that are due after these committed events: of stock streams, at every 500th version."""
        due = {
            each.stream for each in recorded if each.version % SNAPSHOT_EVENTS == 0 and kind_of(each.stream) == "stock"
        }
        return [self._snapshot(name) for name in due if kind_of(name) == "stock" and name in self._streams]

    def discard(self) -> None:
        """The batch is not, or perhaps not, in the log: forget it and every stream that it touched."""
        for name in self._staged.streams:
            self._streams.pop(name, None)
        self._staged = Staged()
        self._forget_oldest()

    def _staged_answer(self, submission: Submission) -> Answer:
        trace = self._staged.traces.get(submission.command_id) or self._traces.get(submission.command_id)
        if trace is not None:
            return self._repeated(submission, trace)
        stream = self._stream(submission.stream)
        expected = submission.expected_version
        is_there = stream.version > 0 or _places(submission)  # otherwise it is unknown, whatever was expected
        if expected is not None and is_there and expected != stream.version and not submission.command.fact:
            raise VersionConflict(expected, stream.version)
        now = self._clock()
        if stream.recorded_at is not None and stream.recorded_at > now:
            now = stream.recorded_at
        decider = DECIDERS[kind_of(submission.stream)]
        try:
            events = decider.decide(stream.state, submission.command, self._context(submission, now))
        except Rejected as refused:
            refused.version = stream.version
            raise
        after = self._recorded(submission, stream, events, now)
        return self._answer(submission.stream, after, repeated=False)

    def _recorded(self, submission: Submission, stream: Stream, events: tuple[Event, ...], now: datetime) -> Stream:
        """Number, encode and link the events, then stage all of them at once."""
        metadata = _metadata(submission, now)
        evolve = DECIDERS[kind_of(submission.stream)].evolve
        staged = self._staged
        records: list[Record] = []
        recorded: list[Recorded[Event]] = []
        for event in events:
            sequence = self.sequence + len(staged.records) + len(records) + 1
            draft = Draft(submission.stream, stream.version + 1, uuid7(), event, metadata, stream.hash)
            value = encode(draft, self._company.id)
            stream = Stream(evolve(stream.state, event), draft.version, digest(value), sequence, now)
            records.append(Record(sequence, draft.stream, draft.version, submission.command_id, value))
            position = Position(self.number, sequence)
            recorded.append(
                Recorded(position, draft.stream, draft.version, draft.event_id, event, metadata, stream.hash)
            )
        if records:
            staged.streams[submission.stream] = stream
            trace = Trace(submission.stream, submission.command_hash, stream.version, stream.sequence)
            staged.traces[submission.command_id] = trace
            staged.records += records
            staged.recorded += recorded
            staged.placed += _places(submission)
        return stream

    def _context(self, submission: Submission, now: datetime) -> Context:
        occurred_at = submission.command.occurred_at or now
        if not _places(submission):
            return Context(submission.actor, submission.role, occurred_at, submission.stream)
        serial = (self.placed + self._staged.placed + 1) * self._company.partitions + self.number
        number = order_number(self._company.prefix, now.year, serial)
        token = self._token()
        return Context(submission.actor, submission.role, occurred_at, submission.stream, serial, number, token)

    def _repeated(self, submission: Submission, trace: Trace) -> Answer:
        if trace.command_hash != submission.command_hash:
            raise KeyReused
        position = Position(self.number, trace.sequence)
        state = self._stream(trace.stream).state
        return Answer(trace.stream, trace.version, position, repeated=True, state=state)

    def _answer(self, name: str, stream: Stream, *, repeated: bool) -> Answer:
        position = Position(self.number, stream.sequence) if stream.version else None
        return Answer(name, stream.version, position, repeated, stream.state)

    def _stream(self, name: str) -> Stream:
        staged = self._staged.streams.get(name)
        if staged is not None:
            return staged
        cached = self._streams.get(name)
        if cached is None:
            return _begun(name, None)
        self._streams.move_to_end(name)
        return cached

    def _folded(self, begun: Stream, name: str, rows: Iterable[Stored]) -> Stream:
        evolve = DECIDERS[kind_of(name)].evolve
        state, last = begun.state, None
        for stored in rows:
            if stored.sequence > begun.sequence:
                last = decode(stored, self.number)
                state = evolve(state, last.event)
        if last is None:
            return begun
        return Stream(state, last.version, last.hash, last.position.sequence, last.metadata.recorded_at)

    def _snapshot(self, name: str) -> Snapshot:
        stream = self._streams[name]
        at = stream.recorded_at or self._clock()
        return Snapshot(name, stream.version, stream.sequence, stream.hash, at, state_codec.dump("stock", stream.state))

    def _trace(self, recorded: Recorded[Any]) -> None:
        metadata = recorded.metadata
        trace = Trace(recorded.stream, metadata.command_hash, recorded.version, recorded.position.sequence)
        self._remember_trace(metadata.command_id, trace)

    def _remember(self, name: str, stream: Stream) -> None:
        self._streams[name] = stream
        self._streams.move_to_end(name)

    def _remember_trace(self, command_id: UUID, trace: Trace) -> None:
        self._traces[command_id] = trace

    def _forget_oldest(self) -> None:
        """Between batches only: what `missing` found to be known has to be there when the batch is decided."""
        while len(self._streams) > CACHED_STREAMS:
            self._streams.popitem(last=False)
        while len(self._traces) > REMEMBERED_COMMANDS:
            self._traces.popitem(last=False)


def _begun(name: str, snapshot: Snapshot | None) -> Stream:
    kind = kind_of(name)
    if snapshot is None:
        return Stream(DECIDERS[kind].initial(name), 0)
    state = state_codec.load(kind, snapshot.state)
    return Stream(state, snapshot.version, snapshot.hash, snapshot.sequence, snapshot.recorded_at)


def _places(submission: Submission) -> bool:
    return isinstance(submission.command, PlaceOrder)


def _metadata(submission: Submission, now: datetime) -> Metadata:
    return Metadata(
        command_id=submission.command_id,
        command_hash=submission.command_hash,
        actor=submission.actor,
        role=submission.role,
        recorded_at=now,
        correlation_id=submission.correlation_id,
        causation_id=submission.causation_id,
        traceparent=submission.traceparent,
        on_behalf_of=submission.on_behalf_of,
        origin=submission.origin,
    )
