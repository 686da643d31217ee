"""All checks of a journal and a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from checker.command_checks import check_commands
from checker.findings import Finding
from checker.journal import Certainty, Journal
from checker.log_checks import check_log
from checker.log_file import LogFile
from checker.order_checks import check_order
from checker.stock_checks import check_stock


def check(journal: Journal, log: LogFile) -> Iterator[Finding]:
    """Everything that is wrong."""
    yield from check_log(log)
    yield from check_stock(log)
    yield from check_commands(journal, log)
    yield from check_order(journal, log)


def summary(journal: Journal, log: LogFile) -> str:
    """How much was looked at: without it, "no violations" says nothing."""
    commands = Counter(each.outcome for each in journal.commands)
    reads = sum(not each.is_command for each in journal.exchanges)
    told = ", ".join(f"{commands[outcome]} {outcome.name.lower().replace('_', ' ')}" for outcome in Certainty)
    events = sum(len(events) for events in log.partitions.values())
    return f"commands: {told}; reads: {reads}; events: {events} in {len(log.streams)} streams"
