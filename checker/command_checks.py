"""What was told of commands, held against the log: nothing acknowledged is missing, nothing denied was done."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from checker.findings import Finding, Violation, found
from checker.journal import Certainty, Exchange, Journal, Reply
from checker.log_file import LogFile, LogRecord
from checker.names import word_of

LEAVES_AN_EVENT: Final = frozenset({"orders", "add-note", "log-contact", "receive", "count"})
"""Commands that never come to nothing: accepted, each has an event of its own."""
WORKFLOW: Final = "workflow"
REFUSED_BY_RULE: Final = frozenset({404, 409, 412})
"""Statuses of refusals by what the log holds; others are of the request itself."""
KEY_REUSED: Final = "key-reused"
POSSIBLE: Final = frozenset({Certainty.ACCEPTED, Certainty.UNKNOWN})


def check_commands(journal: Journal, log: LogFile) -> Iterator[Finding]:
    """Everything that is wrong between answers and log."""
    under_a_key: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in journal.commands:
        if exchange.command_id is None:
            yield from _accepted(exchange, [], log)
        else:
            under_a_key[exchange.command_id].append(exchange)
    for ident, attempts in under_a_key.items():
        yield from _under_a_key(attempts, log.commands.get(ident, []), log)
    if journal.whole:
        yield from found(Violation.UNASKED, _unasked(journal, log))


def _under_a_key(attempts: list[Exchange], events: list[LogRecord], log: LogFile) -> Iterator[Finding]:
    for attempt in attempts:
        yield from _accepted(attempt, events, log)
    if events and not any(attempt.outcome in POSSIBLE for attempt in attempts):
        yield Finding(Violation.DENIED, f"{events[0].name}: {attempts[-1].name}")
    accepted = [(each, each.reply) for each in attempts if each.outcome is Certainty.ACCEPTED and each.reply]
    if events:
        yield from _after_success(attempts, accepted)
    yield from _bodies(attempts, accepted)


def _accepted(exchange: Exchange, events: list[LogRecord], log: LogFile) -> Iterator[Finding]:
    """An acknowledged command stands where its answer says."""
    reply = exchange.reply
    if exchange.outcome is not Certainty.ACCEPTED or reply is None:
        return
    if events:
        yield from _placed_as_told(exchange, reply, events[-1])
        return
    there = log.at.get(reply.position or "")
    told = there is not None and (there.stream, there.version) == (exchange.stream, reply.version)
    leaves = exchange.key is not None and word_of(exchange.route) in LEAVES_AN_EVENT
    if leaves or (reply.position is not None and not told):
        yield Finding(Violation.LOST, f"{exchange.name}: version {reply.version} at {reply.position}")


def _placed_as_told(exchange: Exchange, reply: Reply, last: LogRecord) -> Iterator[Finding]:
    if reply.version != last.version or reply.position not in (None, last.position):
        told = f"version {reply.version} at {reply.position}"
        yield Finding(Violation.MISTOLD, f"{exchange.name}: {told}, and it is {last.name}")


def _after_success(attempts: list[Exchange], accepted: list[tuple[Exchange, Reply]]) -> Iterator[Finding]:
    if sum(not reply.repeated for _, reply in accepted) > 1:
        yield Finding(Violation.NEW_TWICE, f"{accepted[0][0].name}, and {accepted[-1][0].name}")
    for attempt in attempts:
        refused = attempt.reply is not None and attempt.reply.status in REFUSED_BY_RULE
        if refused and any(reply.place < attempt.place for _, reply in accepted):
            yield Finding(Violation.REFUSED_AFTER, attempt.name)


def _bodies(attempts: list[Exchange], accepted: list[tuple[Exchange, Reply]]) -> Iterator[Finding]:
    """Of one key one body is taken, and that body is never told that another one was."""
    if len({(each.route, each.body) for each, _ in accepted}) > 1:
        yield Finding(Violation.ONE_KEY, f"{accepted[0][0].name}, and {accepted[-1][0].name}")
    if len({(each.route, each.body) for each in attempts}) == 1:
        wrong = (each.name for each in attempts if each.reply is not None and each.reply.problem == KEY_REUSED)
        yield from found(Violation.ONE_KEY, wrong)


def _unasked(journal: Journal, log: LogFile) -> Iterator[str]:
    """Commands of people that no line of the journal explains.

    One without a key is known by its answer; of those that were never answered each explains one command to its stream.
    """
    asked = {each.command_id for each in journal.commands}
    keyless = [each for each in journal.commands if each.key is None]
    answered = {(each.stream, each.reply.version) for each in keyless if each.reply is not None}
    doubtful = Counter(each.stream for each in keyless if each.outcome is Certainty.UNKNOWN)
    for ident, events in log.commands.items():
        last = events[-1]
        if last.role == WORKFLOW or ident in asked or (last.stream, last.version) in answered:
            continue
        explained_by = last.stream if doubtful[last.stream] else None
        if doubtful[explained_by] < 1:
            yield last.name
        doubtful[explained_by] -= 1
