"""kill -9 of each part under load: all that was acknowledged is in the log once, and all goes on without a hand."""

import asyncio
import os
import signal

import pytest

from tests.failure.load import SCARCE, Load
from tests.instance import Instance, exported

BACK_S = 180.0
BEFORE, AFTER = 40, 40
"""Orders acknowledged before the kill and after everything is back."""
TIMES = 10
STANDSTILL_S = 20.0
EMBEDDED = [
    pytest.param("embedded_victim", part, id=f"embedded-{part}", marks=pytest.mark.server)
    for part in ("server", "projector", "postgres")
]
KAFKA = [
    pytest.param("kafka_victim", part, id=f"kafka-{part}", marks=[pytest.mark.server, pytest.mark.kafka])
    for part in ("server", "projector", "postgres", "broker")
]


@pytest.fixture
def victim(request: pytest.FixtureRequest) -> Instance:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Instance)
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("victim", "part"), EMBEDDED + KAFKA, indirect=["victim"])
async def test_one_kill_under_load(victim: Instance, part: str) -> None:
    await killed_under_load(victim, part, times=1)


@pytest.mark.soak
@pytest.mark.parametrize(("victim", "part"), EMBEDDED + KAFKA, indirect=["victim"])
async def test_ten_kills_under_load(victim: Instance, part: str) -> None:
    await killed_under_load(victim, part, times=TIMES)


@pytest.mark.soak
@pytest.mark.parametrize(("victim", "part"), [EMBEDDED[0], KAFKA[0], KAFKA[3]], indirect=["victim"])
async def test_a_part_that_stood_still_goes_on_and_nobody_starts_anything_again(victim: Instance, part: str) -> None:
    load, before = Load(victim), victim.pids()
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        await load.reached(BEFORE)
        os.kill(before[part], signal.SIGSTOP)
        await asyncio.sleep(STANDSTILL_S)
        os.kill(before[part], signal.SIGCONT)
        await load.reached(AFTER)
        load.enough.set()
    assert victim.pids() == before
    await all_is_well(victim, load)


async def killed_under_load(victim: Instance, part: str, times: int) -> None:
    load = Load(victim)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run())
        for _ in range(times):
            load.hurry = True
            pid = (await asyncio.to_thread(victim.pids))[part]
            await load.reached(BEFORE)
            os.kill(pid, signal.SIGKILL)  # at once: a search for it here would let the work under way run out
            load.hurry = False
            await back(victim, part, pid)
        await load.reached(AFTER)
        load.enough.set()
    if part == "server":
        assert load.sent_again, "nothing was under way when the server was killed"
    await all_is_well(victim, load)


async def all_is_well(victim: Instance, load: Load) -> None:
    await victim.settled()
    await check_orders(victim, load)
    file = await asyncio.to_thread(victim.export_file)
    load.check_log(list(exported(file)))
    load.check_journal(file)
    await asyncio.to_thread(victim.verify)


async def back(victim: Instance, part: str, killed: int) -> None:
    async with asyncio.timeout(BACK_S):
        while not await asyncio.to_thread(victim.is_back, part, killed):  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.1)


async def check_orders(victim: Instance, load: Load) -> None:
    """Every order went as far as it goes by itself: what there was is sent, what there was not is waited for."""
    async with victim.people() as people:
        rows = await people.all_rows("/orders", "orders", customer=load.customer)
        plenty, scarce = await people.stock(load.plenty), await people.stock(load.scarce)
    assert {row["number"] for row in rows} == {one.number for one in load.placed}
    assert {(row["headline"], row["waiting_on"], row["next_action"]) for row in rows} == {
        ("processing", "warehouse", "pick")
    }
    waiting = [row for row in rows if [badge["kind"] for badge in row["badges"]] == ["backordered"]]
    assert len(rows) - len(waiting) == scarce["reserved"] == SCARCE
    assert scarce["waiting"] == scarce["waiting_orders"] == len(waiting)
    assert (plenty["reserved"], plenty["waiting"]) == (2 * len(rows), 0)
