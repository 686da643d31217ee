"""Story 5, before the pick: cancelled units are free at once and go to the next; picked ones cannot be cancelled."""

from domain.roles import Role
from tests.people import ORDERS, People, fresh, line, units

CANCEL = {"reason": "changed my mind"}


async def test_freed_stock_goes_to_the_next_who_waits(people: People) -> None:
    sku = fresh("jug")
    await people.receive(sku, 3)
    no_hurry = {"type": "manual", "blocks": ["send"], "reason": "collects it himself"}
    first = await people.place(line(sku, 3), holds=[no_hurry])
    assert await people.totals(first) == {"reserved": 3}
    second = await people.place(line(sku, 2))
    assert await people.totals(second) == {"backordered": 2}
    told = await people.tell(first, "request-cancel", CANCEL, role=Role.CUSTOMER_SERVICE)
    cancelled = await people.order(first, after=told["position"])
    assert cancelled["headline"] == "cancelled"
    assert (cancelled["waiting_on"], cancelled["next_action"]) == ("nobody", "nothing")
    assert await people.totals(first) == {"cancelled": 3}
    assert await people.totals(second) == {"sent": 2}
    stock = await people.stock(sku)
    assert (stock["on_hand"], stock["reserved"], stock["available"], stock["waiting"]) == (3, 2, 1, 0)


async def test_units_sent_to_the_warehouse_are_recalled_and_cancelled_in_one_step(people: People) -> None:
    sku = fresh("jug")
    await people.receive(sku, 5)
    placed = await people.place(line(sku, 5))
    assert await people.totals(placed) == {"sent": 5}
    wish = {**CANCEL, "lines": units((1, 2))}
    told = await people.tell(placed, "request-cancel", wish, role=Role.SALES)
    assert await people.totals(placed) == {"sent": 3, "cancelled": 2}
    events = await people.timeline(f"/orders/{placed.id}")
    together = [event["type"].split(".")[2] for event in events if event["version"] > told["version"] - 3]
    assert together[:3] == ["CancelRequested", "RecalledFromWarehouse", "UnitsCancelled"]
    assert (await people.stock(sku))["available"] == 2
    board = await people.all_rows("/boards/warehouse", "orders", queue="to-pick")
    assert [(row["units_done"], row["units_of"]) for row in board if row["order_id"] == placed.id] == [(0, 3)]


async def test_picked_units_are_refused_with_what_could_be_cancelled_and_nothing_is_recorded(people: People) -> None:
    sku = fresh("jug")
    await people.receive(sku, 5)
    placed = await people.place(line(sku, 5))
    await people.settled()
    told = await people.tell(placed, "pick", {"units": units((1, 2))}, role=Role.WAREHOUSE)
    refused = await people.ask(f"{ORDERS}/{placed.id}/request-cancel", CANCEL, role=Role.CUSTOMER_SERVICE)
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    problem = refused.json()
    assert problem["code"] == "cancel-too-late"
    assert problem["detail"] == "Line 1: 2 picked, 0 packed, 0 gone; 3 could be cancelled."
    assert problem["facts"] == {"line": 1, "picked": 2, "packed": 0, "gone": 0, "cancellable": 3}
    await people.settled()
    assert (await people.order(placed))["version"] == told["version"]

    part = {**CANCEL, "lines": units((1, problem["facts"]["cancellable"]))}
    await people.tell(placed, "request-cancel", part, role=Role.CUSTOMER_SERVICE)
    assert await people.totals(placed) == {"picked": 2, "cancelled": 3}
