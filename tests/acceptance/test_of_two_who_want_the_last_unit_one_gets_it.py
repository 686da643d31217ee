"""Story 14: two salespeople, one last unit, at the very same moment. One order has it, the other waits for the next."""

import asyncio

from tests.people import People, Placed, fresh, line

ROUNDS = 20


async def contested(people: People) -> tuple[str, Placed, Placed]:
    sku = fresh("last")
    await people.receive(sku, 1)
    first, second = await asyncio.gather(
        people.place(line(sku, 1), actor="ann"), people.place(line(sku, 1), actor="ben")
    )
    return sku, first, second


async def test_exactly_one_is_reserved_and_the_other_backordered_and_both_are_recorded(people: People) -> None:
    rounds = [await contested(people) for _ in range(ROUNDS)]
    await people.settled()
    for sku, *placed in rounds:
        stock = await people.stock(sku)
        assert (stock["on_hand"], stock["reserved"], stock["available"], stock["waiting"]) == (1, 1, 0, 1)
        told = [event["type"].split(".")[2] for event in await people.timeline(f"/stock/{sku}/main")]
        assert sorted(told) == ["StockBackordered", "StockReceived", "StockReserved"]
        states = [(await people.order(one))["state"] for one in placed]
        winner, loser = (0, 1) if "sent" in states[0]["totals"] else (1, 0)
        assert states[winner]["totals"] == {"sent": 1}
        assert states[loser]["totals"] == {"backordered": 1}
        assert {state["placed_by"] for state in states} == {"ann", "ben"}
        for place, told_to_order in ((winner, "UnitsReserved"), (loser, "UnitsBackordered")):
            events = await people.timeline(f"/orders/{placed[place].id}")
            answers = [event["type"].split(".")[2] for event in events if "Units" in event["type"]]
            assert answers == [told_to_order]


async def test_nothing_is_promised_twice_to_32_who_order_at_once(people: People) -> None:
    skus = [fresh("rare") for _ in range(3)]
    on_hand = 20
    for sku in skus:
        await people.receive(sku, on_hand)
    done = asyncio.Event()

    async def order(client: int) -> None:
        for turn in range(3):
            await people.place(*(line(sku, 1 + (client + turn) % 2) for sku in skus))

    async def watch() -> None:
        while not done.is_set():
            for sku in skus:
                stock = await people.stock(sku)
                assert stock["reserved"] + stock["staged"] <= stock["on_hand"] == on_hand
                assert stock["available"] >= 0

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(order(client) for client in range(32)))
    await people.settled()
    done.set()
    await watching
    for sku in skus:
        stock = await people.stock(sku)
        wanted = sum(1 + (client + turn) % 2 for client in range(32) for turn in range(3))
        assert (stock["reserved"], stock["waiting"]) == (on_hand, wanted - on_hand)
