"""Whether answers came in an order that can be: nothing was shown before it was asked for, and no state went back.

The order of a journal's lines is that of time. A command is answered with the version that its stream has then; a read
may lie behind the commands, and never behind its own token, nor behind what a read showed before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from checker.findings import Finding, Violation
from checker.journal import Certainty, Exchange, Journal, Reply
from checker.log_file import LogFile, LogRecord

VERSION_CONFLICT: Final = 412
NOT_FOUND: Final = 404


Newest = defaultdict[tuple[str, bool], int]
"""The newest version that was shown by the line that is looked at: by stream, of reads alone or of commands too."""


def check_order(journal: Journal, log: LogFile) -> Iterator[Finding]:
    """Everything that is wrong."""
    newest: Newest = defaultdict(int)
    least: dict[int, int] = {}
    asked_at = first_asked(journal)
    for exchange, reply in _in_time(journal):
        stream = exchange.stream
        if reply is None:
            least[exchange.place] = max(newest[stream or "", exchange.is_command], _token_version(exchange, log))
            continue
        yield from _token(exchange, reply)
        version = _shown(exchange, reply)
        if stream is None or version is None:
            continue
        yield from _ahead(exchange, reply, log.streams.get(stream, [])[:version], version, asked_at)
        yield from _behind(exchange, version, 0 if reply.repeated else least[exchange.place])
        for of_commands in (False, True) if not exchange.is_command else (True,):
            newest[stream, of_commands] = max(newest[stream, of_commands], version)


def first_asked(journal: Journal) -> dict[str, int]:
    """Line of the first question for each command under a key."""
    places: dict[str, int] = {}
    for each in journal.commands:
        if each.command_id is not None:
            places.setdefault(each.command_id, each.place)
    return places


def positions(token: str) -> dict[int, int]:
    """Sequence by partition of `0:12,1:4`."""
    found: dict[int, int] = {}
    for part in filter(None, token.split(",")):
        partition, _, sequence = part.partition(":")
        found[int(partition)] = max(int(sequence), found.get(int(partition), 0))
    return found


def _in_time(journal: Journal) -> Iterator[tuple[Exchange, Reply | None]]:
    """Questions (without an answer) and answers, line by line."""
    lines: list[tuple[int, Exchange, Reply | None]] = [(each.place, each, None) for each in journal.exchanges]
    lines += [(each.reply.place, each, each.reply) for each in journal.exchanges if each.reply is not None]
    return ((exchange, reply) for _, exchange, reply in sorted(lines, key=lambda line: line[0]))


def _token_version(exchange: Exchange, log: LogFile) -> int:
    return log.version_at(exchange.stream or "", positions(exchange.after))


def _shown(exchange: Exchange, reply: Reply) -> int | None:
    """Version that an answer speaks of: also where it is not the expected one; 0 of what a read does not know yet."""
    if exchange.outcome is Certainty.ACCEPTED or reply.status == VERSION_CONFLICT:
        return reply.version
    return 0 if reply.status == NOT_FOUND and not exchange.is_command else None


def _token(exchange: Exchange, reply: Reply) -> Iterator[Finding]:
    """A read has seen what it was asked to wait for, and says so."""
    if exchange.is_command or exchange.outcome is not Certainty.ACCEPTED or reply.position is None:
        return
    seen = positions(reply.position)
    for partition, sequence in positions(exchange.after).items():
        if seen.get(partition, 0) < sequence:
            yield Finding(Violation.STALE, f"{exchange.name}: waited for {exchange.after}, had seen {reply.position}")


def _ahead(
    exchange: Exchange, reply: Reply, known: list[LogRecord], version: int, asked_at: dict[str, int]
) -> Iterator[Finding]:
    if version > len(known):
        yield Finding(Violation.AHEAD, f"{exchange.name}: version {version}, and the log ends at {len(known)}")
    for event in known[-1:]:
        if asked_at.get(event.command, 0) > reply.place:
            yield Finding(Violation.AHEAD, f"{exchange.name} was told of {event.name} before anybody asked for it")


def _behind(exchange: Exchange, version: int, least: int) -> Iterator[Finding]:
    if version < least:
        violation = Violation.STALE if exchange.after else Violation.WENT_BACK
        yield Finding(violation, f"{exchange.name}: version {version}, and {least} was known")
