"""Story 15: every view can be made anew from the log, and an order shown as it was at any version or instant."""

import asyncio

from domain.roles import Role
from projections.registry import BOARDS
from tests.instance import Instance
from tests.people import Json, People, Placed, fresh, line

LISTS = (
    *((f"/boards/{board.name}", "orders") for board in BOARDS),
    ("/orders", "orders"),
    ("/stock", "stock"),
)


async def busy_day(people: People) -> Placed:
    """Something on every board, and one order with a long history."""
    sku = fresh("vase")
    await people.receive(sku, 7)
    await people.place(line(fresh("never"), 1))
    for kind in ("credit", "address"):
        await people.place(line(sku, 1), holds=[{"type": kind, "reason": "to be looked at"}])
    placed = await people.place(line(sku, 10))
    await people.settled()
    await people.hand_over(placed, (1, 5))
    note = {"audience": "customer", "text": "The rest follows in May."}
    await people.tell(placed, "add-note", note, role=Role.CUSTOMER_SERVICE)
    await people.settled()
    return placed


async def everything_shown(people: People, placed: Placed) -> dict[str, object]:
    found: dict[str, object] = {path: await people.all_rows(path, member) for path, member in LISTS}
    found["order"] = await people.order(placed)
    found["tracking"] = await people.tracked(placed)
    found["timeline"] = await people.timeline(f"/orders/{placed.id}")
    return found


async def test_views_made_anew_from_the_log_show_the_same(instance: Instance, people: People) -> None:
    placed = await busy_day(people)
    before = await everything_shown(people, placed)
    assert all(before.values())
    done = await asyncio.to_thread(instance.run, "rebuild")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len({told.split(":")[0] for told in lines}) >= len(LISTS)
    assert all(told.endswith(" 0 differ") for told in lines), lines
    assert await everything_shown(people, placed) == before

    told = await people.tell(placed, "add-note", {"text": "still alive"}, role=Role.SALES)
    assert (await people.order(placed, after=told["position"]))["version"] == told["version"]


async def test_an_order_is_shown_as_it_was_at_every_version_and_instant(people: People) -> None:
    placed = await busy_day(people)
    events = await people.timeline(f"/orders/{placed.id}")
    at_versions = [await people.order(placed, version=str(event["version"])) for event in events]
    assert [state["version"] for state in at_versions] == list(range(1, len(events) + 1))
    assert steps(at_versions[0]) == ("pending", {"open": 10})
    assert steps(at_versions[-1]) == ("processing", {"handed-over": 5, "backordered": 5})
    assert at_versions[-1]["state"] == (await people.order(placed))["state"]
    latest = {event["recorded_at"]: event["version"] for event in events}
    for instant, version in latest.items():
        then = await people.order(placed, at=instant)
        assert then == at_versions[version - 1]
    page = await people.page(f"/orders/{placed.number}?version=1")
    assert "as it was at version 1" in page


async def test_before_it_was_placed_and_after_its_last_version_there_is_no_order_to_show(people: People) -> None:
    placed = await people.place(line(fresh("vase"), 1))
    await people.settled()
    for query in ({"at": "2020-01-01T00:00:00Z"}, {"version": "999"}):
        answer = await people.client.get(f"/orders/{placed.id}", params=query, headers=people.headers(Role.AUDITOR))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-version")


def steps(order: Json) -> tuple[str, dict[str, int]]:
    return order["headline"], order["state"]["totals"]
