"""The checker that knows nothing of us finds nothing wrong in simulated worlds, and what is planted there it finds."""

import io
from pathlib import Path
from typing import Any

import pytest

from checker.check import check
from checker.findings import Violation
from checker.journal import JournalWriter, read_journal
from checker.log_file import read_log
from commands.problems import problem_kind
from domain.decider import Coded
from domain.order.commands import PlaceOrder
from domain.stream_names import kind_of, name_of
from simulation.client import ClientCommand
from simulation.plan import plan_of
from simulation.run import let_go, live
from simulation.world import World, stored
from streams.writing.errors import NotExecuted, VersionConflict
from streams.writing.partition import Partition
from streams.writing.submission import CommandResult, Submission
from web.command_addresses import ORDER_COMMANDS, PLACE_ORDER, STOCK_COMMANDS

WORDS = {command: word for words in (ORDER_COMMANDS, STOCK_COMMANDS) for word, command in words.items()}

Told = list[tuple[ClientCommand, CommandResult | Exception | None]]


def violations(seed: int, folder: Path) -> set[Violation]:
    """What the checker finds in the world of a seed."""
    world = World(plan_of(seed))
    assert list(live(world)) == []
    with JournalWriter(folder / "journal", whole=True) as journal:
        write_down(journal, world.told)
    exported = io.BytesIO()
    for number in range(world.plan.partitions):
        for record in stored(world.broker, number):
            exported.write(f"{number}:{record.sequence}\t".encode() + record.value + b"\n")
    let_go(world)
    exported.seek(0)
    with (folder / "journal").open("rb") as lines:
        return {finding.violation for finding in check(read_journal(lines), read_log(exported))}


def write_down(journal: JournalWriter, told: Told) -> None:
    """As clients of the HTTP API would have written it down."""
    numbers: dict[int, int] = {}
    for asked, outcome in told:
        sent = asked.submission
        if outcome is None:
            known = {"actor": sent.actor, "key": asked.key, "attempt": len(asked.attempts) + 1}
            numbers[id(asked)] = journal.ask("c", "POST", route(sent), sent.command.model_dump_json().encode(), **known)
        else:
            journal.answer(numbers[id(asked)], **as_told(sent, outcome))


def route(sent: Submission) -> str:
    if isinstance(sent.command, PlaceOrder):
        return PLACE_ORDER
    word = WORDS[type(sent.command)]
    if kind_of(sent.stream) == "order":
        return f"{PLACE_ORDER}/{name_of(sent.stream)}/{word}"
    return f"/commands/stock/{name_of(sent.stream).replace('@', '/')}/{word}"


def as_told(sent: Submission, outcome: CommandResult | Exception) -> dict[str, Any]:
    if isinstance(outcome, CommandResult):
        placed = name_of(sent.stream) if isinstance(sent.command, PlaceOrder) else None
        position = None if outcome.position is None else str(outcome.position)
        known = {"version": outcome.version, "position": position, "repeated": outcome.repeated}
        return {"status": 200, "order": placed, **known}
    if not isinstance(outcome, Coded):
        return {"status": None}
    actual = outcome.actual if isinstance(outcome, VersionConflict) else None
    return {"status": problem_kind(type(outcome)).status, "problem": outcome.code(), "version": actual}


@pytest.mark.parametrize("seed", range(200, 212))
def test_nothing_is_found_where_nothing_is_wrong(seed: int, tmp_path: Path) -> None:
    assert violations(seed, tmp_path) == set()


def found_within(seeds: int, folder: Path) -> set[Violation]:
    """What is found in the first world in which anything is."""
    for seed in range(1, seeds + 1):
        (folder / str(seed)).mkdir()
        if found := violations(seed, folder / str(seed)):
            return found
    return set()


def test_a_command_that_takes_effect_twice_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer = Partition._staged_answer

    def forgetful(self: Partition, submission: Submission) -> CommandResult:
        self._staged.traces.pop(submission.command_id, None)
        self._at_hand.traces.pop(submission.command_id, None)
        return answer(self, submission)

    monkeypatch.setattr(Partition, "_staged_answer", forgetful)
    assert Violation.EXECUTED_TWICE in found_within(20, tmp_path)


def test_a_command_that_is_denied_and_was_executed_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Partition, "settle", lambda self, _: self._staged.outcomes.append(NotExecuted()))
    assert found_within(60, tmp_path) & {Violation.DENIED, Violation.UNASKED}
