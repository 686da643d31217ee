"""Story 4: ten units come in, three orders wait. Who gets them is decided by rules that anybody can look up."""

import itertools
from typing import Any

import pytest

from tests.people import People, Placed, fresh, line

WISHES: dict[str, dict[str, Any]] = {
    "urgent": {"priority": 1},
    "dated": {"requested_date": "2031-03-09"},
    "plain": {},
}


@pytest.mark.parametrize("arrival", list(itertools.permutations(WISHES))[::2], ids=" ".join)
async def test_priority_goes_first_then_a_requested_date_whoever_came_first(
    people: People, arrival: tuple[str, ...]
) -> None:
    sku = fresh("cup")
    placed: dict[str, Placed] = {}
    for name in arrival:
        placed[name] = await people.place(line(sku, 4), **WISHES[name])
        assert await people.totals(placed[name]) == {"backordered": 4}
    await people.receive(sku, 10)
    await people.settled()
    assert await people.totals(placed["urgent"]) == {"sent": 4}
    assert await people.totals(placed["dated"]) == {"sent": 4}
    assert await people.totals(placed["plain"]) == {"backordered": 2, "sent": 2}


async def test_of_equal_orders_the_first_to_arrive_is_served_first(people: People) -> None:
    sku = fresh("cup")
    placed = []
    for _ in range(3):
        placed.append(await people.place(line(sku, 4)))
        await people.settled()
    await people.receive(sku, 10)
    assert [await people.totals(one) for one in placed] == [{"sent": 4}, {"sent": 4}, {"backordered": 2, "sent": 2}]


async def test_the_timelines_tell_who_got_what_and_why(people: People) -> None:
    sku = fresh("cup")
    first = await people.place(line(sku, 8))
    await people.settled()
    second = await people.place(line(sku, 8))
    await people.settled()
    await people.receive(sku, 10)
    await people.settled()
    events = await people.timeline(f"/stock/{sku}/main")
    received = next(event for event in events if ".StockReceived." in event["type"])
    (served,) = (event for event in events if ".StockAllocated." in event["type"])
    assert [answer["order_id"] for answer in served["data"]["answers"]] == [first.id, second.id]
    assert served["command_id"] == received["command_id"], "decided with the receipt itself"
    for placed in (first, second):
        reserved = [one for one in await people.timeline(f"/orders/{placed.id}") if ".UnitsReserved." in one["type"]]
        assert len(reserved) == 1
        assert sku in reserved[0]["cause"], "the order's timeline names the stock that answered"
    stock = await people.stock(sku)
    assert (stock["reserved"], stock["available"], stock["waiting"], stock["waiting_orders"]) == (10, 0, 6, 1)


async def test_who_goes_on_waiting_is_told_no_date_that_nobody_gave(people: People) -> None:
    sku = fresh("cup")
    first = await people.place(line(sku, 10))
    await people.settled()
    second = await people.place(line(sku, 3))
    await people.settled()
    await people.receive(sku, 10)
    assert await people.totals(first) == {"sent": 10}
    found = await people.tracked(second)
    assert (found["lines"][0]["states"], found["dates"]) == ({"waiting-for-stock": 3}, [])
    assert "We will tell you the date as soon as we have it." in await people.tracked_page(second)
