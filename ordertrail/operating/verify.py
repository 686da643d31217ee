"""`ordertrail verify`: the log against itself, and every view against a fold of the log, also while the system runs.

Decides: which places of the log belong to which snapshot of the views. Must not know: what a sound log or a right row
is.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

from ordertrail import wiring
from ordertrail.local.servers import reached
from ordertrail.operating.log_audit import Check, Problems
from projections import checkpoints
from projections.checkpoints import LIVE, Checkpoint
from projections.projector.comparing import Rows, expected_rows, stored_rows
from projections.projector.fold_batch import HistoryChanged
from projections.projector.store import parked
from streams.postgres.migrate import connect

if TYPE_CHECKING:
    from domain.decider import Event
    from domain.recorded import Recorded
    from ordertrail.local.servers import Endpoints
    from ordertrail.settings import Settings
    from streams.log import Log


@dataclass(frozen=True, slots=True)
class Shown:
    """The views at one instant: their rows, the places that these reflect, and the streams that they gave up on."""

    rows: Rows
    checkpoints: Sequence[Checkpoint]
    parked: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found."""

    problems: Problems
    counts: dict[str, int]
    positions: dict[str, int]
    """Last sequence read, by partition."""
    seconds: float
    compared: dict[str, int] = field(default_factory=dict)
    """Sequence up to which the views were compared, by partition."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.problems.count == 0

    def document(self) -> dict[str, Any]:
        """As it is printed."""
        return {
            "ok": self.ok,
            "problems": self.problems.told,
            "problem_count": self.problems.count,
            "counts": self.counts,
            "positions": self.positions,
            "compared": self.compared,
            "seconds": round(self.seconds, 2),
        }


async def verify_instance(settings: Settings) -> Verified:
    """Verify the log and views of these settings; what runs is not disturbed, nothing is written."""
    begun = time.monotonic()
    manifest = wiring.manifest_of(settings)
    async with reached(settings) as endpoints:
        shown = await _shown(endpoints)
        async with wiring.opened(wiring.build_log(settings, endpoints, manifest.partitions)) as log:
            check = Check(manifest.partitions)
            applied = await _read(log, check, shown.checkpoints)
    rows = _compare(shown, applied, check.problems)
    counts = {"records": check.records, **{f"{kind} streams": found for kind, found in sorted(check.kinds.items())}}
    return Verified(
        check.problems,
        counts | {"rows": rows, "parked": len(shown.parked)},
        {str(partition): sequence for partition, sequence in check.sequences.items()},
        time.monotonic() - begun,
        {str(one.partition): one.sequence for one in shown.checkpoints},
    )


async def _shown(endpoints: Endpoints) -> Shown:
    """Rows and checkpoints of one snapshot. Taken before the log is read, so the log reaches at least as far."""
    async with await connect(endpoints.database_url) as connection, connection.transaction():
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = await checkpoints.read(connection, LIVE)
        try:
            rows = await stored_rows(connection) if found else {}
        except psycopg.errors.UndefinedTable:
            return Shown({}, (), frozenset())
        aside = frozenset((one.view, one.stream) for one in await parked(connection))
    return Shown(rows, found, aside)


async def _read(log: Log, check: Check, shown: Sequence[Checkpoint]) -> list[Recorded[Event]]:
    """Check every record there is; the events that the views of the snapshot reflect."""
    applied: list[Recorded[Event]] = []
    places = {one.partition: one for one in shown}
    for partition in range(log.partitions):
        place = places.get(partition, Checkpoint(partition))
        last: Recorded[Event] | None = None
        async with aclosing(wiring.records_of(log, partition)) as records:
            async for stored in records:
                recorded = check.take(stored, partition)
                if recorded is not None and stored.sequence <= place.sequence:
                    applied.append(last := recorded)
        _same_history(place, last, check.problems)
    check.finish()
    return applied


def _same_history(place: Checkpoint, last: Recorded[Event] | None, problems: Problems) -> None:
    if place.sequence and (last is None or last.position.sequence != place.sequence or last.event_id != place.event_id):
        problems.add(f"partition {place.partition}: the views reflect sequence {place.sequence} of another history")


def _compare(shown: Shown, applied: Sequence[Recorded[Event]], problems: Problems) -> int:
    """Row by row, both ways; how many rows there are."""
    try:
        expected = expected_rows(applied) if shown.checkpoints else {}
    except HistoryChanged as error:
        problems.add(str(error))
        return 0
    for view, stream in sorted(shown.parked):
        problems.add(f"view {view} has given up on {stream}")
    for view, wanted in expected.items():
        stored = shown.rows.get(view, {})
        for key in wanted.keys() | stored.keys():
            if (view, key[0]) not in shown.parked and wanted.get(key) != stored.get(key):
                problems.add(f"view {view}: the row of {' '.join(map(str, key))} is not what the log says")
    return sum(map(len, shown.rows.values()))
