"""Story 1: ten ordered, six on hand. Six leave in a parcel, four wait, and everybody can see both."""

from domain.roles import Role
from tests.people import People, Placed, fresh, line


async def part_shipped(people: People) -> Placed:
    sku = fresh("mug")
    await people.receive(sku, 6)
    placed = await people.place(line(sku, 10))
    assert await people.totals(placed) == {"sent": 6, "backordered": 4}
    told = await people.hand_over(placed, (1, 6))
    await people.order(placed, after=told["position"])
    return placed


async def test_the_order_is_still_processing_with_badges_for_what_is_gone_and_what_waits(people: People) -> None:
    placed = await part_shipped(people)
    found = await people.order(placed)
    assert found["headline"] == "processing"
    assert {badge["kind"]: (badge["count"], badge["of"]) for badge in found["badges"]} == {
        "part-shipped": (6, 10),
        "backordered": (4, 0),
    }
    assert (found["waiting_on"], found["next_action"]) == ("purchasing", "receive-stock")
    page = await people.page(f"/orders/{placed.number}")
    for words in ("Processing", "Part shipped 6/10", "Backordered 4"):
        assert words in " ".join(page.split()), words


async def test_the_customer_sees_the_parcel_and_that_we_shall_tell_about_the_rest(people: People) -> None:
    placed = await part_shipped(people)
    found = await people.tracked(placed)
    assert [(parcel["number"], [one["quantity"] for one in parcel["contents"]]) for parcel in found["parcels"]] == [
        (1, [6])
    ]
    assert found["lines"][0]["states"] == {"on-the-way": 6, "waiting-for-stock": 4}
    assert (found["units_shipped"], found["units_of"]) == (6, 10)
    assert found["dates"] == [], "no date is ever computed"
    page = " ".join((await people.tracked_page(placed)).split())
    for words in ("Parcel 1", "6 of 10 shipped on ", "We will tell you."):
        assert words in page, words


async def test_the_rest_follows_under_the_same_number_and_the_order_completes(people: People) -> None:
    placed = await part_shipped(people)
    sku = (await people.order(placed))["skus"][0]
    await people.receive(sku, 4)
    assert await people.totals(placed) == {"sent": 4, "handed-over": 6}
    await people.hand_over(placed, (1, 4), parcel=2)
    await people.tell(placed, "confirm-receipt", {"evidence": "own-van"}, role=Role.LOGISTICS)
    assert await people.totals(placed) == {"received": 10}
    found = await people.order(placed)
    assert (found["headline"], found["number"]) == ("completed", placed.number)
    assert [parcel["number"] for parcel in (await people.tracked(placed))["parcels"]] == [1, 2]
