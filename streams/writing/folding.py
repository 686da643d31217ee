"""A stream's state from its snapshot and its records, each checked to follow the one before it.

Must not know: where they come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.catalogue import DECIDERS
from domain.stream_names import kind_of
from streams import state_codec
from streams.record import Unreadable, decode, digest
from streams.writing.staging import Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streams.log import Stored
    from streams.snapshots import Snapshot


class SnapshotRefuted(Exception):
    """The snapshot cannot be used: the stream has to be folded from its first event."""


def begun_at(name: str, snapshot: Snapshot | None) -> Stream:
    """The state before the records that are still to be folded: the snapshot's, or that of an empty stream."""
    kind = kind_of(name)
    if snapshot is None:
        return Stream(DECIDERS[kind].initial(name), 0)
    state, size = state_codec.load(kind, snapshot.state), len(snapshot.state)
    return Stream(state, snapshot.version, snapshot.hash, snapshot.sequence, snapshot.recorded_at, size)


def folded(name: str, snapshot: Snapshot | None, rows: Sequence[Stored], partition: int) -> Stream:
    """The state after the records. With a snapshot the first of them is the one that it was taken at.

    Raises `SnapshotRefuted` when that is another one, `Unreadable` when a version is missing, and what a rule raises.
    """
    if snapshot is not None:
        if not rows or digest(rows[0].value) != snapshot.hash:
            raise SnapshotRefuted(f"{name} at version {snapshot.version}")
        rows = rows[1:]
    try:
        stream = begun_at(name, snapshot)
    except Exception as error:  # whatever the codec raises: a snapshot is a cache
        raise SnapshotRefuted(f"{name} at version {snapshot.version if snapshot else 0}: {error}") from error
    evolve = DECIDERS[kind_of(name)].evolve
    for stored in rows:
        recorded = decode(stored, partition)
        if recorded.version != stream.version + 1:
            raise Unreadable(f"{name}: version {stream.version + 1} expected, {recorded.version} found")
        stream = Stream(
            evolve(stream.state, recorded.event), recorded.version, recorded.hash, stored.sequence,
            recorded.metadata.recorded_at, stream.size + len(stored.value),
        )  # fmt: skip
    return stream
