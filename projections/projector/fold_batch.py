"""What a run of events does to all views, worked out without a database.

Decides: that a stream is folded once for all views, that a state view looks at it once per batch, that a view which
cannot digest a stream loses that stream and nothing else, and that a stream which cannot be folded is lost to all.
Must not know: tables, transactions, logs.
"""

from __future__ import annotations

import logging
import traceback
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.catalogue import DECIDERS
from domain.decider import Event
from domain.recorded import Recorded
from domain.stream_names import kind_of
from projections.view import EventView, Folded, Row, StateView, View
from streams.state_codec import State

logger = logging.getLogger(__name__)

Known = tuple[int, State]
"""A stream's version and state."""


class HistoryChanged(Exception):
    """The log does not go on where it was left: what was applied is not what it holds now."""


@dataclass(frozen=True, slots=True)
class Poison:
    """A stream that a view could not digest, from which event on and why."""

    view: str
    stream: str
    partition: int
    sequence: int
    event_id: UUID
    error: str


@dataclass(slots=True)
class Outcome:
    """What has to be written for a run of events."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """By view."""
    gone: dict[str, list[Folded[Any]]] = field(default_factory=lambda: defaultdict(list))
    """Streams whose row leaves a view."""
    folded: dict[str, Folded[Any]] = field(default_factory=dict)
    """Touched streams after their last event."""
    poisoned: list[Poison] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Join the outcome of other streams."""
        for view, rows in other.rows.items():
            self.rows[view].extend(rows)
        for view, gone in other.gone.items():
            self.gone[view].extend(gone)
        self.folded.update(other.folded)
        self.poisoned.extend(other.poisoned)


def digest(
    views: Sequence[View],
    known: Mapping[str, Known],
    records: Iterable[Recorded[Event]],
    parked: Collection[tuple[str, str]],
) -> Outcome:
    """Rows of all views after `records`; `known`: touched streams before them, `parked`: pairs of view and stream.

    Streams that no view looks at, or that all have given up on, are passed over.
    Raises `HistoryChanged` where a stream's versions are not contiguous.
    """
    outcome = Outcome()
    skipped = set(parked)
    by_event = [view for view in views if isinstance(view, EventView)]
    for recorded in records:
        feeding = [view.name for view in views if kind_of(recorded.stream) in view.kinds]
        if all((name, recorded.stream) in skipped for name in feeding):
            continue
        try:
            folded = _fold(outcome.folded.get(recorded.stream), known, recorded)
        except HistoryChanged:
            raise
        except Exception as error:  # noqa: BLE001 - one stream that cannot be folded must not end all the others
            lost = [(name, recorded.stream) for name in feeding if (name, recorded.stream) not in skipped]
            outcome.poisoned += [poison(name, recorded, error) for name, _ in lost]
            skipped.update(lost)
            continue
        outcome.folded[recorded.stream] = folded
        for each in by_event:
            _feed(each, folded, outcome, skipped)
    by_state = [view for view in views if isinstance(view, StateView)]
    for folded in outcome.folded.values():
        for view in by_state:
            _feed(view, folded, outcome, skipped)
    return outcome


def _fold(before: Folded[Any] | None, known: Mapping[str, Known], recorded: Recorded[Event]) -> Folded[Any]:
    decider = DECIDERS[kind_of(recorded.stream)]
    if before is not None:
        version, state = before.version, before.state
    else:
        version, state = known.get(recorded.stream) or (0, decider.initial(recorded.stream))
    if recorded.version != version + 1:
        raise HistoryChanged(
            f"{recorded.stream} goes on with version {recorded.version} at {recorded.position}, after {version}"
        )
    return Folded(recorded.stream, recorded.version, decider.evolve(state, recorded.event), recorded)


def _feed(view: View, folded: Folded[Any], outcome: Outcome, skipped: set[tuple[str, str]]) -> None:
    if kind_of(folded.stream) not in view.kinds or (view.name, folded.stream) in skipped:
        return
    try:
        _collect(view, folded, outcome)
    except Exception as error:  # noqa: BLE001 - whatever a view stumbles over, the other views and streams go on
        skipped.add((view.name, folded.stream))
        outcome.poisoned.append(poison(view.name, folded.last, error))


def _collect(view: View, folded: Folded[Any], outcome: Outcome) -> None:
    if isinstance(view, EventView):
        outcome.rows[view.name].extend(view.rows(folded.last, folded.state))
        return
    row = view.rows(folded)
    if row is None:
        outcome.gone[view.name].append(folded)
    else:
        outcome.rows[view.name].append(row)


def poison(view: str, recorded: Recorded[Any], error: Exception) -> Poison:
    """The stream as it is parked. Kind and place of the error are kept, not its text, which may quote personal data."""
    position = recorded.position
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = f"{type(error).__name__}{place}"
    logger.error("view %s cannot digest %s at %s: %s", view, recorded.stream, position, what)
    return Poison(view, recorded.stream, position.partition, position.sequence, recorded.event_id, what)
