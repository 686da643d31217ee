"""The stored form of an event: one CloudEvents 1.0 JSON document in structured mode, written once, never re-encoded.

Decides: attribute names, their formats and the hash link (`prevhash` = SHA-256 of the same stream's previous value).
Must not know: which log stores it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from domain.access import Role
from domain.catalogue import EVENTS, event_type
from domain.recorded import Metadata, Origin, Position, Recorded
from streams.log import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.decider import Event
    from streams.log import Stored

NO_HASH: Final = "0" * 64
"""`prevhash` of a stream's first record."""

UPCASTERS: Final[dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]]] = {}
"""Old type -> (its next version, how the payload becomes that). Applied until a type is current."""


class UnknownType(Exception):
    """The log holds an event type that this version of the program does not know; it is never skipped."""


class Unreadable(Exception):
    """The log holds a record that is not in the stored form."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event on its way into the log: everything a record needs but its place."""

    stream: str
    version: int
    event_id: UUID
    event: Event
    metadata: Metadata
    previous_hash: str


def encode(draft: Draft, company: str) -> bytes:
    """The record's value. `company` names the source."""
    metadata = draft.metadata
    kind = event_type(type(draft.event))
    document: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(draft.event_id),
        "source": f"/ordertrail/{company}",
        "type": kind,
        "dataschema": f"urn:ordertrail:schema:{kind}",
        "subject": draft.stream,
        "time": rfc3339(metadata.recorded_at),
        "streamversion": draft.version,
        "commandid": str(metadata.command_id),
        "commandhash": metadata.command_hash,
        "correlationid": str(metadata.correlation_id),
        "actor": metadata.actor,
        "role": metadata.role.value,
        "origin": metadata.origin.value,
        "prevhash": draft.previous_hash,
    }
    if metadata.causation_id is not None:
        document["causationid"] = str(metadata.causation_id)
    if metadata.traceparent is not None:
        document["traceparent"] = metadata.traceparent
    if metadata.on_behalf_of is not None:
        document["onbehalfof"] = metadata.on_behalf_of
    document["data"] = orjson.Fragment(draft.event.__pydantic_serializer__.to_json(draft.event, exclude_none=True))
    return orjson.dumps(document)


def digest(value: bytes) -> str:
    """Hash of a stored value, as the next record of its stream carries it."""
    return hashlib.sha256(value).hexdigest()


def decode(stored: Stored, partition: int) -> Recorded[Event]:
    """The event with its surroundings; raises `UnknownType` or `Unreadable`."""
    document = parse(stored.value)
    try:
        event = _event(document["type"], document["data"])
        return Recorded(
            position=Position(partition, stored.sequence),
            stream=document["subject"],
            version=document["streamversion"],
            event_id=UUID(document["id"]),
            event=event,
            metadata=_metadata(document),
            hash=digest(stored.value),
        )
    except (KeyError, ValueError) as error:
        raise Unreadable(f"record {partition}:{stored.sequence} is not in the stored form: {error}") from error


def parse(value: bytes) -> dict[str, Any]:
    """The CloudEvents document as it is stored; raises `Unreadable`."""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"a record is no JSON document: {error}") from error
    if not isinstance(document, dict):
        raise Unreadable("a record is no JSON object")
    return document


def event_id(value: bytes) -> UUID:
    """The id of a stored event; of bytes that are none any more, one made of them: they too have to be known again."""
    try:
        return UUID(parse(value)["id"])
    except (Unreadable, KeyError, TypeError, ValueError, AttributeError):
        return UUID(bytes=hashlib.sha256(value).digest()[:16])


def identity_of(last: Stored | Record | None) -> tuple[int, UUID | None]:
    """Sequence and event id of the last record before a place: by these a log is known again. 0 and None of nothing."""
    return (0, None) if last is None else (last.sequence, event_id(last.value))


def reread(stored: Stored) -> Record:
    """A committed record in the form in which it was appended."""
    document = parse(stored.value)
    return Record(
        sequence=stored.sequence,
        stream=document["subject"],
        version=document["streamversion"],
        command_id=UUID(document["commandid"]),
        value=stored.value,
    )


def rfc3339(instant: datetime) -> str:
    """UTC with microseconds, e.g. `2026-11-23T14:00:00.000000Z`."""
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _event(kind: str, data: dict[str, Any]) -> Event:
    while kind in UPCASTERS:
        kind, upcast = UPCASTERS[kind]
        data = upcast(data)
    known: type[Event] | None = EVENTS.get(kind)
    if known is None:
        raise UnknownType(f"unknown event type {kind!r}: a newer version of the program wrote it")
    return known.model_validate(data)


def _metadata(document: dict[str, Any]) -> Metadata:
    causation = document.get("causationid")
    return Metadata(
        command_id=UUID(document["commandid"]),
        command_hash=document["commandhash"],
        actor=document["actor"],
        role=Role(document["role"]),
        recorded_at=datetime.fromisoformat(document["time"]),
        correlation_id=UUID(document["correlationid"]),
        causation_id=None if causation is None else UUID(causation),
        traceparent=document.get("traceparent"),
        on_behalf_of=document.get("onbehalfof"),
        origin=Origin(document["origin"]),
    )
