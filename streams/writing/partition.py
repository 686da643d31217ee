"""The core of the single writer of one partition: dedupe, version check, decision, numbering. No I/O, no waiting.

Decides: what a batch of commands becomes: for each an answer or a refusal, for all together the records to append. A
batch is decided on committed and staged state; `commit` makes staged state committed, `discard` forgets it and every
stream that it touched. A preview sees what its batch has staged and stages nothing: it is answered only if that is
committed. Must not know: logs, sockets, tasks (`writer.py` is the coroutine around it).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.catalogue import DECIDERS
from domain.company_time import day_in
from domain.decider import NO_COMMAND, Context, Rejected
from domain.order.number import order_number
from domain.recorded import Metadata, Position, Recorded
from domain.stream_names import kind_of
from streams.log import Record, TooLarge, require_fit
from streams.metrics import STREAMS_PARKED
from streams.record import Draft, digest, encode, parse, reread
from streams.writing.errors import CommandTooLarge, KeyReused, NotExecuted, StreamParked, VersionConflict
from streams.writing.folding import SnapshotRefuted, begun_at, folded
from streams.writing.snapshot_keeper import is_due
from streams.writing.staging import AtHand, Drafted, ResultOrError, Staged, Stream, Trace, Wanted
from streams.writing.submission import CommandResult, Foreseen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from domain.decider import Event
    from streams.log import Loaded, Stored
    from streams.runtime import Runtime
    from streams.snapshots import Snapshot
    from streams.writing.memory import Memory
    from streams.writing.submission import Submission
    from streams.writing.tail import Tail

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Company:
    """What the writer puts around events: the company's id, its number prefix, the number of partitions."""

    id: str
    prefix: str
    partitions: int


