"""The log in memory: the contract of every log, and the faults that only it can plan."""

import asyncio
from collections.abc import Awaitable

import pytest

from streams.log import Claim, Fenced, Log, LogUnavailable, NotCommitted, OutcomeUnknown
from streams.memory.log import Fault, MemoryBroker, MemoryLog
from tests.streams.contract_log import NEXT_OWNER, OWNER, Another, LogContract, LoseAnswer, read_all, read_until, some


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker(partitions=2)


@pytest.fixture
def another(broker: MemoryBroker) -> Another:
    async def open_log() -> Log:
        log: Log = MemoryLog(broker)
        await log.open()
        return log

    return open_log


@pytest.fixture(params=[Fault.UNKNOWN_COMMITTED, Fault.UNKNOWN_LOST, Fault.UNKNOWN_LATE])
def lose_answer(request: pytest.FixtureRequest) -> LoseAnswer:
    def plan(log: Log, _claim: Claim) -> Awaitable[None]:
        assert isinstance(log, MemoryLog)
        log.faults.next_append = request.param
        return log.open()

    return plan


class TestMemoryLog(LogContract):
    pass


@pytest.mark.parametrize(
    ("fault", "before", "after_claim"),
    [(Fault.UNKNOWN_COMMITTED, 2, 2), (Fault.UNKNOWN_LOST, 0, 0), (Fault.UNKNOWN_LATE, 0, 2)],
)
async def test_a_doubtful_append_takes_effect_as_planned(
    broker: MemoryBroker, fault: Fault, before: int, after_claim: int
) -> None:
    log = MemoryLog(broker)
    claim = await log.claim(0, OWNER)
    log.faults.next_append = fault
    with pytest.raises(OutcomeUnknown):
        await log.append(claim, some(1, 2))
    assert len(await read_all(log, 0)) == before
    second = await log.claim(0, OWNER)
    assert len(await read_all(log, 0, upto=second.end)) == after_claim


async def test_an_append_that_fails_before_it_takes_effect_leaves_nothing(broker: MemoryBroker) -> None:
    log = MemoryLog(broker)
    claim = await log.claim(0, OWNER)
    log.faults.next_append = Fault.NOT_COMMITTED
    with pytest.raises(NotCommitted):
        await log.append(claim, some(1, 2))
    await log.append(await log.claim(0, OWNER), some(1, 1))
    assert len(await read_all(log, 0)) == 1


async def test_a_claim_that_fails_still_fences_the_owner_before(broker: MemoryBroker) -> None:
    old, new = MemoryLog(broker), MemoryLog(broker)
    claim = await old.claim(0, OWNER)
    new.faults.next_claim = Fault.NOT_COMMITTED
    with pytest.raises(LogUnavailable):
        await new.claim(0, NEXT_OWNER)
    with pytest.raises(Fenced):
        await old.append(claim, some(1, 1))


async def test_what_is_committed_and_not_visible_yet_is_waited_for(broker: MemoryBroker) -> None:
    log, reader = MemoryLog(broker), MemoryLog(broker)
    claim = await log.claim(0, OWNER)
    broker.hide(0)
    after = await log.append(claim, some(1, 2))
    reading = asyncio.create_task(read_all(reader, 0, upto=after))
    await asyncio.sleep(0)
    assert not reading.done()
    broker.show(0)
    assert len(await reading) == 2


async def test_a_crash_ends_every_process_and_keeps_what_was_committed(broker: MemoryBroker) -> None:
    log, reader = MemoryLog(broker), MemoryLog(broker)
    claim = await log.claim(0, OWNER)
    await log.append(claim, some(1, 2))
    broker.crash()
    with pytest.raises(LogUnavailable):
        await log.append(claim, some(3, 3))
    with pytest.raises(LogUnavailable):
        await read_all(reader, 0)
    assert len(await read_all(MemoryLog(broker), 0)) == 2


async def test_the_crash_of_one_process_leaves_the_readers_of_another_waiting(broker: MemoryBroker) -> None:
    writer, reader, third = MemoryLog(broker), MemoryLog(broker), MemoryLog(broker)
    claim = await writer.claim(0, OWNER)
    reading = asyncio.create_task(read_until(reader, 0, 1))
    await asyncio.sleep(0)
    third.crash()
    await asyncio.sleep(0)
    await writer.append(claim, some(1, 1))
    assert len((await reading)[0]) == 1
