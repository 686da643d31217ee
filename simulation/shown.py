"""What the views of a world show is what the log says, at its end and whenever they were committed.

Each check gives sentences, one for each thing that is wrong. Must not know: faults, processes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import TYPE_CHECKING, Final

from projections.projector.fold_batch import fold_records
from projections.projector.memory_store import key_of
from projections.registry import VIEWS

if TYPE_CHECKING:
    from projections.projector.memory_store import CommittedViews
    from projections.view import Row
    from simulation.history import History

LOOKS: Final = 1
"""At states that were committed on the way: each costs as much as a fresh fold of everything."""


def shown_wrong(states: list[CommittedViews], history: History, luck: Random) -> Iterator[str]:
    """Everything that is wrong: in the last state, and in some before it."""
    last = states[-1]
    ends = {number: len(events) for number, events in enumerate(history.partitions)}
    reached = {number: place.sequence for number, place in last.places.items()}
    if reached != ends:
        yield f"the views have come to {reached} of {ends}"
    for state in (last, *luck.sample(states, min(LOOKS, len(states)))):
        yield from _not_as_folded(state, history)
    for why in {why for state in states for why in state.stopped.values()}:
        yield f"the views were stopped: {why}"


def _not_as_folded(state: CommittedViews, history: History) -> Iterator[str]:
    """Rows that a fresh fold of the log up to the state's places would not give."""
    for stream, view in sorted(state.parked):
        yield f"{view} shows {stream} no further"
    ends = {number: place.sequence for number, place in state.places.items()}
    due, there = _fresh(history, ends), state.rows
    for place in sorted(due.keys() | there.keys(), key=str):
        if due.get(place) != there.get(place):
            yield f"at {ends} the views show {there.get(place)} for {place}, a fresh fold {due.get(place)}"


def _fresh(history: History, ends: Mapping[int, int]) -> dict[tuple[str, object], Row]:
    records = [each.recorded for number, end in sorted(ends.items()) for each in history.partitions[number][:end]]
    outcome = fold_records(VIEWS, {}, records, ())
    return {(view.name, key_of(view, row)): row for view in VIEWS for row in outcome.rows.get(view.name, ())}
