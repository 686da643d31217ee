"""Story 13: the carrier's messages come in the wrong order and twice. The order stands where the parcel really is."""

from datetime import UTC, datetime, timedelta

from domain.roles import Role
from tests.people import Json, People, Placed, fresh, line

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def scan(placed: Placed, status: str, hours: float) -> Json:
    return {
        "carrier": "DHL",
        "tracking_number": f"{placed.number}/1",
        "status": status,
        "code": status.upper(),
        "place": "Bonn",
        "occurred_at": (NOON + timedelta(hours=hours)).isoformat(),
    }


async def under_way(people: People) -> Placed:
    sku = fresh("tray")
    await people.receive(sku, 2)
    placed = await people.place(line(sku, 2))
    await people.settled()
    await people.hand_over(placed, (1, 2))
    return placed


async def record(people: People, placed: Placed, status: str, hours: float) -> Json:
    return await people.tell(placed, "record-checkpoint", scan(placed, status, hours), role=Role.CARRIER)


async def test_out_for_delivery_after_delivered_is_kept_and_moves_nothing(people: People) -> None:
    placed = await under_way(people)
    await record(people, placed, "delivered", 6)
    assert await people.totals(placed) == {"received": 2}
    before = await people.order(placed)
    assert before["headline"] == "completed"
    told = await record(people, placed, "out-for-delivery", 2)
    await people.settled()
    after = await people.order(placed)
    assert after["version"] == told["version"] == before["version"] + 1, "late news is news all the same"
    for member in ("headline", "badges", "waiting_on", "next_action"):
        assert after[member] == before[member]
    assert after["state"]["totals"] == {"received": 2}

    found = await people.tracked(placed)
    assert [one["status"] for one in found["parcels"][0]["checkpoints"]] == ["delivered", "out-for-delivery"]
    assert (found["milestone"], found["parcels"][0]["status"]) == ("received", "delivered")
    reached = {one["code"]: one["reached_at"] for one in found["milestones"]}
    assert reached["out-for-delivery"] < reached["received"]


async def test_a_message_that_comes_twice_counts_once(people: People) -> None:
    placed = await under_way(people)
    first = await record(people, placed, "delivered", 6)
    await people.settled()
    version = (await people.order(placed))["version"]
    again = await record(people, placed, "delivered", 6)
    assert again["version"] == version, "nothing was recorded"
    await people.settled()
    events = [event["type"].split(".")[2] for event in await people.timeline(f"/orders/{placed.id}")]
    assert events.count("CheckpointRecorded") == events.count("ReceiptConfirmed") == events.count("OrderCompleted") == 1
    assert first["version"] < version


async def test_news_that_is_quicker_than_our_own_hand_over_finds_its_parcel(people: People) -> None:
    sku = fresh("tray")
    await people.receive(sku, 2)
    placed = await people.place(line(sku, 2))
    await people.settled()
    await people.tell(placed, "record-checkpoint", scan(placed, "delivered", 6), role=Role.LOGISTICS)
    await people.hand_over(placed, (1, 2))
    assert await people.totals(placed) == {"received": 2}
