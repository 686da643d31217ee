"""The commands that wait for one partition, and which of them make its next batch.

Three queues, each worked off in the order in which it came: orders to be placed, all other commands of people, and the
workflow's. Decides: how a batch is shared between them, and who is asked to come again. Of the workflow's a batch holds
as many as the process's budget has for this partition, and as people's bring room for; of people's as many as it has
room for. Only orders to be placed wait while the workflow is behind, and of them, too, one is in every batch. Must not
know: what else a command means, how a batch is decided.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streams.writing.callers import Waiting, fail_all
from streams.writing.errors import CommandTooLarge, Overloaded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streams.runtime import Limits
    from streams.writing.budget import Budget
    from streams.writing.errors import WriteError
    from streams.writing.pace import Pace
    from streams.writing.submission import Submission


@dataclass(slots=True)
class Gathered:
    """A batch while it is put together."""

    all: list[Waiting]
    room: int
    """For how many more of the workflow's commands."""
    placed: int = 0
    acts: int = 0
    """Other commands of people."""
    size: int = 0
    previews: int = 0

    def add(self, waiting: Waiting) -> None:
        """One more."""
        self.all.append(waiting)
        self.size += waiting.submission.size
        self.previews += waiting.submission.preview

    def has_room(self, limits: Limits) -> bool:
        """Whether another one may be added."""
        return (
            len(self.all) < limits.batch_commands
            and self.size < limits.batch_bytes
            and self.previews < limits.batch_previews
        )


class Queues:
    """What waits for one of so many partitions. `some` is set while a batch can be taken."""

    def __init__(self, limits: Limits, partitions: int, budget: Budget, pace: Pace) -> None:
        self.some = asyncio.Event()
        self._limits = limits
        self._budget = budget
        self._pace = pace
        self._most_bytes = limits.waiting_bytes // partitions
        self._again: list[Waiting] = []
        self._placing: deque[Waiting] = deque()
        self._people: deque[Waiting] = deque()
        self._workflow: deque[Waiting] = deque()
        self._bytes = 0

    def put(self, submission: Submission) -> Waiting:
        """Queue a command from outside; raises `Overloaded` or `CommandTooLarge` at once."""
        if submission.size > self._limits.command_bytes:
            raise CommandTooLarge
        if self.people >= self._limits.waiting_commands or self._bytes > self._most_bytes:
            raise Overloaded(1)
        self._bytes += submission.size
        begins = submission.places and not submission.preview
        return self._queued(self._placing if begins else self._people, submission)

    def put_workflow(self, submission: Submission) -> Waiting:
        """Queue a workflow's command; never refused for load."""
        return self._queued(self._workflow, submission)

    def put_back(self, batch: Iterable[Waiting]) -> None:
        """Have these decided again, before all others."""
        self._again += [waiting for waiting in batch if not waiting.answer.done()]
        self.some.set()

    @property
    def people(self) -> int:
        """How many commands from outside wait."""
        return len(self._placing) + len(self._people)

    @property
    def reactions(self) -> int:
        """How many of the workflow's commands wait."""
        return len(self._workflow)

    def take(self) -> list[Waiting]:
        """The next batch: first those who were put back, then others, without those whose callers have gone."""
        self._pace.look()
        given = self._budget.take(self.some, len(self._workflow))
        batch, self._again = Gathered(self._again, given), []
        while batch.has_room(self._limits) and (queue := self._next(batch)) is not None:
            waiting = queue.popleft()
            if queue is not self._workflow:
                self._bytes -= waiting.submission.size
            if waiting.answer.done():
                continue
            batch.add(waiting)
            if queue is self._workflow:
                batch.room -= 1
                self._pace.worked_off()
            elif queue is self._people:
                batch.acts += 1
                batch.room += self._limits.reactions_beside
            else:
                batch.placed += 1
                batch.room += self._set_off(waiting.submission)
        if not self.people and not (self._workflow and given):
            self.some.clear()
        return batch.all

    def _next(self, batch: Gathered) -> deque[Waiting] | None:
        """Whose turn it is. One of each kind of people's goes before the workflow's, which may fill a batch."""
        if self._placing and not batch.placed:
            return self._placing
        if self._people and not batch.acts:
            return self._people
        if self._workflow and batch.room:
            return self._workflow
        if self._placing and self._pace.admits and (batch.placed <= batch.acts or not self._people):
            return self._placing
        return self._people or None

    def _set_off(self, order: Submission) -> int:
        """About how many of the workflow's commands will follow from placing the order."""
        number = 1 + order.size // self._limits.reaction_bytes
        self._pace.set_off(number)
        return number

    def done(self) -> None:
        """The batch that was taken has come to its end."""
        self._budget.give_back(self.some)

    def pause(self) -> None:
        """Nothing is taken for a while: what the budget has is others'."""
        self._budget.leave(self.some)

    def close(self, error: type[WriteError]) -> None:
        """Tell everybody who waits, and take nothing more."""
        self.pause()
        for queue in (self._again, self._placing, self._people, self._workflow):
            fail_all(queue, error)
            queue.clear()

    def _queued(self, queue: deque[Waiting], submission: Submission) -> Waiting:
        waiting = Waiting(submission, asyncio.get_running_loop().create_future())
        queue.append(waiting)
        self.some.set()
        return waiting
