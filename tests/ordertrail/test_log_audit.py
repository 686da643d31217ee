"""Verify finds what was altered, lost, repeated or promised twice, and nothing in a sound log."""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.decider import Event
from domain.event_values import Shortage
from domain.recorded import Metadata
from domain.roles import Role
from domain.stock.events import StockAllocated, StockReceived, StockReserved
from domain.stock.terms import Answer, Place, Shift
from domain.stream_names import partition_of
from ordertrail.operating.log_audit import LogAudit
from streams.log import Stored
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.record import NO_HASH, Draft, digest, encode
from tests.writing import new_order, order, receipt, submission, with_workflow

PARTITIONS = 2
Log = dict[int, list[Stored]]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def sound() -> Log:
    """A log with an order that stock could serve and one that has to wait."""
    log = MemoryLog(MemoryBroker(PARTITIONS))
    await log.open()
    async with with_workflow(log, MemoryIndex()) as running:
        await running.writers.submit(receipt("MUG", 3))
        for _ in range(2):
            await running.writers.submit(submission(new_order(), order(("MUG", 2), ("CUP", 1))))
        await running.until_idle()
    return {
        number: [one async for batch in log.read(number, upto=await log.end(number)) for one in batch.records]
        for number in range(PARTITIONS)
    }


def problems(log: Log) -> list[str]:
    check = LogAudit(PARTITIONS)
    for number, records in log.items():
        for stored in records:
            check.take(stored, number)
    check.finish()
    return check.problems.told


def longest(log: Log) -> int:
    return max(log, key=lambda number: len(log[number]))


def stock_log(*events: tuple[Event, uuid.UUID]) -> Log:
    """A log of one stock item, written without asking any decision."""
    stream, previous = "stock-MUG@main", NO_HASH
    partition = partition_of(stream, PARTITIONS)
    stored = []
    for version, (event, command_id) in enumerate(events, start=1):
        metadata = Metadata(command_id, "0" * 64, "ada", Role.ADMIN, NOON + timedelta(seconds=version), command_id)
        value = encode(Draft(stream, version, uuid.uuid4(), event, metadata, previous), "test")
        stored.append(Stored(version, stream, 1, value))
        previous = digest(value)
    return {partition: stored, 1 - partition: []}


def moved(units: int, source: Place) -> tuple[Shift, ...]:
    return (Shift(line=1, quantity=units, source=source, target=Place.RESERVED),)


def reserved(units: int) -> StockReserved:
    return StockReserved(
        occurred_at=NOON,
        order_id=uuid.uuid4(),
        order_version=1,
        moves=moved(units, Place.NOT_WANTED),
        lines=(),
        priority=5,
        shortage=Shortage.WAIT,
        provisional=False,
        deferred=False,
        wanted=units,
        available=units,
    )


def allocated(units: int) -> StockAllocated:
    answer = Answer(order_id=uuid.uuid4(), want_version=1, moves=moved(units, Place.WAITING))
    return StockAllocated(occurred_at=NOON, answers=(answer,))


def test_a_sound_log_has_no_problem(sound: Log) -> None:
    assert sum(map(len, sound.values())) > 10
    assert problems(sound) == []


def test_a_lost_record_is_missed(sound: Log) -> None:
    place = longest(sound)
    del sound[place][3]
    assert any("sequence 4 was due" in problem for problem in problems(sound))


def test_an_altered_record_breaks_the_chain_at_its_successor(sound: Log) -> None:
    place = longest(sound)
    versions = [json.loads(one.value)["streamversion"] for one in sound[place]]
    followed = next(at for at in range(len(versions)) if has_successor(sound[place], at))
    altered = sound[place][followed].value.replace(b'"ada"', b'"eve"').replace(b'"workflow"', b'"workflaw"')
    sound[place][followed] = replace(sound[place][followed], value=altered)
    assert any("is not linked to its version" in problem for problem in problems(sound))


def has_successor(records: Sequence[Stored], place: int) -> bool:
    return any(later.stream == records[place].stream for later in records[place + 1 :])


def test_a_record_nobody_can_read_is_told_with_its_place(sound: Log) -> None:
    place = longest(sound)
    sound[place][0] = replace(sound[place][0], value=b"nothing")
    assert f"{place}:1: a record is no JSON document" in problems(sound)[0]


def test_an_unknown_type_is_told(sound: Log) -> None:
    place = longest(sound)
    first = sound[place][0]
    sound[place][0] = replace(first, value=first.value.replace(b'"type":"ordertrail.', b'"type":"elsewhere.'))
    assert any("unknown event type" in problem for problem in problems(sound))


@pytest.mark.parametrize("promise", [reserved, allocated])
def test_more_reserved_than_there_is_is_told(promise: Callable[[int], Event]) -> None:
    received = StockReceived(occurred_at=NOON, quantity=3)
    assert problems(stock_log((received, uuid.uuid4()), (promise(3), uuid.uuid4()))) == []
    (problem,) = problems(stock_log((received, uuid.uuid4()), (promise(4), uuid.uuid4())))
    assert "reserved more than there was: -1 available" in problem


def test_a_command_carried_out_twice_is_told() -> None:
    received, twice = StockReceived(occurred_at=NOON, quantity=3), uuid.uuid4()
    (problem,) = problems(stock_log((received, twice), (received, uuid.uuid4()), (received, twice)))
    assert f"command {twice} was carried out before" in problem


def test_a_record_in_a_foreign_partition_is_told() -> None:
    log = stock_log((StockReceived(occurred_at=NOON, quantity=3), uuid.uuid4()))
    swapped = {number: log[1 - number] for number in log}
    assert any("belongs to another partition" in problem for problem in problems(swapped))
