"""The workflow at work: every committed event is reacted to, and what the rules ask for is sent as commands.

Events of a partition are taken in order, from the checkpoint on; commands are made as there is room for them and not
awaited singly, so that many share a commit. The checkpoint is the highest sequence up to which everything is finished.
A crash repeats reactions; their command ids make that harmless. An event that a rule stumbles over is parked, with all
that comes behind it in its stream; everything else goes on. Must not know: what the rules are (`domain/workflow.py`),
how commands are sent (`workflow_lanes.py`) and committed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Final

from commands.workflow_checkpoint import NOTHING_FINISHED, Parked, WorkflowCheckpoint
from commands.workflow_lanes import Cause, Lanes, Sent, workflow_submission
from domain.workflow import reactions
from streams.index import IndexUnavailable
from streams.log import LogUnfit, Stored
from streams.metrics import WORKFLOW_LAG, WORKFLOW_PARKED
from streams.record import UnknownType, Unreadable, decode, event_id
from streams.together import until_one_ends

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
    from typing import TypeVar
    from uuid import UUID

    from commands.workflow_checkpoint import WorkflowCheckpoints
    from domain.decider import Event
    from domain.recorded import Recorded
    from domain.workflow import Reaction
    from streams.index import Index
    from streams.writing.errors import StreamParked
    from streams.writing.writer import Writer
    from streams.writing.writers import Writers

    T = TypeVar("T")

logger = logging.getLogger(__name__)

IN_ONE_GO: Final = 50
"""Events that are read and reactions that are made before others have their turn: 2 to 5 ms."""
AFTER_PARKED: Final = "an event before it in its stream is parked"


class Progress:
    """Which events of a partition are finished: `done` is the highest sequence with nothing open at or below it."""

    def __init__(self, done: int) -> None:
        self.done = done
        self.open = 0
        self._open: dict[int, int] = {}
        self._order: deque[int] = deque()

    def started(self, sequence: int) -> None:
        """Something is to be done because of an event; called in order of sequence for the first of each."""
        if sequence not in self._open:
            self._order.append(sequence)
        self._open[sequence] = self._open.get(sequence, 0) + 1
        self.open += 1

    def finished(self, sequence: int) -> None:
        """One thing that was to be done because of that event has come to its end."""
        self._open[sequence] -= 1
        self.open -= 1
        while self._order and self._open[self._order[0]] == 0:
            self.done = self._order.popleft()
            del self._open[self.done]


class Follower:
    """Reacts to one partition."""

    def __init__(self, writer: Writer, writers: Writers, index: Index, checkpoints: WorkflowCheckpoints) -> None:
        self.progress = Progress(0)
        self.parked: dict[str, str] = {}
        """Streams that are not reacted to, each with the reason."""
        self._writer = writer
        self._index = index
        self._checkpoints = checkpoints
        self._limits = writers.runtime.limits
        self._most_open = max(self._limits.open_reactions // writers.partitions, 1)
        self._number = writer.partition.number
        self._lanes = Lanes(writers, self._ended)
        self._room = asyncio.Event()
        self._steps = 0
        self._parking: deque[Parked] = deque()
        self._some_parking = asyncio.Event()
        self._tried_again: set[int] = set()
        """What an earlier run had parked and this one has not."""

    async def run(self) -> None:
        """Follow the partition until cancelled."""
        await self._writer.ready.wait()
        done = (await self._trusted_checkpoint()).sequence
        parked = await self._patiently(partial(self._checkpoints.parked, self._number))
        self._tried_again = {each.sequence for each in parked}
        self.progress = Progress(min([done, *(each.sequence - 1 for each in parked)]))
        before = [each.sequence for each in parked if each.sequence < done]
        await until_one_ends(self._follow(before, done), self._keep_saved(), self._keep_parking())

    async def _trusted_checkpoint(self) -> WorkflowCheckpoint:
        """How far an earlier run was, if that was in this log; otherwise everything is reacted to again."""
        found = await self._patiently(partial(self._checkpoints.load, self._number))
        reached = found.sequence <= self._writer.partition.sequence
        if reached and found.first_event_id in {None, await self._first_event_id()}:
            return found
        logger.warning(
            "workflow %d: the checkpoint at %d is of another log; reacting from the first event", self._number,
            found.sequence,
        )  # fmt: skip
        await self._patiently(partial(self._checkpoints.forget, self._number))
        return NOTHING_FINISHED

    async def _first_event_id(self) -> UUID | None:
        """What the log is known by; None while it is empty."""
        for stored in await self._patiently(partial(self._index.after, self._number, 0, 1)):
            return event_id(stored.value)
        return None

    async def _follow(self, parked: Sequence[int], place: int) -> None:
        """React to what an earlier run had parked, then to everything above a sequence."""
        for sequence in parked:
            for stored in await self._read(sequence - 1, 1):
                await self._react(self._decoded(stored))
        if parked:
            self.progress.started(place)
            self.progress.finished(place)
        self._writer.reacted = place
        while True:
            for found in await self._next(place):
                await self._let_others()
                recorded = self._decoded(found) if isinstance(found, Stored) else found
                await self._react(recorded)
                place = recorded.sequence if isinstance(recorded, Parked) else recorded.position.sequence
                self._writer.reacted = place

    async def _let_others(self) -> None:
        """Others have their turn now and then: hundreds of events come at once, and each has its reactions."""
        self._steps += 1
        if self._steps % IN_ONE_GO == 0:
            await asyncio.sleep(0)

    async def _next(self, after: int) -> Sequence[Recorded[Event] | Stored]:
        """The next committed events: from the writer's memory, otherwise from the index; waits until there are some."""
        while True:
            self._writer.changed.clear()
            recent = self._writer.recent(after)
            if recent:
                return recent
            if recent is not None:
                await self._writer.changed.wait()
                continue
            found = await self._read(after, self._limits.read_events)
            if found:
                return found
            await asyncio.sleep(self._limits.follow_pause_s)

    async def _read(self, after: int, limit: int) -> Sequence[Stored]:
        found = await self._patiently(partial(self._index.after, self._number, after, limit))
        for expected, stored in enumerate(found, after + 1):
            if stored.sequence != expected:
                raise LogUnfit(
                    f"partition {self._number}: the index has {stored.sequence} in the place of {expected}; "
                    'drop schema "index" to have it made anew'
                )
        return found

    def _decoded(self, stored: Stored) -> Recorded[Event] | Parked:
        try:
            return decode(stored, self._number)
        except (UnknownType, Unreadable) as error:
            return Parked(stored.sequence, stored.stream, error_text(error))

    async def _react(self, recorded: Recorded[Event] | Parked) -> None:
        """Send what follows from an event, or park it."""
        if isinstance(recorded, Parked):
            self._park_stream(recorded)
            return
        cause = Cause.of(recorded)
        sequence = cause.sequence
        if recorded.stream in self.parked:
            self._park(Parked(sequence, recorded.stream, AFTER_PARKED))
            return
        self.progress.started(sequence)
        for reaction in self._reactions(recorded):
            await self._let_others()
            await self._until_room()
            self.progress.started(sequence)
            submission = workflow_submission(
                cause, reaction.rule, reaction.stream, reaction.command, lookup=sequence <= self._writer.opened_at
            )
            self._lanes.send(Sent(cause, reaction.rule, submission))
        self.progress.finished(sequence)

    def _reactions(self, recorded: Recorded[Event]) -> Iterator[Reaction]:
        """One by one; where a rule stumbles there are no more, and the stream is parked."""
        try:
            yield from reactions(recorded)
        except Exception as error:
            logger.exception("workflow: %s is parked at %s", recorded.stream, recorded.position)
            self._park_stream(Parked(recorded.position.sequence, recorded.stream, error_text(error)))

    async def _until_room(self) -> None:
        while self.progress.open > self._most_open:
            self._room.clear()
            await self._room.wait()

    def _ended(self, sent: Sent, parked: StreamParked | None) -> None:
        if parked:
            why = f"{sent.submission.stream} is parked: {parked}"
            self._park(Parked(sent.cause.sequence, sent.cause.stream, why))
        self.progress.finished(sent.cause.sequence)
        self._room.set()

    def _park_stream(self, parked: Parked) -> None:
        """Park the event, and from now on every later one of its stream."""
        self.parked.setdefault(parked.stream, parked.why)
        WORKFLOW_PARKED.labels(self._number).set(len(self.parked))
        self._park(parked)

    def _park(self, parked: Parked) -> None:
        """Keep the event for the next start; the checkpoint passes over it once that is written."""
        self._tried_again.discard(parked.sequence)
        self.progress.started(parked.sequence)
        self._parking.append(parked)
        self._some_parking.set()

    async def _keep_parking(self) -> None:
        while True:
            await self._some_parking.wait()
            while self._parking:
                parked = self._parking[0]
                await self._patiently(partial(self._checkpoints.park, self._number, parked))
                self._parking.popleft()
                self.progress.finished(parked.sequence)
            self._some_parking.clear()

    async def _keep_saved(self) -> None:
        saved, first = self.progress.done, await self._first_event_id()
        while True:
            await asyncio.sleep(self._limits.save_pause_s)
            done = self.progress.done
            WORKFLOW_LAG.labels(self._number).set(self._writer.partition.sequence - done)
            first = first or await self._first_event_id()
            if done != saved and first is not None:
                await self._patiently(partial(self._checkpoints.save, self._number, WorkflowCheckpoint(done, first)))
                saved = done
            for sequence in sorted(each for each in self._tried_again if each <= done):
                await self._patiently(partial(self._checkpoints.unpark, self._number, sequence))
                self._tried_again.discard(sequence)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try again for as long as the database is away; every attempt has its own limit."""
        while True:
            try:
                return await attempt()
            except IndexUnavailable as outage:
                logger.warning("workflow %d: %s", self._number, outage)
                await asyncio.sleep(self._limits.index_pause_s)


def error_text(error: Exception) -> str:
    """The error as it is kept beside what is parked."""
    return f"{type(error).__name__}: {error}"


class WorkflowRunner:
    """One `Follower` per partition that this process owns."""

    def __init__(self, writers: Writers, index: Index, checkpoints: WorkflowCheckpoints) -> None:
        self._writers = writers
        self.followers = tuple(Follower(writer, writers, index, checkpoints) for writer in writers.all)

    async def run(self) -> None:
        """React until cancelled."""
        await until_one_ends(*(follower.run() for follower in self.followers))

    @property
    def idle(self) -> bool:
        """Whether everything committed has been reacted to and every command has come to its end."""
        pairs = zip(self.followers, self._writers.all, strict=True)
        return all(follower.progress.done >= writer.partition.sequence for follower, writer in pairs)

    @property
    def parked(self) -> Mapping[str, str]:
        """Streams that are not reacted to, each with the reason; everything else goes on."""
        return {stream: why for follower in self.followers for stream, why in follower.parked.items()}
