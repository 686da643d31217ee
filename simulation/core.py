"""The core asked again: what it decides on a state, and the states that a stream had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from domain.catalogue import DECIDERS
from domain.decider import Context, Rejected
from domain.order.events import OrderPlaced
from domain.stream_names import kind_of

if TYPE_CHECKING:
    from domain.decider import Command, Event
    from domain.recorded import Recorded
    from simulation.history import Committed

Decision: TypeAlias = "tuple[Event, ...] | Rejected"


def decision(state: Any, command: Command, context: Context) -> Decision:
    """What the core decides on this state."""
    decide: Callable[..., tuple[Event, ...]] = DECIDERS[kind_of(context.stream)].decide
    try:
        return decide(state, command, context)
    except Rejected as refused:
        return refused


def context_of(recorded: Recorded[Event], command: Command) -> Context:
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


def folds(stream: str, events: Iterable[Committed]) -> Iterator[tuple[Any, Committed]]:
    """Each event with the state before it."""
    decider = DECIDERS[kind_of(stream)]
    state = decider.initial(stream)
    for each in events:
        yield state, each
        state = decider.evolve(state, each.recorded.event)


def state_after(stream: str, events: Iterable[Committed]) -> Any:
    """The stream's state after these events, from nothing."""
    return DECIDERS[kind_of(stream)].fold(stream, (each.recorded.event for each in events))
