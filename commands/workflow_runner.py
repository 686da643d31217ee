"""The workflow at work: every committed event is reacted to, and what the rules ask for is sent as commands.

Events of a partition are taken in order, from the checkpoint on; commands are queued in that order and not awaited
singly, so that many share a commit. The checkpoint is the highest sequence up to which everything is finished. A crash
repeats reactions; their command ids make that harmless. A refusal becomes an exception on the order: a person has to
know. Must not know: what the rules are (`domain/workflow.py`), how commands are committed.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from domain.decider import Command, Rejected
from domain.order.commands import ReportRefusal
from domain.roles import Role
from domain.stream_names import kind_of
from domain.workflow import react
from streams.ids import workflow_command_id
from streams.metrics import WORKFLOW_LAG, WORKFLOW_REFUSED
from streams.record import decode
from streams.writing.errors import CommandTooLarge, ElsewhereOwned, KeyReused, NotExecuted, Overloaded, StillUnknown
from streams.writing.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.workflow_checkpoint import WorkflowCheckpoints
    from domain.decider import Event
    from domain.recorded import Recorded
    from domain.workflow import Reaction
    from streams.index import Index
    from streams.writing.submission import Answer
    from streams.writing.writer import Writer
    from streams.writing.writers import Writers

logger = logging.getLogger(__name__)

ACTOR: Final = "workflow"
MOST_OPEN: Final = 4_000
"""Commands of one partition that may be under way; beyond, reacting pauses."""
READ_EVENTS: Final = 500
SAVE_PAUSE_S: Final = 0.2
RETRY_PAUSE_S: Final = 0.25
LATER: Final = (NotExecuted, StillUnknown, Overloaded, ElsewhereOwned)
"""What may be better in a moment; everything else stays as it is however often it is tried."""
INDEX_PAUSE_S: Final = 0.02
"""The index follows the log within this time."""


class Progress:
    """Which events of a partition are finished: `done` is the highest sequence with nothing open at or below it."""

    def __init__(self, done: int) -> None:
        self.done = done
        self.open = 0
        self._commands: dict[int, int] = {}
        self._order: deque[int] = deque()

    def started(self, sequence: int, commands: int) -> None:
        """An event was reacted to with so many commands."""
        self._commands[sequence] = commands
        self._order.append(sequence)
        self.open += commands
        self._advance()

    def finished(self, sequence: int) -> None:
        """One command of that event has come to its end."""
        self._commands[sequence] -= 1
        self.open -= 1
        self._advance()

    def _advance(self) -> None:
        while self._order and self._commands[self._order[0]] == 0:
            self.done = self._order.popleft()
            del self._commands[self.done]


@dataclass(frozen=True, slots=True)
class Sent:
    """A workflow's command on its way, with the event it answers."""

    cause: Recorded[Event]
    rule: str
    submission: Submission


