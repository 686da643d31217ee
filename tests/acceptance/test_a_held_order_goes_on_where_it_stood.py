"""Story 7: a hold stops an order before some of its steps; a second person lifts it, and it goes on where it stood."""

from domain.roles import Role
from tests.people import ORDERS, Json, People, Placed, fresh, line, units

CREDIT = {"type": "credit", "reason": "limit reached"}
FRAUD = {"type": "fraud", "reason": "two names on one card"}
LIFT = {"hold": 1, "reason": "looked into"}


async def lift_in_vain(people: People, placed: Placed, role: Role, actor: str) -> Json:
    answer = await people.ask(f"{ORDERS}/{placed.id}/resume", LIFT, role=role, actor=actor)
    assert answer.status_code == 409
    found: Json = answer.json()
    return found


async def test_an_order_over_its_credit_is_reserved_and_waits_for_finance(people: People) -> None:
    sku = fresh("pot")
    await people.receive(sku, 4)
    placed = await people.place(line(sku, 4), actor="sam", holds=[CREDIT])
    assert await people.totals(placed) == {"reserved": 4}
    held = await people.order(placed)
    assert (held["headline"], held["waiting_on"], held["next_action"]) == ("pending", "finance", "lift-hold")
    assert [(badge["kind"], badge["detail"]) for badge in held["badges"]] == [("on-hold", "credit")]
    assert "On hold" in await people.page(f"/orders/{placed.number}")

    assert (await lift_in_vain(people, placed, Role.SALES, "sue"))["code"] == "hold-of-another-department"
    assert (await lift_in_vain(people, placed, Role.FINANCE, "sam"))["code"] == "four-eyes"
    assert await people.totals(placed) == {"reserved": 4}

    await people.tell(placed, "resume", LIFT, role=Role.FINANCE, actor="fay")
    assert await people.totals(placed) == {"sent": 4}
    resumed = await people.order(placed)
    assert (resumed["headline"], resumed["waiting_on"]) == ("processing", "warehouse")
    assert resumed["badges"] == []


async def test_a_fraud_hold_shows_on_the_running_pick_and_only_a_second_person_lifts_it(people: People) -> None:
    sku = fresh("pot")
    await people.receive(sku, 4)
    placed = await people.place(line(sku, 4), actor="sam")
    assert await people.totals(placed) == {"sent": 4}
    await people.tell(placed, "start-pick", role=Role.WAREHOUSE)
    told = await people.tell(placed, "hold", FRAUD, role=Role.FINANCE, actor="fay")
    row = await on_board(people, placed, told["position"])
    assert (row["queue"], row["headline"]) == ("picking", "processing")
    assert [(badge["kind"], badge["detail"]) for badge in row["badges"]] == [("on-hold", "fraud")]

    await people.tell(placed, "pick", {"units": units((1, 4))}, role=Role.WAREHOUSE)
    await people.tell(placed, "pack", {"contents": units((1, 4))}, role=Role.WAREHOUSE)
    for actor in ("fay", "sam"):
        assert (await lift_in_vain(people, placed, Role.FINANCE, actor))["code"] == "four-eyes"
    await people.settled()
    held = await people.order(placed)
    assert (held["waiting_on"], held["next_action"]) == ("finance", "lift-hold")

    told = await people.tell(placed, "resume", LIFT, role=Role.FINANCE, actor="finn")
    resumed = await people.order(placed, after=told["position"])
    assert (resumed["headline"], resumed["waiting_on"], resumed["next_action"]) == (
        "processing",
        "logistics",
        "hand-over",
    )
    assert resumed["state"]["totals"] == {"packed": 4}
    await people.tell(placed, "hand-over", {"parcel": 1, "carrier": "DHL"}, role=Role.LOGISTICS)
    assert await people.totals(placed) == {"handed-over": 4}
    assert (await people.order(placed))["badges"] == []


async def test_units_that_come_free_do_not_pass_a_hold_and_go_on_when_it_is_lifted(people: People) -> None:
    sku = fresh("pot")
    await people.receive(sku, 1)
    placed = await people.place(line(sku, 3))
    assert await people.totals(placed) == {"sent": 1, "backordered": 2}
    await people.tell(placed, "hold", FRAUD, role=Role.FINANCE, actor="fay")
    await people.receive(sku, 2)
    assert await people.totals(placed) == {"sent": 1, "reserved": 2}
    await people.tell(placed, "resume", LIFT, role=Role.FINANCE, actor="finn")
    assert await people.totals(placed) == {"sent": 3}


async def on_board(people: People, placed: Placed, position: str) -> Json:
    rows = await people.all_rows("/boards/warehouse", "orders", after=position)
    return next(row for row in rows if row["order_id"] == placed.id)
