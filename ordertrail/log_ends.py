"""How far the log had come when this instance last looked, kept beside the manifest.

Decides: when a log that is opened was set back, as by an older copy of the embedded PostgreSQL: by itself it cannot
tell. Must not know: why it was set back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ordertrail.manifest import DataRefused, replace_file
from streams.log import Bookmark, LogUnfit
from streams.record import event_id, identity_of

if TYPE_CHECKING:
    from streams.log import Log

FILE: Final = "log-ends.json"


class LogEnd(BaseModel):
    """The last record of a partition, and the place after it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    partition: int
    place: int
    sequence: int
    event_id: UUID


ENDS: Final = TypeAdapter(tuple[LogEnd, ...])


async def note(data: Path, log: Log) -> None:
    """Remember the end of every partition that has one. Raises the log's errors."""
    ends = []
    for partition in range(log.partitions):
        end = await log.end(partition)
        last = await log.last_before(partition, end)
        if last is not None:
            known = event_id(last.value)
            ends.append(LogEnd(partition=partition, place=end.place, sequence=last.sequence, event_id=known))
    replace_file(data / FILE, ENDS.dump_json(tuple(ends), indent=2).decode())


async def require_not_set_back(data: Path, log: Log) -> None:
    """`DataRefused` when the log does not hold what was its end before."""
    for known in _remembered(data / FILE):
        if known.partition < log.partitions and not await _holds(log, known):
            raise DataRefused(
                f"The log was set back: partition {known.partition} had reached sequence {known.sequence}, and it "
                "does not hold that record, nor what was written after it. If that is meant, delete "
                f"{data / FILE} and start again."
            )


def _remembered(file: Path) -> tuple[LogEnd, ...]:
    try:
        return ENDS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return ()
    except ValidationError:
        raise DataRefused(f"{file} was written by another version of Ordertrail; delete it and start again.") from None


async def _holds(log: Log, known: LogEnd) -> bool:
    try:
        last = await log.last_before(known.partition, Bookmark(known.place))
    except LogUnfit:  # it ends before that place
        return False
    return identity_of(last) == (known.sequence, known.event_id)
