"""Bugs that somebody could write any day, each as one change of the product's text, for the simulation to find."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlantedBug:
    """One change; `old` stands exactly once in the file."""

    name: str
    path: str
    old: str
    new: str


PLANTED = (
    PlantedBug(
        "dedupe-forgotten",
        "streams/writing/partition.py",
        "trace = self._staged.traces.get(submission.command_id) or self._at_hand.traces.get(submission.command_id)",
        "trace = None",
    ),
    PlantedBug(
        "answers-before-the-outcome",
        "streams/writing/writer.py",
        "        await self._owned.commit(self.partition.records)\n        done =",
        "        answer_all(batch, self.partition._staged.outcomes)\n"
        "        await self._owned.commit(self.partition.records)\n        done =",
    ),
    PlantedBug(
        "unknown-outcome-taken-for-certain",
        "streams/writing/writer.py",
        "certain=isinstance(doubt, Fenced | NotCommitted)",
        "certain=True",
    ),
    PlantedBug(
        "not-executed-although-it-may-be",
        "streams/writing/callers.py",
        "    if waiting.staged:\n        raise StillUnknown\n",
        "",
    ),
    PlantedBug(
        "index-trusted-blindly",
        "streams/writing/ownership.py",
        "sequence = await self._cover(mark, claim.end)",
        "sequence = mark.sequence",
    ),
    PlantedBug(
        "traces-of-the-tail-not-looked-up",
        "streams/writing/partition.py",
        "(*loaded.commands.get(command_id, ()), *tail.of_command(command_id, loaded.applied))",
        "loaded.commands.get(command_id, ())",
    ),
    PlantedBug(
        "streams-of-the-tail-not-looked-up",
        "streams/writing/partition.py",
        "(*loaded.streams.get(name, ()), *tail.of_stream(name, loaded.applied))",
        "loaded.streams.get(name, ())",
    ),
    PlantedBug(
        "a-lost-write-of-the-index-passes",
        "streams/memory/index.py",
        "if records[0].sequence > covered + 1:",
        "if False:",
    ),
    PlantedBug(
        "states-kept-across-a-doubt",
        "streams/writing/partition.py",
        "self._memory.drop_stream(record.stream)",
        "pass",
    ),
    PlantedBug(
        "orders-not-counted-after-a-doubt",
        "streams/writing/partition.py",
        'self.placed += record.version == 1 and kind_of(record.stream) == "order"',
        "pass",
    ),
    PlantedBug(
        "recent-events-kept-across-a-doubt",
        "streams/writing/memory.py",
        '        """Forget all: what comes next may not follow."""\n        self._events.clear()\n',
        '        """Forget all: what comes next may not follow."""\n',
    ),
    PlantedBug(
        "clock-believed",
        "streams/writing/partition.py",
        "if stream.recorded_at is not None and stream.recorded_at >= now:",
        "if False:",
    ),
    PlantedBug(
        "retry-overtakes",
        "commands/workflow_lanes.py",
        "            asyncio.get_running_loop().call_later(pause_s, self._submit, again)\n            return\n",
        "            asyncio.get_running_loop().call_later(pause_s, self._submit, again)\n"
        "            self._next(sent)\n            return\n",
    ),
    PlantedBug(
        "checkpoint-runs-ahead",
        "commands/workflow_runner.py",
        "            done = self.progress.done\n",
        "            done = self._writer.reacted or 0\n",
    ),
    PlantedBug(
        "foreign-claim-ignored",
        "streams/writing/ownership.py",
        "if newest is not None and newest[0] > self._newest_term and newest[1].instance != self._record.instance:",
        "if False:",
    ),
    PlantedBug(
        "reaction-given-up",
        "commands/workflow_lanes.py",
        "if isinstance(error, LATER):",
        "if isinstance(error, LATER) and not isinstance(error, NotExecuted):",
    ),
    PlantedBug(
        "snapshot-believed",
        "streams/writing/folding.py",
        "if not rows or digest(rows[0].value) != snapshot.hash:",
        "if not rows:",
    ),
    PlantedBug(
        "staged-kept-after-a-doubt",
        "streams/writing/partition.py",
        'until we `learn`."""\n        self._at_hand, self._staged = AtHand(), Staged()\n',
        'until we `learn`."""\n        self._at_hand = AtHand()\n',
    ),
    PlantedBug(
        "orders-counted-anew-when-opened",
        "streams/writing/ownership.py",
        "self._partition.placed = placed.orders",
        "self._partition.placed = 0",
    ),
    PlantedBug(
        "nothing-read-after-a-doubt",
        "streams/writing/ownership.py",
        "self._read(tail.bookmark, tail.sequence, claim.end)",
        "self._read(tail.bookmark, tail.sequence, tail.bookmark)",
    ),
    PlantedBug(
        "hash-not-moved-on",
        "streams/writing/partition.py",
        "stream = Stream(evolve(stream.state, event), draft.version, digest(value), sequence, now, size)",
        "stream = Stream(evolve(stream.state, event), draft.version, stream.hash, sequence, now, size)",
    ),
    PlantedBug(
        "doubles-in-one-batch",
        "streams/writing/partition.py",
        "trace = self._staged.traces.get(submission.command_id) or self._at_hand.traces.get(submission.command_id)",
        "trace = self._at_hand.traces.get(submission.command_id)",
    ),
    PlantedBug(
        "executed-and-told-not-to-be",
        "streams/writing/partition.py",
        "NotExecuted() if trace is None else self._repeated(submission, trace)",
        "NotExecuted()",
    ),
    PlantedBug(
        "order-number-twice",
        "streams/writing/partition.py",
        "number = order_number(self._company.prefix, day_in(context.zone, now).year, serial)",
        "number = order_number(self._company.prefix, day_in(context.zone, now).year, serial // 9)",
    ),
    PlantedBug(
        "answer-with-a-state-of-its-own",
        "streams/writing/partition.py",
        "ident, repeated=False, state=stream.state)",
        "ident, repeated=False, state=None)",
    ),
    PlantedBug(
        "refused-at-another-version",
        "streams/writing/partition.py",
        "refused.version = stream.version",
        "refused.version = stream.version + 1",
    ),
    PlantedBug(
        "cause-forgotten",
        "streams/writing/partition.py",
        "causation_id=submission.causation_id",
        "causation_id=None",
    ),
    PlantedBug(
        "folds-kept-across-a-loss",
        "projections/projector/transaction.py",
        "        self._folds.forget()\n",
        "",
    ),
    PlantedBug(
        "a-commit-without-an-answer-not-doubted",
        "projections/projector/transaction.py",
        "                self._tenure = replace(self._tenure, generation=DOUBTFUL)\n",
        "",
    ),
    PlantedBug(
        "epoch-not-compared",
        "projections/checkpoints.py",
        "if found.epoch > tenure.epoch or found.owner != tenure.owner:",
        "if found.owner == tenure.owner == '':",
    ),
    PlantedBug(
        "place-not-compared",
        "projections/projector/transaction.py",
        "    if stored == portion.after:\n        return False\n    if stored == portion.before:\n        return True\n",
        "    if stored.sequence <= portion.after.sequence:\n        return True\n",
    ),
    PlantedBug(
        "portions-joined-without-the-first",
        "projections/projector/projector.py",
        "earlier.records + portion.records",
        "portion.records",
    ),
    PlantedBug(
        "moved-by-what-was-not-due",
        "projections/projector/transaction.py",
        "known = await self._known(transaction, due)",
        "known = await self._known(transaction, due[:1])",
    ),
)
