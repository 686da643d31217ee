"""Views, folded states and places in memory, behind the projector's port: for tests and simulated worlds.

A database holds one committed state after another, each whole; a store is what one process has of it. Decides: nothing
that PostgreSQL does not decide in the same way (`statements.py`, `checkpoints.py`). Must not know: how a batch comes
about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from projections.checkpoints import LIVE_PROJECTION, Checkpoint, Displaced, Tenure, require_tenure
from projections.projector.view_store import ViewsAway, ViewStore, ViewTransaction
from projections.registry import VIEWS
from projections.view import StateView

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence

    from projections.projector.fold_batch import Known, Poison, Writes
    from projections.projector.reading import Halt
    from projections.view import Folded, Row, View
    from streams.log import Log


class CommitFault(Enum):
    """What becomes of a transaction whose end gets no answer."""

    DONE = auto()
    LOST = auto()


@dataclass(frozen=True, slots=True)
class CommittedViews:
    """All that is committed. Its parts are never changed."""

    tenure: Tenure = Tenure(LIVE_PROJECTION, 0, 0)  # noqa: RUF009 - frozen
    places: Mapping[int, Checkpoint] = field(default_factory=dict)
    rows: Mapping[tuple[str, object], Row] = field(default_factory=dict)
    """By view and key."""
    folds: Mapping[str, Known] = field(default_factory=dict)
    parked: frozenset[tuple[str, str]] = frozenset()
    stopped: Mapping[int, str] = field(default_factory=dict)


class MemoryViews:
    """The database."""

    def __init__(self) -> None:
        self.committed = CommittedViews()
        self.lock = asyncio.Lock()


class MemoryTransaction(ViewTransaction):
    """Works on a copy."""

    def __init__(self, committed: CommittedViews, views: Sequence[View]) -> None:
        self.state = committed
        self._views = views

    @override
    async def fence(self, tenure: Tenure) -> tuple[int, dict[int, Checkpoint]]:
        require_tenure(self.state.tenure, tenure)
        return self.state.tenure.generation, dict(self.state.places)

    @override
    async def parked(self) -> set[tuple[str, str]]:
        return set(self.state.parked)

    @override
    async def folds(self, streams: Collection[str]) -> dict[str, Known]:
        return {stream: self.state.folds[stream] for stream in streams if stream in self.state.folds}

    @override
    async def write(self, outcome: Writes, *, singly: bool) -> list[Poison]:
        rows = dict(self.state.rows)
        for view in self._views:
            for term in outcome.unsaid.get(view.name, ()):
                rows.pop((view.name, key_of(view, term)), None)
            for row in outcome.rows.get(view.name, ()):
                _put(rows, view, row)
            for one in outcome.gone.get(view.name, ()):
                _take_away(rows, view, one)
        self.state = replace(self.state, rows=rows)
        return []

    @override
    async def settle(
        self, tenure: Tenure, known: Mapping[str, Known], outcome: Writes, moved: Sequence[Checkpoint]
    ) -> None:
        newer = {
            one.stream: (one.version, one.state)
            for one in outcome.folded.values()
            if one.version > self.state.folds.get(one.stream, (0, None))[0]
        }
        self.state = replace(
            self.state,
            places={**self.state.places, **{place.partition: place for place in moved}},
            folds={**self.state.folds, **newer},
            parked=self.state.parked | {(one.view, one.stream) for one in outcome.poisoned},
        )


class MemoryViewStore(ViewStore):
    """What one process has of the database."""

    def __init__(self, database: MemoryViews, views: Sequence[View] = VIEWS) -> None:
        self.next_commit: CommitFault | None = None
        self._database = database
        self._views = tuple(views)

    @override
    async def prepare(self, log: Log) -> None:
        """Rows are made from the log's start by the projector itself."""

    @override
    async def claim(self, partitions: int, owner: str) -> tuple[Tenure, tuple[Checkpoint, ...]]:
        async with self._database.lock:
            known = self._database.committed
            tenure = replace(known.tenure, epoch=known.tenure.epoch + 1, owner=owner)
            places = {number: known.places.get(number, Checkpoint(number)) for number in range(partitions)}
            self._database.committed = replace(known, tenure=tenure, places=places, stopped={})
        return tenure, tuple(places.values())

    @asynccontextmanager
    @override
    async def transaction(self, *, lazily: bool) -> AsyncIterator[ViewTransaction]:
        async with self._database.lock:
            made = MemoryTransaction(self._database.committed, self._views)
            yield made
            fault, self.next_commit = self.next_commit, None
            if fault is not CommitFault.LOST:
                self._database.committed = made.state
            if fault is not None:
                raise ViewsAway("the answer to a commit was lost, as planned")

    @override
    async def caught_up(self, tenure: Tenure, ages: Mapping[int, float]) -> None:
        require_tenure(self._database.committed.tenure, tenure)

    @override
    async def require_halted(self, partitions: Collection[int]) -> None:
        lifted = set(partitions) - self._database.committed.stopped.keys()
        if lifted:
            raise Displaced(f"partition {min(lifted)} was set to be read again")

    @override
    async def stop(self, tenure: Tenure, halt: Halt) -> None:
        known = self._database.committed
        if known.tenure.epoch == tenure.epoch:
            self._database.committed = replace(known, stopped={**known.stopped, halt.partition: halt.why})

    @override
    async def close(self) -> None:
        """Nothing is held."""


def key_of(view: View, row: Row) -> object:
    """Values of the columns of the view's primary key."""
    return tuple(getattr(row, name) for name in view.key)


def _put(rows: dict[tuple[str, object], Row], view: View, row: Row) -> None:
    place = (view.name, key_of(view, row))
    there: Any = rows.get(place)
    if there is None or (isinstance(view, StateView) and row.version > there.version):  # type: ignore[attr-defined]
        rows[place] = row


def _take_away(rows: dict[tuple[str, object], Row], view: View, one: Folded[Any]) -> None:
    there: Any = rows.get((view.name, (one.stream,)))
    if there is not None and there.version < one.version:
        del rows[view.name, (one.stream,)]
