"""What has to be true of a world's log.

Each check gives sentences, one for each thing that is wrong; none where all is well. Must not know: faults. What is
compared with is the core itself (`domain/`), on the log's own prefixes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from domain.catalogue import DECIDERS
from domain.decider import NO_COMMAND
from domain.order.events import OrderPlaced
from domain.order.number import order_number
from domain.stock.events import StockAllocated, StockReserved
from domain.stream_names import kind_of
from simulation.answers import answered_by_the_log
from simulation.core import context_of, decision, folds
from simulation.history import Committed, History
from simulation.server import NUMBER_PREFIX

if TYPE_CHECKING:
    from domain.decider import Command, Event
    from simulation.client import ClientCommand
    from simulation.world import World

GENESIS: Final = "0" * 64


def findings(world: World, history: History) -> Iterator[str]:
    """Everything that is wrong."""
    for error in (*world.ends, *world.loop.failures):
        yield f"a process ended with {error!r}"
    for partition in history.partitions:
        yield from sequences(partition)
        yield from serials(partition, world.plan.partitions)
    for stream, events in history.streams.items():
        yield from versions(stream, events)
        yield from promised_what_was_there(stream, events)
    yield from alone(history)
    for events in history.commands.values():
        yield from executed_once(events)
    asked = [asked for client in world.clients for asked in client.asked]
    known = {each.submission.command_id: each.submission.command for each in asked if not each.reused}
    known |= {ident: reaction.command for ident, reaction in history.reactions.items()}
    for events in history.streams.values():
        yield from decided_by_the_core(events, known)
    yield from nobody_asked(asked, history)
    for each in asked:
        if not each.reused:
            yield from answered_by_the_log(each, history)
            yield from recorded_as_sent(each, history)


def sequences(events: list[Committed]) -> Iterator[str]:
    """Of a partition: from 1, without gap or repeat."""
    found = [each.recorded.position.sequence for each in events]
    if found != list(range(1, len(found) + 1)):
        yield f"sequences {found}"


def serials(events: list[Committed], partitions: int) -> Iterator[str]:
    """Serial = k × N + partition, k counted from 1 in the partition."""
    count = 0
    for each in events:
        event, position = each.recorded.event, each.recorded.position
        if isinstance(event, OrderPlaced):
            count += 1
            if event.serial != count * partitions + position.partition:
                yield f"the order placed at {position} has serial {event.serial}, and is the partition's {count}."


def versions(stream: str, events: list[Committed]) -> Iterator[str]:
    """Of a stream: from 1, each linked to the one before; every command later than the one before."""
    previous, last, command = GENESIS, datetime.min.replace(tzinfo=UTC), NO_COMMAND
    for version, each in enumerate(events, 1):
        recorded = each.recorded
        if recorded.version != version:
            yield f"{stream} has version {recorded.version} where {version} was due"
        if each.previous_hash != previous:
            yield f"{stream}@{version} is not linked to the event before it"
        known = recorded.metadata
        if known.recorded_at < last or (known.recorded_at == last and known.command_id != command):
            yield f"{stream}@{version} was not recorded after the command before it"
        previous, last, command = recorded.hash, known.recorded_at, known.command_id


def promised_what_was_there(stream: str, events: list[Committed]) -> Iterator[str]:
    """No unit is reserved that is not free."""
    if kind_of(stream) != "stock":
        return
    for state, each in folds(stream, events):
        after = DECIDERS["stock"].evolve(state, each.recorded.event)
        if isinstance(each.recorded.event, StockReserved | StockAllocated) and after.available < 0:
            yield f"{stream}@{each.recorded.version} reserved {-after.available} units too many"


def alone(history: History) -> Iterator[str]:
    """No two events have one id, no two orders one number or tracking token."""
    events = [each.recorded for stream in history.streams.values() for each in stream]
    placed = [recorded.event for recorded in events if isinstance(recorded.event, OrderPlaced)]
    once: dict[str, list[object]] = {
        "event id": [recorded.event_id for recorded in events],
        "order number": [event.number for event in placed],
        "tracking token": [event.tracking_token for event in placed],
    }
    for what, values in once.items():
        if len(set(values)) < len(values):
            yield f"{what} given twice"
    for event in placed:
        if event.number != order_number(NUMBER_PREFIX, event.business_date.year, event.serial):
            yield f"the order of serial {event.serial} has number {event.number}"


def nobody_asked(asked: list[ClientCommand], history: History) -> Iterator[str]:
    """Every command of the log was a client's, a rule's, or tells of a rule's refusal."""
    wanted = {each.submission.command_id for each in asked} | set(history.reactions) | history.reports
    for ident in set(history.commands) - wanted:
        yield f"nobody asked for {history.commands[ident][0].recorded}"
    for ident, reaction in history.reactions.items():
        for each in history.commands.get(ident, []):
            known, cause = each.recorded.metadata, reaction.cause
            if (known.causation_id, known.correlation_id) != (cause.event_id, cause.metadata.correlation_id):
                yield f"{each.recorded} does not name its cause {cause.event_id}"


def recorded_as_sent(asked: ClientCommand, history: History) -> Iterator[str]:
    """Who, and what set it off, is as it was sent."""
    sent = asked.submission
    for each in history.commands.get(sent.command_id, []):
        known = each.recorded.metadata
        if (known.actor, known.role, known.correlation_id, known.causation_id) != (
            sent.actor,
            sent.role,
            sent.correlation_id,
            None,
        ):
            yield f"{each.recorded} is not as {sent.actor} sent it"


def executed_once(events: list[Committed]) -> Iterator[str]:
    """All events of a command stand together, in one stream."""
    first = events[0].recorded.position
    found = [each.recorded.position.sequence for each in events]
    together = list(range(first.sequence, first.sequence + len(events)))
    streams = {each.recorded.stream for each in events}
    if found != together or len(streams) > 1:
        yield f"command {events[0].recorded.metadata.command_id} was executed at {found} in {sorted(streams)}"


def decided_by_the_core(events: list[Committed], known: dict[Any, Command]) -> Iterator[str]:
    """Every command whose words are known came to what the core decides on the state before it."""
    stream, begin = events[0].recorded.stream, 0
    for state, each in folds(stream, events):
        recorded = each.recorded
        if recorded.version - 1 != begin:
            continue
        group = _of_one_command(events[begin:])
        begin += len(group)
        command = known.get(recorded.metadata.command_id)
        if command is None:
            continue
        decided, came_to = decision(state, command, context_of(recorded, command)), tuple(group)
        if decided != came_to:
            yield f"{stream}@{recorded.version}: {type(command).__name__} came to {came_to}, the core decides {decided}"


def _of_one_command(events: list[Committed]) -> list[Event]:
    first = events[0].recorded.metadata.command_id
    group: list[Event] = []
    for each in events:
        if each.recorded.metadata.command_id != first:
            break
        group.append(each.recorded.event)
    return group
