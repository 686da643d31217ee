"""The stored form: written once, read for ever, and linked so that nobody can alter it unseen.

`history/` holds one golden record of every event type ever written; `python -m tests.streams.test_record` adds what is
missing there and never touches what is there.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from domain.access import Role
from domain.catalogue import EVENTS, event_type
from domain.decider import Event
from domain.order.events import SentToWarehouse
from domain.recorded import Metadata, Origin, Position
from streams.log import Stored
from streams.record import NO_HASH, UPCASTERS, Draft, UnknownType, Unreadable, decode, digest, encode, event_id, parse
from tests.streams.samples import AT, ORDER_ID, SAMPLES

HISTORY = Path(__file__).parent / "history"
STREAM = f"order-{ORDER_ID}"
METADATA = Metadata(
    command_id=UUID(int=1),
    command_hash="c" * 64,
    actor="ada",
    role=Role.SALES,
    recorded_at=AT,
    correlation_id=UUID(int=2),
    causation_id=UUID(int=3),
    traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    on_behalf_of="A. Shop",
    origin=Origin.LIVE,
)


def encoded(event: Event, version: int = 1, previous: str = NO_HASH) -> bytes:
    return encode(Draft(STREAM, version, UUID(int=4), event, METADATA, previous), "test")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_an_event_comes_back_as_it_was_stored(sample: Event) -> None:
    value = encoded(sample)
    recorded = decode(Stored(9, STREAM, 1, value), 3)
    assert recorded.event == sample
    assert (recorded.metadata, recorded.position, recorded.stream) == (METADATA, Position(3, 9), STREAM)
    assert recorded.hash == digest(value)


def test_every_event_of_the_catalogue_has_a_sample_and_a_golden_record() -> None:
    assert {event_type(type(sample)) for sample in SAMPLES} == set(EVENTS)
    assert {path.stem for path in HISTORY.glob("*.json")} == set(EVENTS) | set(UPCASTERS)


def test_the_samples_fill_every_field_that_may_be_left_out() -> None:
    said = [said for sample in SAMPLES for said in optional(sample)]
    assert {field for field, _ in said} == {field for field, filled in said if filled}


def optional(part: object) -> Iterator[tuple[str, bool]]:
    """Every field that has a default, by the class that has it, and whether it says something else."""
    if isinstance(part, tuple):
        yield from (found for each in part for found in optional(each))
    if isinstance(part, BaseModel):
        for name, field in type(part).model_fields.items():
            value = getattr(part, name)
            if not field.is_required():
                owner = next(base for base in type(part).__mro__ if name in vars(base).get("__annotations__", {}))
                yield f"{owner.__name__}.{name}", value != field.default
            yield from optional(value)


@pytest.mark.parametrize("path", sorted(HISTORY.glob("*.json")), ids=lambda path: path.stem)
def test_every_golden_record_still_reads_as_what_it_said(path: Path) -> None:
    value = path.read_bytes().rstrip(b"\n")
    recorded = decode(Stored(9, STREAM, 1, value), 3)
    said = upcast(json.loads(value))
    assert (str(recorded.event_id), recorded.stream) == (said["id"], said["subject"])
    meant = json.loads(recorded.event.model_dump_json(exclude_none=True))
    assert {name: meant[name] for name in said["data"]} == said["data"]


def upcast(document: dict[str, Any]) -> dict[str, Any]:
    """What a golden record of an older version is to say today."""
    while document["type"] in UPCASTERS:
        kind, brought_up = UPCASTERS[document["type"]]
        document = {**document, "type": kind, "data": brought_up(document["data"])}
    return document


def test_a_record_carries_the_attributes_of_the_stored_form_and_no_others() -> None:
    value = encoded(SAMPLES[1], version=2, previous="a" * 64)
    document = parse(value)
    assert set(document) == {
        *("specversion", "id", "source", "type", "dataschema", "subject", "time", "streamversion", "commandid"),
        *("commandhash", "causationid", "correlationid", "traceparent", "actor", "role", "onbehalfof", "origin"),
        *("prevhash", "data"),
    }
    assert document["type"] == "ordertrail.order.OrderConfirmed.v1"
    assert document["source"] == "/ordertrail/test"
    assert document["time"] == "2026-03-02T09:00:00.123456Z"
    assert (document["streamversion"], document["prevhash"]) == (2, "a" * 64)


def test_a_record_stands_on_one_line_so_that_an_export_can_be_cut() -> None:
    assert all(b"\n" not in encoded(sample) and b"\t" not in encoded(sample) for sample in SAMPLES)


def test_an_unknown_type_is_an_error_and_never_skipped() -> None:
    value = encoded(SAMPLES[1]).replace(b"OrderConfirmed.v1", b"OrderConfirmed.v9")
    with pytest.raises(UnknownType, match=r"OrderConfirmed\.v9"):
        decode(Stored(1, STREAM, 1, value), 0)


@pytest.mark.parametrize("value", [b"", b"no JSON", b"[]", b"{}", b'{"id": 7}', b'{"id": "seven"}', b"\xff"])
def test_what_is_no_event_any_more_is_still_told_from_others(value: bytes) -> None:
    assert event_id(value) == event_id(value)
    assert event_id(value) != event_id(value + b" ")


@pytest.mark.parametrize("value", [b"", b"[]", b"{}", b"\xff", encoded(SAMPLES[1])[:-10]])
def test_what_is_no_record_is_unreadable_with_a_sentence(value: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(Stored(1, STREAM, 1, value), 0)


def test_an_older_type_is_brought_up_to_date_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(data: dict[str, object]) -> dict[str, object]:
        return {"occurred_at": data["happened_at"], **{name: data[name] for name in data if name != "happened_at"}}

    sample = next(sample for sample in SAMPLES if isinstance(sample, SentToWarehouse))
    monkeypatch.setitem(UPCASTERS, "ordertrail.order.SentToWarehouse.v0", (event_type(SentToWarehouse), renamed))
    document = json.loads(encoded(sample))
    document["type"] = "ordertrail.order.SentToWarehouse.v0"
    document["data"]["happened_at"] = document["data"].pop("occurred_at")
    assert decode(Stored(1, STREAM, 1, json.dumps(document).encode()), 0).event == sample


def _write_golden_records() -> None:
    HISTORY.mkdir(exist_ok=True)
    for sample in SAMPLES:
        path = HISTORY / f"{event_type(type(sample))}.json"
        if not path.exists():
            path.write_bytes(encoded(sample) + b"\n")


if __name__ == "__main__":
    _write_golden_records()
