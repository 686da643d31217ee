"""The data directory's manifest: what kind of data lies here, so that nothing else is ever run on it by mistake.

Decides: when data is empty, restored or refused. Must not know: how a log is opened; it is given the claims found
there. They say the same about the company; whichever of the two is left restores the other.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from ordertrail.settings import LogKind
from streams.log import ClaimRecord

if TYPE_CHECKING:
    from ordertrail.settings import Settings

DATA_FORMAT: Final = 2
"""Version of the data on disk and in the log as a whole; raised when older data or programs are left behind."""

HASH_NAME: Final = "crc32"
"""The function that spreads streams over partitions (`domain/stream_names.py`)."""

MANIFEST_FILE: Final = "manifest.json"


class DataRefused(Exception):
    """This data cannot be run with these settings; the message is one sentence."""


class SampleRun(BaseModel):
    """How far the sample of a training company is; `run` keeps its keys the same when it is taken up again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    done: bool = False


class Manifest(BaseModel):
    """What the data directory holds. `claimed` is false until a log was claimed under it for the first time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_format: int = DATA_FORMAT
    log: LogKind
    company: str
    training: bool
    number_prefix: str
    partitions: int
    hash_name: str = HASH_NAME
    claimed: bool = False
    sample: SampleRun | None = None

    def claim_record(self, owner: str, instance: str) -> ClaimRecord:
        """What an owner at the address `owner` writes into the log; `instance` names this run of it."""
        return ClaimRecord(
            owner=owner,
            company=self.company,
            training=self.training,
            number_prefix=self.number_prefix,
            partitions=self.partitions,
            hash_name=self.hash_name,
            data_format=self.data_format,
            instance=instance,
        )

    def sample_finished(self) -> Manifest:
        """The same with the sample played to its end."""
        done = self.sample and self.sample.model_copy(update={"done": True})
        return self.model_copy(update={"sample": done})

    @property
    def sample_due(self) -> bool:
        """Whether the sample has not been played to its end."""
        return self.training and self.sample is not None and not self.sample.done


def load(data: Path) -> Manifest | None:
    """The manifest, None where there is none; `DataRefused` for data of another version."""
    try:
        text = (data / MANIFEST_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        found = Manifest.model_validate_json(text)
    except ValidationError:
        raise DataRefused(f"The data in {data} was written by another version of Ordertrail.") from None
    _require_format(f"The data in {data}", found.data_format)
    return found


def _require_format(what: str, data_format: int) -> None:
    if data_format < DATA_FORMAT:
        raise DataRefused(
            f"{what} was written by Ordertrail 0.1, whose events have another form; this version cannot read it. "
            "Keep it for 0.1 and begin with other data."
        )
    if data_format > DATA_FORMAT:
        raise DataRefused(
            f"{what} has format {data_format} and was written by a newer Ordertrail; this version reads {DATA_FORMAT}."
        )


def save(data: Path, manifest: Manifest) -> None:
    """Replace the manifest."""
    replace_file(data / MANIFEST_FILE, manifest.model_dump_json(indent=2))


def replace_file(file: Path, text: str) -> None:
    """Replace a file as a whole, and only once its new text is on the disk."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    with unfinished.open("w", encoding="utf-8") as opened:
        opened.write(f"{text}\n")
        opened.flush()
        os.fsync(opened.fileno())
    unfinished.replace(file)


def require_kind(found: Manifest | None, settings: Settings) -> None:
    """Refuse data of the other log before any server is started."""
    if found and found.log is not settings.log:
        raise DataRefused(
            f"The data in {settings.data} is of LOG={found.log}; it cannot be run with LOG={settings.log}."
        )


def settle(found: Manifest | None, claims: Sequence[ClaimRecord], settings: Settings, new_id: str) -> Manifest:
    """What this start runs under: the manifest found, one restored from the newest claims, or a new company's.

    `claims` are those found in the log, one a partition at most; `new_id` names a new company and its sample's run.
    """
    for claim in claims:
        _require_format("The log", claim.data_format)
    if found is None:
        return _restored(claims[0], settings) if claims else _new(settings, new_id)
    if found.claimed and not claims:
        raise DataRefused(
            f"The manifest in {settings.data} belongs to a log that is gone; put the log back or use other data."
        )
    for claim in claims:
        if claim != found.claim_record(claim.owner, claim.instance):
            raise DataRefused(
                f"The log belongs to company {claim.company!r}, the data in {settings.data} to {found.company!r}."
            )
    return found


def _restored(claim: ClaimRecord, settings: Settings) -> Manifest:
    if claim.hash_name != HASH_NAME:
        raise DataRefused(
            f"The log spreads its streams by {claim.hash_name}, this version of Ordertrail by {HASH_NAME}."
        )
    return Manifest(
        log=settings.log,
        company=claim.company,
        training=claim.training,
        number_prefix=claim.number_prefix,
        partitions=claim.partitions,
        claimed=True,
    )


def _new(settings: Settings, new_id: str) -> Manifest:
    sample = SampleRun(run=new_id) if settings.training and settings.sample else None
    return Manifest(
        log=settings.log,
        company=settings.company or f"{'training' if settings.training else 'company'}-{new_id}",
        training=settings.training,
        number_prefix=settings.prefix,
        partitions=settings.partitions,
        sample=sample,
    )
