"""What has to be true of a world's log, and of every answer that was given.

Each check gives sentences, one for each thing that is wrong; none where all is well. Must not know: faults. What is
compared with is the core itself (`domain/`), on the log's own prefixes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from domain.catalogue import DECIDERS
from domain.decider import NO_COMMAND, Context, Rejected
from domain.order.commands import GiveBack, PassOn, Take
from domain.order.events import OrderPlaced
from domain.stock.events import StockAllocated, StockReserved
from domain.stream_names import kind_of
from simulation.history import Committed, History
from streams.writing.errors import VersionConflict

if TYPE_CHECKING:
    from domain.decider import Command, Event
    from domain.recorded import Recorded
    from simulation.client import ClientCommand
    from simulation.world import World

GENESIS: Final = "0" * 64
Decision: TypeAlias = "tuple[Event, ...] | Rejected"

OF_THE_HOUR: Final = (Take, PassOn, GiveBack)
"""What is refused or not depends on the time, which nobody knows of an answer without an event."""


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
    for events in history.commands.values():
        yield from executed_once(events)
    asked = [asked for client in world.clients for asked in client.asked]
    known = {each.submission.command_id: each.submission.command for each in asked if not each.reused}
    known |= {ident: command for ident, (_, command) in history.reactions.items()}
    for events in history.streams.values():
        yield from decided_by_the_core(events, known)
    for each in asked:
        if not each.reused:
            yield from answered_by_the_log(each, history)


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
    for state, each in _folds(stream, events):
        after = DECIDERS["stock"].evolve(state, each.recorded.event)
        if isinstance(each.recorded.event, StockReserved | StockAllocated) and after.available < 0:
            yield f"{stream}@{each.recorded.version} reserved {-after.available} units too many"


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
    for state, each in _folds(stream, events):
        recorded = each.recorded
        if recorded.version - 1 != begin:
            continue
        group = _of_one_command(events[begin:])
        begin += len(group)
        command = known.get(recorded.metadata.command_id)
        if command is None:
            continue
        decided, came_to = decision(state, command, _context_of(recorded, command)), tuple(group)
        if decided != came_to:
            yield f"{stream}@{recorded.version}: {type(command).__name__} came to {came_to}, the core decides {decided}"


def answered_by_the_log(asked: ClientCommand, history: History) -> Iterator[str]:
    """What somebody was told is what the log says."""
    events = history.commands.get(asked.submission.command_id, [])
    name = f"{type(asked.submission.command).__name__} {asked.submission.command_id} of {asked.submission.stream}"
    if asked.answer is None:
        if events and (asked.refused is not None or not asked.in_doubt) and not asked.doubled:
            yield f"{name} was told not to be executed ({asked.refused!r}), and it was"
        elif asked.refused is not None:
            yield from _refused_by_the_core(asked, name, history)
        return
    told = (asked.answer.version, asked.answer.position)
    if not events:
        if not any(_decides_nothing(asked, state) for state in _states_between(asked, history)):
            yield f"{name} was told to be executed at {told}, and is not in the log"
    elif told != (events[-1].recorded.version, events[-1].recorded.position):
        yield f"{name} was told to be at {told}, and is at {events[-1].recorded.position}"
    elif events[-1].place >= asked.ended:
        yield f"{name} was told before it was committed"


def _refused_by_the_core(asked: ClientCommand, name: str, history: History) -> Iterator[str]:
    if isinstance(asked.refused, VersionConflict):
        if not any(
            state is not None and state.version == asked.refused.actual for state in _states_between(asked, history)
        ):
            yield f"{name} was told of version {asked.refused.actual}, which it did not have then"
        return
    if not isinstance(asked.refused, Rejected) or isinstance(asked.submission.command, OF_THE_HOUR):
        return
    code = asked.refused.code()
    if not any(_refuses(asked, state) == code for state in _states_between(asked, history)):
        yield f"{name} was refused ({code}), which the core does on no state that it can have had"


def _states_between(asked: ClientCommand, history: History) -> Iterator[Any]:
    """Every state of the stream between the question and its answer."""
    stream = asked.submission.stream
    events = history.streams.get(stream, [])
    state = DECIDERS[kind_of(stream)].initial(stream)
    early = [each for each in events if each.place < asked.began]
    for each in early:
        state = DECIDERS[kind_of(stream)].evolve(state, each.recorded.event)
    yield state
    for each in events[len(early) :]:
        if each.place >= asked.ended:
            return
        state = DECIDERS[kind_of(stream)].evolve(state, each.recorded.event)
        yield state


def _decides_nothing(asked: ClientCommand, state: Any) -> bool:
    return _outcome(asked, state) == ()


def _refuses(asked: ClientCommand, state: Any) -> str:
    outcome = _outcome(asked, state)
    return outcome.code() if isinstance(outcome, Rejected) else ""


def _outcome(asked: ClientCommand, state: Any) -> Decision:
    sent = asked.submission
    context = Context(sent.actor, sent.role, sent.command.occurred_at or asked.answered_at, sent.stream)
    return decision(state, sent.command, context)


def decision(state: Any, command: Command, context: Context) -> Decision:
    """What the core decides on this state."""
    decide: Callable[..., tuple[Event, ...]] = DECIDERS[kind_of(context.stream)].decide
    try:
        return decide(state, command, context)
    except Rejected as refused:
        return refused


def _context_of(recorded: Recorded[Event], command: Command) -> Context:
    """What the core was told when it decided what was recorded."""
    known, event = recorded.metadata, recorded.event
    context = Context(
        actor=known.actor,
        role=known.role,
        occurred_at=command.occurred_at or known.recorded_at,
        stream=recorded.stream,
        command_id=known.command_id,
    )
    if not isinstance(event, OrderPlaced):
        return context
    return replace(context, serial=event.serial, number=event.number, tracking_token=event.tracking_token)


def _folds(stream: str, events: list[Committed]) -> Iterator[tuple[Any, Committed]]:
    """Each event with the state before it."""
    decider = DECIDERS[kind_of(stream)]
    state = decider.initial(stream)
    for each in events:
        yield state, each
        state = decider.evolve(state, each.recorded.event)


def _of_one_command(events: list[Committed]) -> list[Event]:
    first = events[0].recorded.metadata.command_id
    group: list[Event] = []
    for each in events:
        if each.recorded.metadata.command_id != first:
            break
        group.append(each.recorded.event)
    return group
