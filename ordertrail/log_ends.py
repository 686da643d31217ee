"""How far the log had come when this instance last looked, kept beside the manifest.

Decides: when a log was set back, as by an older copy of the embedded PostgreSQL: by itself it cannot tell. What shows
that is never replaced by what a shorter log holds: only a person deletes it. Must not know: why it was set back.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ordertrail.manifest import DataRefused, replace_file
from streams.log import Bookmark, LogUnfit
from streams.record import identity_of

if TYPE_CHECKING:
    from streams.log import Log

LOG_ENDS_FILE: Final = "log-ends.json"
BEYOND_ANY_LOG: Final = 2**63
"""No log counts so far; a greater number is damage."""


class LogSetBack(DataRefused):
    """The log does not hold what was its end before."""


class LogEnd(BaseModel):
    """The last record of a partition, and the place after it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    partition: int = Field(ge=0, lt=BEYOND_ANY_LOG)
    place: int = Field(ge=1, lt=BEYOND_ANY_LOG)
    sequence: int = Field(ge=1, lt=BEYOND_ANY_LOG)
    event_id: UUID


STORED_ENDS: Final = TypeAdapter(tuple[LogEnd, ...])


async def note(data: Path, log: Log) -> None:
    """Remember the end of every partition that has one. Raises the log's errors and the file's.

    `LogSetBack` when the log does not hold what was its end before: then what is remembered stays.
    """
    known = _remembered(data / LOG_ENDS_FILE)
    # Read before the check: a log that is set back between the two is refused, and one set back later was noted whole.
    ends = [end for partition in range(log.partitions) if (end := await _end(log, partition)) is not None]
    await _require_held(data, log, known)
    not_asked = [end for end in known if end.partition >= log.partitions]
    replace_file(data / LOG_ENDS_FILE, STORED_ENDS.dump_json((*ends, *not_asked), indent=2).decode())


async def require_not_set_back(data: Path, log: Log) -> None:
    """`LogSetBack` when the log does not hold what was its end before."""
    await _require_held(data, log, _remembered(data / LOG_ENDS_FILE))


async def _end(log: Log, partition: int) -> LogEnd | None:
    end = await log.end(partition)
    sequence, event_id = identity_of(await log.last_before(partition, end))
    if event_id is None:
        return None
    return LogEnd(partition=partition, place=end.place, sequence=sequence, event_id=event_id)


async def _require_held(data: Path, log: Log, ends: Sequence[LogEnd]) -> None:
    for known in ends:
        if known.partition < log.partitions and not await _holds(log, known):
            raise LogSetBack(
                f"The log was set back: partition {known.partition} had reached sequence {known.sequence}, and it "
                "does not hold that record, nor what was written after it. If that is meant, delete "
                f"{data / LOG_ENDS_FILE} and start again."
            )


def _remembered(file: Path) -> tuple[LogEnd, ...]:
    try:
        return STORED_ENDS.validate_json(file.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        why = f"cannot be read: {(error.strerror or str(error)).lower()}"
    except ValidationError:
        why = "is damaged, or was written by another version of Ordertrail"
    raise DataRefused(
        f"{file} {why}. It tells whether the log was set back; where the log is known to be whole, delete it and start "
        "again."
    )


async def _holds(log: Log, known: LogEnd) -> bool:
    try:
        last = await log.last_before(known.partition, Bookmark(known.place))
    except LogUnfit:  # it ends before that place
        return False
    return identity_of(last) == (known.sequence, known.event_id)
