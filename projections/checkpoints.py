"""How far a projection has come in each partition, and who may move it: one row per partition, fenced by an epoch.

A claim raises the epoch; a batch is written only where the epoch is still its owner's, in the same transaction. So rows
and checkpoint move together, whatever is killed and when. Must not know: what a projection makes of the events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, LiteralString
from uuid import UUID

from streams.log import START, Bookmark

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from projections.view import Connection

LIVE_PROJECTION: Final = "live"
"""The projection that feeds every view."""


class Superseded(Exception):
    """Somebody else has taken over: stop, and do not try again."""


class Displaced(Exception):
    """The stored places are not where this owner left them: PostgreSQL went back, or a rebuild has set them anew.

    Nobody else has taken over. What is stored is true in itself, since rows move with it: claim again and go on there.
    """


class OtherLog(Exception):
    """These checkpoints belong to another log."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything up to here is applied. `sequence` 0 and no event: nothing yet."""

    partition: int
    bookmark: Bookmark = START
    sequence: int = 0
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tenure:
    """The right to move a projection, until somebody else claims it. `generation` counts switches of its tables.

    `owner` is unique to one run of one process: a database that went back gives an epoch out a second time.
    """

    projection: str
    epoch: int
    generation: int
    owner: str = ""


CREATE: Final[LiteralString] = """
INSERT INTO views.checkpoint (projection, partition)
SELECT %(projection)s, generate_series(0, %(partitions)s - 1)
WHERE NOT EXISTS (SELECT FROM views.checkpoint WHERE projection = %(projection)s) ON CONFLICT DO NOTHING
"""

CHECKPOINTS_LOCKED: Final[LiteralString] = """
SELECT partition, bookmark, sequence, event_id, epoch, generation, owner FROM views.checkpoint
WHERE projection = %s ORDER BY partition FOR UPDATE
"""

CHECKPOINTS: Final[LiteralString] = """
SELECT partition, bookmark, sequence, event_id FROM views.checkpoint WHERE projection = %s ORDER BY partition
"""

CLAIM_CHECKPOINTS: Final[LiteralString] = """
UPDATE views.checkpoint SET epoch = epoch + 1, owner = %s, stopped = NULL WHERE projection = %s
"""

ADVANCE: Final[LiteralString] = """
UPDATE views.checkpoint AS old
SET bookmark = new.bookmark, sequence = new.sequence, event_id = new.event_id, updated_at = now()
FROM unnest(%s::integer[], %s::bigint[], %s::bigint[], %s::uuid[]) AS new (partition, bookmark, sequence, event_id)
WHERE old.projection = %s AND old.partition = new.partition AND old.epoch = %s
"""

CAUGHT_UP: Final[LiteralString] = """
UPDATE views.checkpoint AS old
SET caught_up_at = greatest(old.caught_up_at, clock_timestamp() - make_interval(secs => found.age_s))
FROM unnest(%s::integer[], %s::float8[]) AS found (partition, age_s)
WHERE old.projection = %s AND old.epoch = %s AND old.owner = %s AND old.partition = found.partition
"""

LIFTED: Final[LiteralString] = """
SELECT partition FROM views.checkpoint WHERE projection = %s AND partition = ANY(%s) AND stopped IS NULL
"""

STOP: Final[LiteralString] = """
UPDATE views.checkpoint SET stopped = %s WHERE projection = %s AND epoch = %s AND partition = %s
"""

BEGIN_AT: Final[LiteralString] = """
UPDATE views.checkpoint SET bookmark = %s, sequence = %s, event_id = %s, stopped = NULL, caught_up_at = NULL
WHERE projection = %s AND partition = %s
"""

SWITCH: Final[LiteralString] = """
UPDATE views.checkpoint SET generation = generation + 1, epoch = epoch + %s WHERE projection = %s
"""


async def claim(
    connection: Connection, projection: str, partitions: int, owner: str
) -> tuple[Tenure, tuple[Checkpoint, ...]]:
    """Take the projection over; waits for a batch of the earlier owner that is being written."""
    async with connection.transaction():
        tenure, checkpoints = await _lock_all(connection, projection, partitions)
        await connection.execute(CLAIM_CHECKPOINTS, (owner, projection))
    return Tenure(projection, tenure.epoch + 1, tenure.generation, owner), checkpoints