class Follower:
    """Reacts to one partition."""

    def __init__(self, writer: Writer, writers: Writers, index: Index, checkpoints: WorkflowCheckpoints) -> None:
        self.progress = Progress(0)
        self._writer = writer
        self._writers = writers
        self._index = index
        self._checkpoints = checkpoints
        self._number = writer.partition.number
        self._room = asyncio.Event()

    async def run(self) -> None:
        """Follow the partition until cancelled."""
        await self._writer.ready.wait()
        self.progress = Progress(await self._checkpoints.load(self._number))
        saving = asyncio.create_task(self._keep_saved())
        place = self.progress.done
        try:
            while True:
                for recorded in await self._next(place):
                    self._react(recorded)
                    place = recorded.position.sequence
                await self._until_room()
        finally:
            saving.cancel()

    async def _next(self, after: int) -> Sequence[Recorded[Event]]:
        """The next committed events: from the writer's memory, otherwise from the index; waits until there are some."""
        while True:
            self._writer.changed.clear()
            recent = self._writer.recent(after)
            if recent:
                return recent
            if recent is not None:
                await self._writer.changed.wait()
                continue
            found = await self._index.after(self._number, after, READ_EVENTS)
            if found:
                return [decode(stored, self._number) for stored in found]
            await asyncio.sleep(INDEX_PAUSE_S)

    async def _until_room(self) -> None:
        while self.progress.open > MOST_OPEN:
            self._room.clear()
            await self._room.wait()

    def _react(self, recorded: Recorded[Event]) -> None:
        reactions = react(recorded)
        self.progress.started(recorded.position.sequence, len(reactions))
        for reaction in reactions:
            self._send(Sent(recorded, reaction.rule, _submission(recorded, reaction)))

    def _send(self, sent: Sent) -> None:
        answer = self._writers.submit_workflow(sent.submission)
        answer.add_done_callback(partial(self._answered, sent))

    def _answered(self, sent: Sent, answer: asyncio.Future[Answer]) -> None:
        if answer.cancelled():
            return
        error = answer.exception()
        if isinstance(error, LATER):
            asyncio.get_running_loop().call_later(RETRY_PAUSE_S, self._send, sent)
            return
        # A reused key: it was executed before, by a version of the program that worded it differently.
        if error is not None and not isinstance(error, KeyReused) and self._report(sent, error):
            return
        self.progress.finished(sent.cause.position.sequence)
        self._room.set()

    def _report(self, sent: Sent, error: BaseException) -> bool:
        """Put a refusal on the order it concerns; False where it cannot be put anywhere but into the log lines."""
        WORKFLOW_REFUSED.labels(sent.rule).inc()
        known = error if isinstance(error, Rejected | CommandTooLarge) else None
        logger.error(
            "workflow rule %s on %s refused: %s", sent.rule, sent.submission.stream, type(error).__name__,
            exc_info=None if known else error,
        )  # fmt: skip
        concerned = [name for name in (sent.submission.stream, sent.cause.stream) if kind_of(name) == "order"]
        if not concerned or isinstance(sent.submission.command, ReportRefusal):
            return False
        refusal = str(known) if known else "an internal error; see the program's log"
        report = ReportRefusal(command=type(sent.submission.command).__name__, refusal=refusal[:200])
        rule = f"report-{sent.rule}"
        self._send(Sent(sent.cause, rule, _as_submission(sent.cause, rule, concerned[0], report)))
        return True

    async def _keep_saved(self) -> None:
        saved = self.progress.done
        while True:
            await asyncio.sleep(SAVE_PAUSE_S)
            done = self.progress.done
            WORKFLOW_LAG.labels(self._number).set(self._writer.partition.sequence - done)
            if done == saved:
                continue
            try:
                await self._checkpoints.save(self._number, done)
                saved = done
            except Exception as error:  # noqa: BLE001 - whatever the driver raises: the next round tries again
                logger.warning("workflow checkpoint %d cannot be saved: %s", self._number, type(error).__name__)


class WorkflowRunner:
    """One `Follower` per partition that this process owns."""

    def __init__(self, writers: Writers, index: Index, checkpoints: WorkflowCheckpoints) -> None:
        self._writers = writers
        self.followers = tuple(Follower(writer, writers, index, checkpoints) for writer in writers.all)

    async def run(self) -> None:
        """React until cancelled."""
        async with asyncio.TaskGroup() as group:
            for follower in self.followers:
                group.create_task(follower.run())

    @property
    def idle(self) -> bool:
        """Whether everything committed has been reacted to and every command has come to its end."""
        pairs = zip(self.followers, self._writers.all, strict=True)
        return all(follower.progress.done >= writer.partition.sequence for follower, writer in pairs)


def _submission(cause: Recorded[Event], reaction: Reaction) -> Submission:
    return _as_submission(cause, reaction.rule, reaction.stream, reaction.command)


def _as_submission(cause: Recorded[Event], rule: str, stream: str, command: Command) -> Submission:
    body = command.model_dump_json().encode()
    return Submission(
        stream=stream,
        command=command,
        command_id=workflow_command_id(stream, cause.event_id, rule),
        command_hash=hashlib.sha256(body).hexdigest(),
        actor=ACTOR,
        role=Role.WORKFLOW,
        correlation_id=cause.metadata.correlation_id,
        causation_id=cause.event_id,
        traceparent=cause.metadata.traceparent,
        size=len(body),
    )
