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
from projections.view import EventView, Folded, Row, TermRow, TermView, View
from streams.log import LogUnfit
from streams.state_codec import State

logger = logging.getLogger(__name__)

Known = tuple[int, State]
"""A stream's version and state."""


class HistoryChanged(LogUnfit):
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
class Writes:
    """What has to be written for a run of events."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """By view."""
    gone: dict[str, list[Folded[Any]]] = field(default_factory=lambda: defaultdict(list))
    """Streams whose row leaves a view."""
    unsaid: dict[str, list[TermRow]] = field(default_factory=lambda: defaultdict(list))
    """Rows that leave a view with many for each stream."""
    folded: dict[str, Folded[Any]] = field(default_factory=dict)
    """Touched streams after their last event."""
    poisoned: list[Poison] = field(default_factory=list)

    def add(self, other: Writes) -> None:
        """Join the outcome of other streams."""
        for view, rows in other.rows.items():
            self.rows[view].extend(rows)
        for view, gone in other.gone.items():
            self.gone[view].extend(gone)
        for view, unsaid in other.unsaid.items():
            self.unsaid[view].extend(unsaid)
        self.folded.update(other.folded)
        self.poisoned.extend(other.poisoned)


def fold_records(
    views: Sequence[View],
    known: Mapping[str, Known],
    records: Iterable[Recorded[Event]],
    parked: Collection[tuple[str, str]],
) -> Writes:
    """Rows of all views after `records`; `known`: touched streams before them, `parked`: pairs of view and stream.

    Streams that no view looks at, or that all have given up on, are passed over. Raises `HistoryChanged` where a
    stream's versions are not contiguous.
    """
    folding = Folding(views, parked)
    for recorded in records:
        folding.take(recorded, known.get(recorded.stream))
    for stream in tuple(folding.open):
        folding.finish(stream)
    return folding.outcome


class Folding:
    """Takes events one by one and collects in `outcome` what has to be written.

    A stream is `open` from its first event on until it is finished: then the state views have looked at it.
    """

    def __init__(self, views: Sequence[View], parked: Collection[tuple[str, str]]) -> None:
        self.outcome = Writes()
        self.open: dict[str, Folded[Any]] = {}
        self._skipped = set(parked)
        self._by_event = _by_kind(view for view in views if isinstance(view, EventView))
        self._by_state = _by_kind(view for view in views if not isinstance(view, EventView))
        self._by_term = _by_kind(view for view in views if isinstance(view, TermView))
        self._before: dict[str, Folded[Any]] = {}
        """Open streams as views with many rows for each have them."""
        self._feeding = _by_kind(views)

    def concerns(self, stream: str) -> bool:
        """Whether any view wants the stream's events."""
        feeding = self._feeding.get(kind_of(stream), ())
        if not self._skipped:
            return bool(feeding)
        return any((view.name, stream) not in self._skipped for view in feeding)

    def take(self, recorded: Recorded[Event], known: Known | None = None) -> None:
        """One more event; `known` is its stream before it, where that is not open. Raises what `fold_records` does."""
        if not self.concerns(recorded.stream):
            return
        try:
            folded = _fold(self.open.get(recorded.stream), known, recorded)
        except HistoryChanged:
            raise
        except Exception as error:  # noqa: BLE001 - one stream that cannot be folded must not end all the others
            for view in self._feeding[kind_of(recorded.stream)]:
                self._park(view, recorded, error)
            return
        if self.open.pop(recorded.stream, None) is None and known and kind_of(recorded.stream) in self._by_term:
            self._before[recorded.stream] = Folded(recorded.stream, *known, recorded)
        self.open[recorded.stream] = folded  # now the last: the first is the one that was quiet for longest
        for each in self._by_event.get(kind_of(recorded.stream), ()):
            self._feed(each, folded)

    def finish(self, stream: str) -> None:
        """The stream as it now stands is what the state views show of it."""
        folded, before = self.open.pop(stream), self._before.pop(stream, None)
        self.outcome.folded[stream] = folded
        for view in self._by_state.get(kind_of(stream), ()):
            self._feed(view, folded, before)

    def give_up(self, poisoned: Iterable[Poison]) -> None:
        """Show these streams no further in their views."""
        self._skipped.update((one.view, one.stream) for one in poisoned)

    def _feed(self, view: View, folded: Folded[Any], before: Folded[Any] | None = None) -> None:
        if self._skipped and (view.name, folded.stream) in self._skipped:
            return
        try:
            _collect(view, folded, before, self.outcome)
        except Exception as error:  # noqa: BLE001 - whatever a view stumbles over, the other views and streams go on
            self._park(view, folded.last, error)

    def _park(self, view: View, recorded: Recorded[Event], error: Exception) -> None:
        if (view.name, recorded.stream) not in self._skipped:
            self._skipped.add((view.name, recorded.stream))
            self.outcome.poisoned.append(poison(view.name, recorded, error))


def _by_kind(views: Iterable[View]) -> dict[str, tuple[View, ...]]:
    found: dict[str, tuple[View, ...]] = {}
    for view in views:
        for kind in view.kinds:
            found[kind] = (*found.get(kind, ()), view)
    return found


def _fold(before: Folded[Any] | None, known: Known | None, recorded: Recorded[Event]) -> Folded[Any]:
    decider = DECIDERS[kind_of(recorded.stream)]
    if before is not None:
        version, state = before.version, before.state
    else:
        version, state = known or (0, decider.initial(recorded.stream))
    if recorded.version != version + 1:
        raise HistoryChanged(
            f"{recorded.stream} goes on with version {recorded.version} at {recorded.position}, after {version}"
        )
    return Folded(recorded.stream, recorded.version, decider.evolve(state, recorded.event), recorded)


def _collect(view: View, folded: Folded[Any], before: Folded[Any] | None, outcome: Writes) -> None:
    if isinstance(view, EventView):
        outcome.rows[view.name].extend(view.rows(folded.last, folded.state))
        return
    if isinstance(view, TermView):
        _collect_terms(view, folded, before, outcome)
        return
    row = view.rows(folded)
    if row is None:
        outcome.gone[view.name].append(folded)
    else:
        outcome.rows[view.name].append(row)


def _collect_terms(view: TermView[Any, Any], folded: Folded[Any], before: Folded[Any] | None, outcome: Writes) -> None:
    """Only what the stream says now and did not say before, and the other way round."""
    if before is not None and view.basis(before.state) == view.basis(folded.state):
        return
    said, says = frozenset() if before is None else view.rows(before), view.rows(folded)
    outcome.rows[view.name].extend(says - said)
    outcome.unsaid[view.name].extend(said - says)


def poison(view: str, recorded: Recorded[Any], error: Exception) -> Poison:
    """The stream as it is parked. Kind and place of the error are kept, not its text, which may quote personal data."""
    position = recorded.position
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = f"{type(error).__name__}{place}"
    logger.error("view %s cannot digest %s at %s: %s", view, recorded.stream, position, what)
    return Poison(view, recorded.stream, position.partition, position.sequence, recorded.event_id, what)