async def lock(connection: Connection, projection: str, partitions: int) -> tuple[Checkpoint, ...]:
    """Keep whoever owns the projection from moving it until this transaction ends; made where there is none."""
    return (await _lock_all(connection, projection, partitions))[1]


async def read(connection: Connection, projection: str) -> tuple[Checkpoint, ...]:
    """Where the projection stands; nothing before its first claim."""
    rows = await (await connection.execute(CHECKPOINTS, (projection,))).fetchall()
    return tuple(Checkpoint(row[0], Bookmark(row[1]), row[2], row[3]) for row in rows)


async def fence(connection: Connection, tenure: Tenure) -> tuple[int, dict[int, Checkpoint]]:
    """Within a transaction: the generation, and the stored places.

    `Superseded` when somebody else has claimed since; `Displaced` when the database does not remember our claim.
    """
    found, checkpoints = await _lock(connection, tenure.projection)
    require_tenure(found, tenure)
    return found.generation, {checkpoint.partition: checkpoint for checkpoint in checkpoints}


def require_tenure(found: Tenure, tenure: Tenure) -> None:
    """`Superseded` or `Displaced` unless what is stored is our claim."""
    if found.epoch < tenure.epoch:
        raise Displaced("PostgreSQL has forgotten the claim of this projector: it went back to an earlier state")
    if found.epoch > tenure.epoch or found.owner != tenure.owner:
        raise Superseded(f"another process has taken the projection {tenure.projection!r} over; this one stops")


async def advance(connection: Connection, tenure: Tenure, checkpoints: Sequence[Checkpoint]) -> None:
    """Move the places, in the transaction that holds their rows."""
    columns = zip(
        *((one.partition, one.bookmark.place, one.sequence, one.event_id) for one in checkpoints), strict=True
    )
    await connection.execute(ADVANCE, (*map(list, columns), tenure.projection, tenure.epoch))


async def caught_up(connection: Connection, tenure: Tenure, ages: Mapping[int, float]) -> None:
    """Note how many seconds ago each partition had everything applied. Errors as those of `fence`."""
    owned = (tenure.projection, tenure.epoch, tenure.owner)
    cursor = await connection.execute(CAUGHT_UP, (list(ages), list(ages.values()), *owned))
    if cursor.rowcount != len(ages):
        await fence(connection, tenure)
        raise Displaced("PostgreSQL has lost the checkpoint of a partition")


async def require_halted(connection: Connection, projection: str, partitions: Collection[int]) -> None:
    """`Displaced` where somebody has lifted the halt of one of these partitions."""
    rows = await (await connection.execute(LIFTED, (projection, list(partitions)))).fetchall()
    if rows:
        raise Displaced(f"partition {rows[0][0]} was set to be read again")


async def stop(connection: Connection, tenure: Tenure, partition: int, why: str) -> None:
    """Note for everybody to see that a partition is read no further."""
    await connection.execute(STOP, (why, tenure.projection, tenure.epoch, partition))


async def begin_at(connection: Connection, projection: str, places: Sequence[Checkpoint]) -> None:
    """Set places anew, no matter who owns the projection: its tables were made from another log, or from nothing."""
    for place in places:
        arguments = (place.bookmark.place, place.sequence, place.event_id, projection, place.partition)
        await connection.execute(BEGIN_AT, arguments)


async def switch(connection: Connection, projection: str, *, fenced: bool) -> None:
    """Tell the owner that tables were changed under it; `fenced` takes its right to write away, too."""
    await connection.execute(SWITCH, (int(fenced), projection))


async def _lock_all(connection: Connection, projection: str, partitions: int) -> tuple[Tenure, tuple[Checkpoint, ...]]:
    await connection.execute(CREATE, {"projection": projection, "partitions": partitions})
    tenure, checkpoints = await _lock(connection, projection)
    if len(checkpoints) != partitions:
        raise OtherLog(f"the views know {len(checkpoints)} partitions and the log has {partitions}")
    return tenure, checkpoints


async def _lock(connection: Connection, projection: str) -> tuple[Tenure, tuple[Checkpoint, ...]]:
    rows = await (await connection.execute(CHECKPOINTS_LOCKED, (projection,))).fetchall()
    checkpoints = tuple(Checkpoint(row[0], Bookmark(row[1]), row[2], row[3]) for row in rows)
    epoch, generation, owner = rows[0][4:] if rows else (0, 0, "")
    return Tenure(projection, epoch, generation, owner), checkpoints