class Partition:
    """State of one partition in its owner's memory."""

    def __init__(self, number: int, company: Company, runtime: Runtime, memory: Memory) -> None:
        self.number = number
        self.sequence = 0
        """Sequence of the last committed record."""
        self.placed = 0
        """Orders ever placed in this partition."""
        self.parked: dict[str, str] = {}
        """Streams whose records cannot be folded, with the reason: their commands are refused."""
        self.runtime = runtime
        self._company = company
        self._memory = memory
        self._at_hand = AtHand()
        self._staged = Staged()

    def missing(self, batch: Iterable[Submission], *, doubtful: bool) -> Wanted:
        """Begin a batch: take what memory has of it, and tell what has to be looked up before it can be decided.

        `doubtful` says that any of its commands may be in the log, also one that was made for a single attempt.
        """
        self._at_hand, wanted = AtHand(), Wanted()
        for submission in batch:
            trace = self._memory.trace(submission.command_id)
            stream = self._memory.stream(submission.stream)
            if trace is not None:
                self._at_hand.traces[submission.command_id] = trace
            elif doubtful or not submission.is_new:
                wanted.commands.add(submission.command_id)
            if stream is not None:
                self._at_hand.streams[submission.stream] = stream
            elif trace is not None or doubtful or not submission.is_new or not submission.places:
                wanted.streams.add(submission.stream)
        return wanted

    def admit(self, wanted: Wanted, begun: Mapping[str, Snapshot | None], loaded: Loaded, tail: Tail) -> set[str]:
        """Take what was looked up: snapshots, the index's rows and, above what those cover, the tail's records.

        Returns the streams whose snapshot the log contradicts. Raises `IndexBehind` when records are missing between
        index and tail.
        """
        tail.require_covered(loaded.applied)
        refuted: set[str] = set()
        for name, snapshot in begun.items():
            rows = (*loaded.streams.get(name, ()), *tail.of_stream(name, loaded.applied))
            try:
                self._at_hand.streams[name] = folded(name, snapshot, rows, self.number)
                self.parked.pop(name, None)
            except SnapshotRefuted:
                refuted.add(name)
            except Exception as error:
                logger.exception("partition %d: %s cannot be folded; its commands are refused", self.number, name)
                self.parked[name] = self._at_hand.parked[name] = f"{type(error).__name__}: {error}"
            STREAMS_PARKED.labels(self.number).set(len(self.parked))
        for command_id in wanted.commands:
            for stored in (*loaded.commands.get(command_id, ()), *tail.of_command(command_id, loaded.applied)):
                if stored.stream not in self._at_hand.parked:
                    self._at_hand.traces[command_id] = _trace(reread(stored))
        return refuted

    def learn(self, records: Iterable[Stored]) -> None:
        """Take committed records that were read back from the log after a doubt."""
        for stored in records:
            record = reread(stored)
            self._memory.drop_stream(record.stream)
            self._memory.keep_trace(record.command_id, _trace(record))
            self.sequence = record.sequence
            self.placed += record.version == 1 and kind_of(record.stream) == "order"

    def stage(self, submission: Submission) -> None:
        """Decide one command on top of what is staged. Its outcome is appended; a failing command stages nothing."""
        try:
            outcome: ResultOrError = self._staged_answer(submission)
        except Exception as error:  # noqa: BLE001 - one command's bug must not fail the batch it came with
            outcome = error
        self._staged.outcomes.append(outcome)

    def settle(self, submission: Submission) -> None:
        """Answer a command of a failed batch: it is executed if the log has it, and certainly not otherwise."""
        trace = self._at_hand.traces.get(submission.command_id)
        try:
            outcome: ResultOrError = NotExecuted() if trace is None else self._repeated(submission, trace)
        except KeyReused as reused:
            outcome = reused
        self._staged.outcomes.append(outcome)

    @property
    def records(self) -> Sequence[Record]:
        """What the staged batch appends."""
        return self._staged.records

    def commit(self) -> Staged:
        """The batch is in the log: what was staged, now committed."""
        staged, self._staged = self._staged, Staged()
        for name, stream in (self._at_hand.streams | staged.streams).items():
            self._memory.keep_stream(name, stream)
        for command_id, trace in (self._at_hand.traces | staged.traces).items():
            self._memory.keep_trace(command_id, trace)
        self._at_hand = AtHand()
        self.sequence += len(staged.records)
        self.placed += staged.placed
        return staged

    def due_snapshots(self, recorded: Iterable[Recorded[Event]]) -> dict[str, Stream]:
        """Streams whose state is to be kept after these committed events."""
        least, due = self.runtime.limits.snapshot_events, dict[str, Stream]()
        for each in recorded:
            stream = None if each.version % least else self._memory.stream(each.stream)
            if stream is not None and is_due(stream, each.version, least):
                due[each.stream] = stream
        return due

    def discard(self) -> None:
        """The batch is not, or perhaps not, in the log: forget it. Its streams are what they were, until we `learn`."""
        self._at_hand, self._staged = AtHand(), Staged()

    def _staged_answer(self, submission: Submission) -> CommandResult:
        if submission.stream in self._at_hand.parked:
            raise StreamParked(self._at_hand.parked[submission.stream])
        trace = self._staged.traces.get(submission.command_id) or self._at_hand.traces.get(submission.command_id)
        if trace is not None and not submission.preview:
            return self._repeated(submission, trace)
        stream = self._stream(submission.stream)
        expected = submission.expected_version
        is_there = stream.version > 0 or submission.places  # otherwise it is unknown, whatever was expected
        if expected is not None and is_there and expected != stream.version and not submission.command.fact:
            raise VersionConflict(expected, stream.version)
        now = self.runtime.clock()
        if stream.recorded_at is not None and stream.recorded_at >= now:
            now = stream.recorded_at + timedelta(microseconds=1)  # two facts of one moment would be taken for one
        decider, context = DECIDERS[kind_of(submission.stream)], self._context(submission, now)
        try:
            if submission.precondition is not None:
                submission.precondition(stream.state, stream.version, context)
            events = decider.decide(stream.state, submission.command, context)
        except Rejected as refused:
            refused.version = stream.version
            raise
        drafted = self._drafted(submission, stream, events, now)
        if submission.preview:
            return _foreseen(submission, stream, drafted)
        self._take(submission, drafted)
        return self._answer(submission, drafted.after)

    def _drafted(self, submission: Submission, stream: Stream, events: tuple[Event, ...], now: datetime) -> Drafted:
        """Number, encode and link the events."""
        metadata = _metadata(submission, now)
        evolve = DECIDERS[kind_of(submission.stream)].evolve
        records: list[Record] = []
        recorded: list[Recorded[Event]] = []
        for event in events:
            sequence = self.sequence + len(self._staged.records) + len(records) + 1
            draft = Draft(submission.stream, stream.version + 1, self.runtime.new_id(), event, metadata, stream.hash)
            value = encode(draft, self._company.id)
            size = stream.size + len(value)
            stream = Stream(evolve(stream.state, event), draft.version, digest(value), sequence, now, size)
            records.append(Record(sequence, draft.stream, draft.version, submission.command_id, value))
            position = Position(self.number, sequence)
            recorded.append(
                Recorded(position, draft.stream, draft.version, draft.event_id, event, metadata, stream.hash)
            )
        return Drafted(records, recorded, stream)

    def _take(self, submission: Submission, drafted: Drafted) -> None:
        """Stage all of a command's events at once."""
        if drafted.records:
            staged, after = self._staged, drafted.after
            trace = Trace(submission.stream, submission.command_hash, after.version, after.sequence)
            staged.streams[submission.stream] = after
            staged.traces[submission.command_id] = trace
            staged.records += drafted.records
            staged.recorded += drafted.recorded
            staged.placed += submission.places

    def _context(self, submission: Submission, now: datetime) -> Context:
        """For an order that is really placed with a serial, a number and a token: none of them is given twice."""
        context = Context(
            actor=submission.actor,
            role=submission.role,
            occurred_at=submission.command.occurred_at or now,
            stream=submission.stream,
            zone=self.runtime.zone,
            take_for=self.runtime.take_for,
            command_id=NO_COMMAND if submission.preview else submission.command_id,
        )
        if submission.preview or not submission.places:
            return context
        serial = (self.placed + self._staged.placed + 1) * self._company.partitions + self.number
        number = order_number(self._company.prefix, day_in(context.zone, now).year, serial)
        return replace(context, serial=serial, number=number, tracking_token=self.runtime.token())

    def _repeated(self, submission: Submission, trace: Trace) -> CommandResult:
        if trace.command_hash != submission.command_hash:
            raise KeyReused
        position = Position(self.number, trace.sequence)
        state = self._stream(trace.stream).state
        return CommandResult(trace.stream, trace.version, position, submission.command_id, repeated=True, state=state)

    def _answer(self, submission: Submission, stream: Stream) -> CommandResult:
        position = Position(self.number, stream.sequence) if stream.version else None
        name, ident = submission.stream, submission.command_id
        return CommandResult(name, stream.version, position, ident, repeated=False, state=stream.state)

    def _stream(self, name: str) -> Stream:
        staged = self._staged.streams.get(name)
        if staged is not None:
            return staged
        return self._at_hand.streams.get(name) or begun_at(name, None)


def _foreseen(submission: Submission, before: Stream, drafted: Drafted) -> CommandResult:
    """What a command would do. What the log could not hold is refused, as the command would be."""
    try:
        require_fit(drafted.records)
    except TooLarge:
        raise CommandTooLarge from None
    foreseen = Foreseen(tuple(drafted.recorded), before.state)
    name, ident, after = submission.stream, submission.command_id, drafted.after.state
    return CommandResult(name, before.version, None, ident, repeated=False, state=after, foreseen=foreseen)


def _trace(record: Record) -> Trace:
    """Where a command ended, from its last record; the event itself need not be understood for that."""
    return Trace(record.stream, parse(record.value)["commandhash"], record.version, record.sequence)


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
