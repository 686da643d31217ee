"""Commands that wait for their outcome, each with its caller.

Decides: what a caller hears when its own time or the server's runs out. Must not know: batches, logs.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.writing.errors import NotExecuted, StillUnknown, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streams.writing.staging import ResultOrError
    from streams.writing.submission import CommandResult, Submission


@dataclass(slots=True)
class Waiting:
    """A submission with the caller who waits for its answer."""

    submission: Submission
    answer: asyncio.Future[CommandResult]
    staged: bool = False
    """Whether it is perhaps in the log: its caller cannot be told that nothing was executed."""
    tries: int = 0
    """How often it was decided."""

    def __post_init__(self) -> None:
        self.answer.add_done_callback(_seen)


def _seen(answer: asyncio.Future[CommandResult]) -> None:
    """A caller whose time ran out asks no more; that nobody heard the answer is no fault of the program."""
    if not answer.cancelled():
        answer.exception()


def answer_all(batch: Sequence[Waiting], outcomes: Sequence[ResultOrError]) -> None:
    """Give every caller the outcome of the same place."""
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.answer.done():
            continue
        if isinstance(outcome, Exception):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)


def fail_all(batch: Iterable[Waiting], error: type[WriteError]) -> None:
    """Tell every caller who still waits the same."""
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error())


def fail_left(batch: Iterable[Waiting]) -> None:
    """Tell every caller who still waits that we have come to our end, and what is known of the command."""
    for waiting in batch:
        fail_all([waiting], StillUnknown if waiting.staged else NotExecuted)


async def answered(waiting: Waiting, deadline_s: float) -> CommandResult:
    """The answer within the deadline; after it `StillUnknown` if the command was staged, else `NotExecuted`.

    The same when cancelled: the server ends, and its caller still has to hear what is known.
    """
    with contextlib.suppress(TimeoutError, asyncio.CancelledError):
        async with asyncio.timeout(deadline_s):
            return await asyncio.shield(waiting.answer)
    if waiting.answer.done():
        return waiting.answer.result()
    if waiting.staged:
        raise StillUnknown
    waiting.answer.cancel()
    raise NotExecuted
