"""Dates and numbers are of the company's zone when they are given, and stay what they were when the zone is another."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import ORDER
from domain.order.events import OrderPlaced
from domain.order.state import Order
from streams.log import Log
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.runtime import Runtime
from streams.snapshots import MemorySnapshots
from streams.writing.lookup import Lookups
from streams.writing.partition import Company
from streams.writing.writers import Writers
from tests.timing import DEADLINE_S
from tests.writing import QUICK, claim_record, everything, new_order, order, submission

NEW_YEAR_IN_SHANGHAI = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
ZONES = ("UTC", "Asia/Shanghai", "Europe/London", "America/St_Johns", "Pacific/Kiritimati")


async def placed_in(log: Log, zone: tzinfo, clock: Callable[[], datetime]) -> Order:
    """An order, as a process in this zone places it."""
    runtime = Runtime(clock=clock, limits=QUICK, zone=zone)
    company = Company("test", "T", log.partitions)
    writers = Writers(log, Lookups(MemoryIndex(), MemorySnapshots()), company, claim_record(log), runtime)
    owning = asyncio.create_task(writers.run())
    try:
        async with asyncio.timeout(DEADLINE_S):
            await writers.opened()
            answer = await writers.submit(submission(new_order(), order(("A", 1))))
    finally:
        owning.cancel()
        await asyncio.gather(owning, return_exceptions=True)
    assert isinstance(answer.state, Order)
    return answer.state


async def test_the_year_of_a_number_begins_when_it_begins_for_the_company() -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    there = await placed_in(log, ZoneInfo("Asia/Shanghai"), lambda: NEW_YEAR_IN_SHANGHAI)
    here = await placed_in(log, UTC, lambda: NEW_YEAR_IN_SHANGHAI)
    assert (there.number[:7], there.business_date) == ("T-2026-", date(2026, 1, 1))
    assert (here.number[:7], here.business_date) == ("T-2025-", date(2025, 12, 31))


@given(st.lists(st.sampled_from(ZONES), min_size=2, max_size=4))
async def test_what_was_placed_keeps_its_date_and_number_whatever_the_zone_is_afterwards(zones: list[str]) -> None:
    log = MemoryLog(MemoryBroker(partitions=1))
    lived = [await placed_in(log, ZoneInfo(zone), lambda: NEW_YEAR_IN_SHANGHAI) for zone in zones]
    stored = await everything(log)
    assert all(isinstance(recorded.event, OrderPlaced) for recorded in stored)
    folded = [ORDER.fold(recorded.stream, [recorded.event]) for recorded in stored]  # type: ignore[list-item]  # orders alone were placed
    assert folded == lived
    assert [each.business_date for each in lived] == [
        NEW_YEAR_IN_SHANGHAI.astimezone(ZoneInfo(zone)).date() for zone in zones
    ]
