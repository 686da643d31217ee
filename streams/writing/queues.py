"""The commands that wait for one partition, and which of them make its next batch.

Two queues, people's and the workflow's, each worked off in the order in which it came. Decides: how a batch is shared
between them, and who is asked to come again. Of the workflow's there are in a batch as many as the process's budget has
for this partition, and as people's bring along; of people's all that wait, or, while the workflow is behind, as many as
its pace admits, and one in any case. Must not know: what a command means, how a batch is decided.
"""

from __future__ import annotations

import asyncio
from collections import deque
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


class Queues:
    """What waits for one of so many partitions. `some` is set while a batch can be taken."""

    def __init__(self, limits: Limits, partitions: int, budget: Budget, pace: Pace) -> None:
        self.some = asyncio.Event()
        self._limits = limits
        self._budget = budget
        self._pace = pace
        self._most_bytes = limits.waiting_bytes // partitions
        self._again: list[Waiting] = []
        self._people: deque[Waiting] = deque()
        self._workflow: deque[Waiting] = deque()
        self._bytes = 0

    def put(self, submission: Submission) -> Waiting:
        """Queue a command from outside; raises `Overloaded` or `CommandTooLarge` at once."""
        if submission.size > self._limits.command_bytes:
            raise CommandTooLarge
        if len(self._people) >= self._limits.waiting_commands or self._bytes > self._most_bytes:
            raise Overloaded(1)
        self._bytes += submission.size
        return self._queued(self._people, submission)

    def put_workflow(self, submission: Submission) -> Waiting:
        """Queue a workflow's command; never refused for load."""
        return self._queued(self._workflow, submission)

    def put_back(self, batch: Iterable[Waiting]) -> None:
        """Have these decided again, before all others."""
        self._again += [waiting for waiting in batch if not waiting.answer.done()]
        self.some.set()

    @property
    def reactions(self) -> int:
        """How many of the workflow's commands wait."""
        return len(self._workflow)

    def take(self) -> list[Waiting]:
        """The next batch, without those whose callers have gone."""
        batch = [waiting for waiting in self._again if not waiting.answer.done()]
        self._again.clear()
        self._drop_gone()
        self._pace.look()
        given = room = self._budget.take(self.some, len(self._workflow))
        size = previews = people = 0
        while len(batch) < self._limits.batch_commands and self._has_room(size, previews):
            if self._workflow and room:
                waiting = self._workflow.popleft()
                room -= 1
                self._pace.worked_off()
            elif self._people and (not people or self._pace.admits):
                waiting = self._people.popleft()
                self._bytes -= waiting.submission.size
                people += 1
                sets_off = self._sets_off(waiting.submission)
                room += sets_off
                self._pace.set_off(sets_off)
            else:
                break
            batch.append(waiting)
            size += waiting.submission.size
            previews += waiting.submission.preview
            self._drop_gone()
        if not self._people and not (self._workflow and given):
            self.some.clear()
        return batch

    def done(self) -> None:
        """The batch that was taken has come to its end."""
        self._budget.give_back(self.some)

    def pause(self) -> None:
        """Nothing is taken for a while: what the budget has is others'."""
        self._budget.leave(self.some)

    def close(self, error: type[WriteError]) -> None:
        """Tell everybody who waits, and take nothing more."""
        self.pause()
        for queue in (self._again, self._people, self._workflow):
            fail_all(queue, error)
            queue.clear()

    def _queued(self, queue: deque[Waiting], submission: Submission) -> Waiting:
        waiting = Waiting(submission, asyncio.get_running_loop().create_future())
        queue.append(waiting)
        self.some.set()
        return waiting

    def _sets_off(self, submission: Submission) -> int:
        """About how many of the workflow's commands follow from it."""
        return 0 if submission.preview else 1 + submission.size // self._limits.reaction_bytes

    def _has_room(self, size: int, previews: int) -> bool:
        return size < self._limits.batch_bytes and previews < self._limits.batch_previews

    def _drop_gone(self) -> None:
        while self._people and self._people[0].answer.done():
            self._bytes -= self._people.popleft().submission.size
        while self._workflow and self._workflow[0].answer.done():
            self._workflow.popleft()
