"""What has to be true of a log whoever asked for what: numbering, chain, identity, time, causes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final

from checker.findings import Finding, Violation, found
from checker.log_file import LogFile, LogRecord
from checker.names import partition_for

PLACED: Final = "order.OrderPlaced"
NO_HASH: Final = "0" * 64


def check_log(log: LogFile) -> Iterator[Finding]:
    """Everything that is wrong with the log alone."""
    for partition, events in sorted(log.partitions.items()):
        yield from found(Violation.SEQUENCE, _sequences(partition, events))
    for events in log.streams.values():
        yield from _stream(events)
    yield from found(Violation.SERIAL, _serials(log))
    yield from found(Violation.PLACE, _astray(log))
    yield from found(Violation.IDENTITY, _identities(log.events))
    yield from found(Violation.CAUSE, _causes(log))
    for events in log.commands.values():
        yield from found(Violation.EXECUTED_TWICE, _together(events))


def partitions_of(log: LogFile) -> int:
    """How many partitions the log has, by the serials of its orders (serial = k x partitions + partition, k from 1).

    0 where no partition has an order.
    """
    firsts = ((number, next(_placed(events), None)) for number, events in log.partitions.items())
    steps = [int(event.data["serial"]) - number for number, event in firsts if event is not None]
    return max(steps, default=0)


def _placed(events: Iterable[LogRecord]) -> Iterator[LogRecord]:
    return (event for event in events if event.kind == PLACED)


def _sequences(partition: int, events: list[LogRecord]) -> Iterator[str]:
    for expected, event in enumerate(events, start=1):
        if event.sequence != expected:
            yield f"partition {partition}: sequence {expected} was due, {event.name} stands there"
            return


def _stream(events: list[LogRecord]) -> Iterator[Finding]:
    version, link, time = 0, NO_HASH, ""
    for event in events:
        if event.version != version + 1:
            yield Finding(Violation.VERSION, f"{event.name} after version {version}")
        if event.previous != link:
            yield Finding(Violation.HASH, event.name)
        if event.time < time:
            yield Finding(Violation.CLOCK, f"{event.name} is of {event.time}, the one before of {time}")
        if event.partition != events[0].partition:
            yield Finding(Violation.PLACE, f"{event.name}; its first event is {events[0].name}")
        version, link, time = event.version, event.hash, event.time


def _serials(log: LogFile) -> Iterator[str]:
    partitions = partitions_of(log)
    for number, events in sorted(log.partitions.items()):
        for count, event in enumerate(_placed(events), start=1):
            if event.data["serial"] != count * partitions + number:
                yield f"{event.name} has serial {event.data['serial']}, {count * partitions + number} was due"
                break


def _astray(log: LogFile) -> Iterator[str]:
    partitions = partitions_of(log)
    for stream, events in log.streams.items():
        due = partition_for(stream, partitions) if partitions else events[0].partition
        if events[0].partition != due:
            yield f"{events[0].name}; its stream belongs to partition {due}"


def _identities(events: Iterable[LogRecord]) -> Iterator[str]:
    every = list(events)
    orders = list(_placed(every))
    yield from _twice("event id", every, lambda event: event.id)
    yield from _twice("order number", orders, lambda event: event.data["number"])
    yield from _twice("serial", orders, lambda event: event.data["serial"])
    yield from _twice("tracking token", orders, lambda event: event.data["tracking_token"])


def _twice(what: str, events: Iterable[LogRecord], value: Callable[[LogRecord], Hashable]) -> Iterator[str]:
    owners: defaultdict[Hashable, list[LogRecord]] = defaultdict(list)
    for event in events:
        owners[value(event)].append(event)
    return (f"{what} of {given[0].name} and of {given[1].name}" for given in owners.values() if len(given) > 1)


def _causes(log: LogFile) -> Iterator[str]:
    known = {event.id for event in log.events}
    return (event.name for event in log.events if event.cause is not None and event.cause not in known)


def _together(events: list[LogRecord]) -> Iterator[str]:
    """All events of one command stand together in one stream, and come of one body."""
    first = events[0]
    places = [(event.partition, event.sequence) for event in events]
    due = [(first.partition, first.sequence + step) for step in range(len(events))]
    if (
        places != due
        or len({event.stream for event in events}) > 1
        or len({event.command_hash for event in events}) > 1
    ):
        yield f"command {first.command} at {', '.join(event.position for event in events)}"
