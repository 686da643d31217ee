"""Everything that `verify` checks of one partition, in whatever process: its log, its views, its index.

Decides: which events belong to the snapshot of the views. Must not know: what a sound log or a right row is.
"""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from psycopg import sql

from domain.recorded import Position
from ordertrail import wiring
from ordertrail.operating.chain import Chain
from ordertrail.operating.log_audit import LogAudit, Problems
from ordertrail.operating.views_audit import ViewsAudit
from projections.checkpoints import Checkpoint
from projections.projector.filling import Elsewhere
from streams.postgres.migrate import connect
from streams.record import identity_of

if TYPE_CHECKING:
    from projections.view import Folded
    from streams.log import Log, Stored


@dataclass(frozen=True, slots=True)
class Indexed:
    """What the index holds of a partition, and how far it says it is."""

    count: int
    greatest: int
    mark: int
    event_id: UUID | None


@dataclass(frozen=True, slots=True)
class AuditTask:
    """One partition to check. `snapshot` is exported by PostgreSQL; None where there are no views."""

    elsewhere: Elsewhere
    place: Checkpoint
    snapshot: str | None = None
    parked: frozenset[tuple[str, str]] = frozenset()
    indexed: Indexed | None = None
    only_hashes: bool = False


@dataclass(slots=True)
class Audited:
    """What was found in one partition."""

    partition: int
    problems: Problems = field(default_factory=Problems)
    sequence: int = 0
    """Of the last record."""
    records: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    rows: int = 0


async def audit(part: AuditTask) -> Audited:
    """Check one partition up to its present end."""
    async with wiring.opened(part.elsewhere.opener()) as log:
        if part.only_hashes:
            return await _hashes(log, part)
        if part.snapshot is None:
            return await _whole(log, part, None)
        async with await connect(part.elsewhere.url) as connection, connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(part.snapshot)))
            problems = Problems()
            return await _whole(log, part, ViewsAudit(connection, part.place.partition, part.parked, problems))


async def _hashes(log: Log, part: AuditTask) -> Audited:
    chain = Chain(part.place.partition)
    async with aclosing(wiring.records_of(log, part.place.partition)) as records:
        async for stored in records:
            chain.take(stored)
    return Audited(part.place.partition, chain.problems, chain.sequence, chain.records)


async def _whole(log: Log, part: AuditTask, views: ViewsAudit | None) -> Audited:
    partition = part.place.partition
    check = LogAudit(log.partitions)
    if views is not None:
        views.problems = check.problems
        await views.begin()
    overtaken: dict[str, Folded[object] | None] = {}
    last: Stored | None = None
    async with aclosing(wiring.records_of(log, partition)) as records:
        async for stored in records:
            _at_mark(part, stored, check.problems)
            if stored.sequence > part.place.sequence and stored.stream not in overtaken:
                overtaken[stored.stream] = check.folded(stored.stream)
            recorded = check.take(stored, partition)
            if stored.sequence <= part.place.sequence:
                last = stored
                if views is not None and recorded is not None:
                    await views.event(recorded, check.state(recorded.stream))
    _same_history(part.place, last, check.problems)
    _same_index(part, check.sequences[partition], check.problems)
    check.finish()
    if views is not None:
        shown = {stream: check.folded(stream) for stream in check.streams()} | overtaken
        await views.states({stream: folded for stream, folded in shown.items() if folded is not None})
    rows = views.rows if views is not None else 0
    return Audited(partition, check.problems, check.sequences[partition], check.records, check.kinds, rows)


def _same_history(place: Checkpoint, last: Stored | None, problems: Problems) -> None:
    if place.sequence and identity_of(last) != (place.sequence, place.event_id):
        problems.add(f"partition {place.partition}: the views reflect sequence {place.sequence} of another history")


def _at_mark(part: AuditTask, stored: Stored, problems: Problems) -> None:
    indexed = part.indexed
    if indexed is None or stored.sequence != indexed.mark:
        return
    if identity_of(stored) != (indexed.mark, indexed.event_id):
        problems.add(f"{Position(part.place.partition, stored.sequence)}: the index holds another log's record")


def _same_index(part: AuditTask, end: int, problems: Problems) -> None:
    indexed, name = part.indexed, f"partition {part.place.partition}"
    if indexed is None:
        return
    if indexed.count != indexed.greatest or indexed.greatest < indexed.mark:
        problems.add(
            f"{name}: the index holds {indexed.count} records up to sequence {indexed.greatest} and says that it "
            f"reaches {indexed.mark}"
        )
    if indexed.mark > end:
        problems.add(f"{name}: the index reaches sequence {indexed.mark} and the log {end}")
