"""What a retry, a stale version, an article on two lines and an order without goods come to."""

import asyncio

from domain.roles import Role
from tests.instance import Instance
from tests.people import ORDERS, People, fresh, line, order, units


async def test_a_retry_under_the_same_key_gets_the_first_answer_and_places_nothing(people: People) -> None:
    customer = fresh("customer")
    body = order(line(fresh("lamp"), 2), customer={"id": customer})
    first = await people.do(ORDERS, body, role=Role.SALES, Idempotency_Key=f"{customer}/1")
    again = await asyncio.gather(
        *(people.do(ORDERS, body, role=Role.SALES, Idempotency_Key=f"{customer}/1") for _ in range(5))
    )
    for answer in again:
        assert answer == {**first, "repeated": True}
    await people.settled()
    assert [row["order_id"] for row in await people.all_rows("/orders", "orders", customer=customer)] == [
        first["order_id"]
    ]


async def test_the_same_key_with_another_body_is_refused(people: People) -> None:
    key = fresh("key")
    await people.do(ORDERS, order(line(fresh("lamp"), 2)), role=Role.SALES, Idempotency_Key=key)
    answer = await people.ask(ORDERS, order(line(fresh("lamp"), 3)), role=Role.SALES, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "key-reused")


async def test_the_same_key_of_another_person_is_another_order(people: People) -> None:
    key, body = fresh("key"), order(line(fresh("lamp"), 2))
    ann = await people.do(ORDERS, body, role=Role.SALES, actor="ann", Idempotency_Key=key)
    ben = await people.do(ORDERS, body, role=Role.SALES, actor="ben", Idempotency_Key=key)
    assert ann["order_id"] != ben["order_id"]


async def test_a_decision_on_a_stale_version_is_refused_and_a_fact_is_not(people: People) -> None:
    sku = fresh("lamp")
    await people.receive(sku, 1)
    placed = await people.place(line(sku, 1))
    await people.settled()
    version = (await people.order(placed))["version"]
    hold = {"type": "manual", "reason": "wait"}
    answer = await people.ask(f"{ORDERS}/{placed.id}/hold", hold, If_Match='"1"')
    assert (answer.status_code, answer.json()["code"], answer.headers["etag"]) == (
        412,
        "version-conflict",
        f'"{version}"',
    )
    answer = await people.ask(f"{ORDERS}/{placed.id}/pick", {"units": units((1, 1))}, If_Match='"1"')
    assert answer.status_code == 200


async def test_an_article_on_two_lines_is_served_in_the_order_of_the_lines(people: People) -> None:
    sku = fresh("lamp")
    await people.receive(sku, 5)
    placed = await people.place(line(sku, 3), line(sku.lower(), 4))
    await people.settled()
    lines = (await people.order(placed))["state"]["lines"]
    assert [one["units"] for one in lines] == [{"sent": 3}, {"backordered": 2, "sent": 2}]
    stock = await people.stock(sku)
    assert (stock["reserved"], stock["waiting"], stock["waiting_orders"]) == (5, 2, 1)
    await people.receive(sku, 2)
    assert await people.totals(placed) == {"sent": 7}


async def test_an_order_without_goods_completes_by_itself(people: People) -> None:
    placed = await people.place(line(fresh("advice"), 1, kind="service"), line(fresh("fee"), 1, kind="charge"))
    await people.settled()
    found = await people.order(placed)
    assert (found["headline"], found["waiting_on"], found["next_action"]) == ("completed", "nobody", "nothing")


async def test_who_does_not_want_to_wait_gets_what_is_there(people: People) -> None:
    sku = fresh("lamp")
    await people.receive(sku, 2)
    placed = await people.place(line(sku, 5), backorder=False)
    assert await people.totals(placed) == {"sent": 2, "cancelled": 3}


async def test_who_wants_all_at_once_gets_nothing_before_all_is_there(people: People) -> None:
    sku = fresh("lamp")
    await people.receive(sku, 2)
    placed = await people.place(line(sku, 5), partial_shipment=False)
    assert await people.totals(placed) == {"reserved": 2, "backordered": 3}
    await people.receive(sku, 3)
    assert await people.totals(placed) == {"sent": 5}


async def test_numbers_are_unique_and_carry_a_check_digit(people: People, instance: Instance) -> None:
    placed = await asyncio.gather(*(people.place(line(fresh("lamp"), 1)) for _ in range(40)))
    numbers = {one.number for one in placed}
    assert len(numbers) == len(placed)
    await people.settled()
    one = placed[0]
    assert (await people.look(f"/orders/{one.number}"))["order_id"] == one.id
    answer = await people.client.get(f"/orders/{one.number[:-1]}x", headers=people.headers(Role.AUDITOR))
    assert answer.status_code == 404
    assert all(number.startswith("DEMO-") for number in numbers), instance.said()
