"""`ordertrail verify`: the log against itself, and views and index against the log, also while the system runs.

Decides: what belongs to one snapshot, and how what was found in each partition becomes one answer. Must not know: what
a sound log or a right row is.
"""

from __future__ import annotations

import functools
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, LiteralString

from ordertrail import wiring
from ordertrail.local.servers import reached
from ordertrail.operating.log_audit import Problems
from ordertrail.operating.partition_audit import Audited, AuditTask, Indexed, audit
from ordertrail.settings import LogKind
from projections import checkpoints
from projections.checkpoints import LIVE_PROJECTION, Checkpoint
from projections.projector.filling import Elsewhere
from projections.projector.processes import in_processes
from projections.projector.rebuild import WORTH_A_PROCESS
from projections.projector.store import parked
from streams.postgres.log import one
from streams.postgres.migrate import connect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings
    from projections.view import Connection

VIEWS_MADE: Final[LiteralString] = "SELECT to_regclass('views.\"order\"') IS NOT NULL"

INDEX_MARK: Final[LiteralString] = """
SELECT coalesce(max(sequence), 0), (array_agg(event_id))[1] FROM "index".mark WHERE partition = %s
"""

INDEX_COUNT: Final[LiteralString] = """
SELECT count(*), coalesce(max(sequence), 0) FROM "index".event WHERE partition = %s
"""


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


async def verify_instance(settings: Settings, *, only_hashes: bool = False) -> Verified:
    """Verify the log, and unless only its hashes are asked for, states, views and index; nothing is written.

    What runs is not disturbed. A long log is checked in a process for each partition.
    """
    begun = time.monotonic()
    manifest = wiring.manifest_of(settings)
    async with reached(settings) as endpoints, await connect(endpoints.database_url) as holder, holder.transaction():
        await holder.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        opener = functools.partial(wiring.build_log, settings, endpoints, manifest.partitions)
        parts = await _parts(holder, Elsewhere(opener, endpoints.database_url), manifest)
        parts = [replace(part, only_hashes=only_hashes) for part in parts]
        async with wiring.opened(opener()) as log:
            places = sum([(await log.end(part.place.partition)).place for part in parts])
        if places > WORTH_A_PROCESS:
            found = await in_processes(audit, parts)
        else:
            found = [await audit(part) for part in parts]
    return _joined(found, parts, time.monotonic() - begun)


async def _parts(holder: Connection, elsewhere: Elsewhere, manifest: Manifest) -> list[AuditTask]:
    """What there is to check, all of one snapshot, taken before the log is read: so the log reaches at least as far."""
    places = {one.partition: one for one in await checkpoints.read(holder, LIVE_PROJECTION)}
    (made,) = await one(holder, VIEWS_MADE)
    snapshot = (await one(holder, "SELECT pg_export_snapshot()"))[0] if made and places else None
    aside = frozenset((poison.view, poison.stream) for poison in await parked(holder))
    return [
        AuditTask(
            elsewhere,
            places.get(partition, Checkpoint(partition)) if snapshot else Checkpoint(partition),
            snapshot,
            aside,
            await _indexed(holder, partition) if manifest.log is LogKind.KAFKA else None,
        )
        for partition in range(manifest.partitions)
    ]


async def _indexed(holder: Connection, partition: int) -> Indexed:
    mark, event_id = await one(holder, INDEX_MARK, (partition,))
    count, greatest = await one(holder, INDEX_COUNT, (partition,))
    return Indexed(count, greatest, mark, event_id)


def _joined(found: Sequence[Audited], parts: Sequence[AuditTask], seconds: float) -> Verified:
    problems, kinds = Problems(), Counter[str]()
    for audited in found:
        problems.join(audited.problems)
        kinds.update(audited.kinds)
    for view, stream in sorted(parts[0].parked):
        problems.add(f"view {view} has given up on {stream}")
    counts = {
        "records": sum(audited.records for audited in found),
        **{f"{kind} streams": count for kind, count in sorted(kinds.items())},
        "rows": sum(audited.rows for audited in found),
        "parked": len(parts[0].parked),
    }
    return Verified(
        problems,
        counts,
        {str(audited.partition): audited.sequence for audited in found},
        seconds,
        {str(part.place.partition): part.place.sequence for part in parts if part.snapshot and not part.only_hashes},
    )
