"""The workflow's commands on their way to the writers.

Decides: in which order they are submitted (for each pair of source and target stream in the order of the source's
versions, the next one only when the one before has come to its end), which outcomes are tried again, and what becomes
of a refusal. Must not know: what the rules are, how far the workflow is.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from domain.decider import Coded, Command
from domain.order.commands import ReportRefusal
from domain.roles import Role
from domain.stream_names import kind_of
from streams.ids import workflow_command_id
from streams.metrics import WORKFLOW_REFUSED
from streams.writing.errors import (
    ElsewhereOwned,
    KeyReused,
    NotExecuted,
    Overloaded,
    StillUnknown,
    StreamParked,
)
from streams.writing.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from domain.decider import Event
    from domain.recorded import Recorded
    from streams.writing.submission import CommandResult
    from streams.writing.writers import Writers

logger = logging.getLogger(__name__)

ACTOR: Final = "workflow"
LATER: Final = (NotExecuted, StillUnknown, Overloaded, ElsewhereOwned)
"""What may be better in a moment; everything else stays as it is however often it is tried."""
INTERNAL_ERROR: Final = "internal-error"
"""The code of what is no refusal but a fault of ours; the program's log says which."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What is known of an event while its reactions are under way. The event itself may be as large as its order, or
    as a thousand answers of a stock item: kept with every reaction, events took more than all reactions.
    """

    stream: str
    sequence: int
    event_id: UUID
    correlation_id: UUID
    traceparent: str | None

    @classmethod
    def of(cls, recorded: Recorded[Event]) -> Cause:
        """Of a committed event."""
        known = recorded.metadata
        return cls(
            recorded.stream, recorded.position.sequence, recorded.event_id, known.correlation_id, known.traceparent
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A workflow's command on its way, with what it answers."""

    cause: Cause
    rule: str
    submission: Submission

    @property
    def lane(self) -> tuple[str, str]:
        """Source and target stream."""
        return self.cause.stream, self.submission.stream


class Lanes:
    """Commands that follow from one partition's events. `ended` hears of each command's end."""

    def __init__(self, writers: Writers, ended: Callable[[Sent, StreamParked | None], None]) -> None:
        self._writers = writers
        self._ended = ended
        # Lists: nearly all hold one command, and an empty deque takes as much as five of them.
        self._lanes: dict[tuple[str, str], list[Sent]] = {}

    def send(self, sent: Sent) -> None:
        """Submit the command as soon as the one before it, from the same source to the same target, is finished."""
        lane = self._lanes.setdefault(sent.lane, [])
        lane.append(sent)
        if len(lane) == 1:
            self._submit(sent)

    def _submit(self, sent: Sent) -> None:
        answer = self._writers.submit_workflow(sent.submission)
        answer.add_done_callback(partial(self._answered, sent))

    def _answered(self, sent: Sent, answer: asyncio.Future[CommandResult]) -> None:
        if answer.cancelled():
            return
        error = answer.exception()
        if isinstance(error, LATER):
            pause_s = self._writers.runtime.limits.retry_pause_s
            again = replace(sent, submission=replace(sent.submission, lookup=True))
            asyncio.get_running_loop().call_later(pause_s, self._submit, again)
            return
        parked = error if isinstance(error, StreamParked) else None
        # A reused key: it was executed before, by a version of the program that worded it differently.
        refused = None if parked or isinstance(error, KeyReused) else error
        if refused is None or not self._reported(sent, refused):
            self._ended(sent, parked)
        self._next(sent)

    def _next(self, sent: Sent) -> None:
        lane = self._lanes[sent.lane]
        lane.pop(0)
        if lane:
            self._submit(lane[0])
        else:
            del self._lanes[sent.lane]

    def _reported(self, sent: Sent, error: BaseException) -> bool:
        """Put a refusal on the order it concerns; False where it cannot be put anywhere but into the log lines.

        The command is at its end once its report is.
        """
        WORKFLOW_REFUSED.labels(sent.rule).inc()
        code = error.code() if isinstance(error, Coded) else INTERNAL_ERROR
        logger.error(
            "workflow rule %s on %s refused: %s", sent.rule, sent.submission.stream, code,
            exc_info=None if isinstance(error, Coded) else error,
        )  # fmt: skip
        concerned = [name for name in (sent.submission.stream, sent.cause.stream) if kind_of(name) == "order"]
        if not concerned or isinstance(sent.submission.command, ReportRefusal):
            return False
        report = ReportRefusal(command=type(sent.submission.command).__name__, refusal=code)
        rule = f"report-{sent.rule}"
        self.send(Sent(sent.cause, rule, workflow_submission(sent.cause, rule, concerned[0], report)))
        return True


def workflow_submission(cause: Cause, rule: str, stream: str, command: Command, *, lookup: bool = True) -> Submission:
    """The command that a rule sends to a stream because of an event.

    `lookup` may be False where this run has committed the event: nobody can have reacted to it before.
    """
    body = command.model_dump_json().encode()
    return Submission(
        stream=stream,
        command=command,
        command_id=workflow_command_id(stream, cause.event_id, rule),
        command_hash=hashlib.sha256(body).hexdigest(),
        actor=ACTOR,
        role=Role.WORKFLOW,
        correlation_id=cause.correlation_id,
        causation_id=cause.event_id,
        traceparent=cause.traceparent,
        lookup=lookup,
        size=len(body),
    )
