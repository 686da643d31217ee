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
            yield from _accepted(exchange, log)
        else:
            under_a_key[exchange.command_id].append(exchange)
    for ident, attempts in under_a_key.items():
        yield from _under_a_key(attempts, log.commands.get(ident, []), log)
    if journal.whole:
        yield from found(Violation.UNASKED, _unasked(journal, log))


def _under_a_key(attempts: list[Exchange], events: list[LogRecord], log: LogFile) -> Iterator[Finding]:
    accepted = [(each, each.reply) for each in attempts if each.outcome is Certainty.ACCEPTED and each.reply]
    ours = [(each, reply) for each, reply in accepted if events and _is_at(reply, events[-1])]
    for exchange, reply in accepted:
        if (exchange, reply) not in ours:
            yield from _elsewhere(exchange, reply, events if _is_meant(exchange, attempts, ours) else [], log)
    if events and not any(attempt.outcome in POSSIBLE for attempt in attempts):
        yield Finding(Violation.DENIED, f"{events[0].name}: {attempts[-1].name}")
    yield from _after_success(attempts, ours)
    yield from _bodies(attempts, ours)


def _accepted(exchange: Exchange, log: LogFile) -> Iterator[Finding]:
    """A command without a key, which names no event: what stands at its place has to be of its stream."""
    if exchange.outcome is Certainty.ACCEPTED and exchange.reply is not None:
        yield from _elsewhere(exchange, exchange.reply, [], log)


def _is_at(reply: Reply, last: LogRecord) -> bool:
    return reply.version == last.version and reply.position in (None, last.position)


def _is_meant(exchange: Exchange, attempts: list[Exchange], ours: list[tuple[Exchange, Reply]]) -> bool:
    """Whether the key's events are of this body: another one may have come to nothing, which leaves the key free."""
    return all(each.asks == exchange.asks for each in attempts) or any(each.asks == exchange.asks for each, _ in ours)


def _elsewhere(exchange: Exchange, reply: Reply, events: list[LogRecord], log: LogFile) -> Iterator[Finding]:
    """It is not where its events are; without any, it came to nothing, at a state that its stream really had."""
    told = f"{exchange.name}: version {reply.version} at {reply.position}"
    if events:
        yield Finding(Violation.MISTOLD, f"{told}, and it is {events[-1].name}")
        return
    there = log.at.get(reply.position or "")
    had = there is not None and (there.stream, there.version) == (exchange.stream, reply.version)
    leaves = exchange.key is not None and word_of(exchange.route) in LEAVES_AN_EVENT
    if leaves or (reply.position is not None and not had):
        yield Finding(Violation.LOST, told)


def _after_success(attempts: list[Exchange], ours: list[tuple[Exchange, Reply]]) -> Iterator[Finding]:
    if sum(not reply.repeated for _, reply in ours) > 1:
        yield Finding(Violation.NEW_TWICE, f"{ours[0][0].name}, and {ours[-1][0].name}")
    for attempt in attempts:
        refused = attempt.reply is not None and attempt.reply.status in REFUSED_BY_RULE
        if refused and any(reply.place < attempt.place for _, reply in ours):
            yield Finding(Violation.REFUSED_AFTER, attempt.name)


def _bodies(attempts: list[Exchange], ours: list[tuple[Exchange, Reply]]) -> Iterator[Finding]:
    """One body is executed under a key, and as long as there is one alone, it is never told that another was."""
    if len({each.asks for each, _ in ours}) > 1:
        yield Finding(Violation.ONE_KEY, f"{ours[0][0].name}, and {ours[-1][0].name}")
    if len({each.asks for each in attempts}) == 1:
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
