"""Through the real port: what is wrong is named in a problem document, never a 500, and nothing is recorded."""

import html
import json
from urllib.parse import urlencode

import jwt
import pytest

from domain.roles import Role
from tests.instance import Instance
from tests.people import ORDERS, Json, People, fresh, line, order, units

BODIES: dict[str, tuple[bytes, int]] = {
    "broken JSON": (b'{"lines": [', 400),
    "bad UTF-8": (b'{"ship_to": {"country": "\xff\xfe"}}', 400),
    "five megabytes": (b'{"reason": "' + b"x" * 5_000_000 + b'"}', 413),
    "no object": (b"[]", 422),
    "nothing": (b"", 422),
}


def wrong(**changes: object) -> bytes:
    return json.dumps({**order(line("A", 1)), **changes}).encode()


def wrong_line(**changes: object) -> bytes:
    return wrong(lines=[{**line("A", 1), **changes}])


FIELDS: dict[str, tuple[bytes, str]] = {
    "unknown field": (wrong(colour="red"), "colour"),
    "wrong type": (wrong(partial_shipment="yes"), "partial_shipment"),
    "no unit": (wrong_line(quantity=0), "lines.0.quantity"),
    "too many units": (wrong_line(quantity=10**9 + 1), "lines.0.quantity"),
    "half a unit": (wrong_line(quantity=0.5), "lines.0.quantity"),
    "no lines": (wrong(lines=[]), "lines"),
    "10,001 lines": (wrong(lines=[line("A", 1)] * 10_001), "lines"),
    "unknown currency": (wrong_line(unit_price={"amount": "1", "currency": "XYZ"}), "lines.0.unit_price.currency"),
    "mixed currencies": (
        wrong(lines=[line("A", 1), line("A", 1, unit_price={"amount": "1", "currency": "GBP"})]),
        "body",
    ),
    "control character": (wrong(reason="bell\x07"), "reason"),
}


@pytest.fixture
def json_headers(people: People) -> dict[str, str]:
    return {**people.headers(Role.ADMIN), "Content-Type": "application/json"}


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_cannot_be_read_is_refused(people: People, json_headers: dict[str, str], name: str) -> None:
    before = await people.settled()
    content, status = BODIES[name]
    answer = await people.client.post(ORDERS, content=content, headers=json_headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert await people.settled() == before


async def test_every_wrong_field_is_named_and_none_leaves_an_event(
    people: People, json_headers: dict[str, str]
) -> None:
    before = await people.settled()
    for name, (content, field) in FIELDS.items():
        answer = await people.client.post(ORDERS, content=content, headers=json_headers)
        assert answer.status_code == 422, f"{name}: {answer.status_code} {answer.text}"
        assert [fault["field"] for fault in answer.json()["errors"]] == [field], name
    assert await people.settled() == before


async def test_who_may_not_is_told_so(people: People, instance: Instance) -> None:
    before = await people.settled()
    body = order(line("A", 1))
    answer = await people.ask(ORDERS, body, role=Role.WAREHOUSE)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-permitted")
    forged = jwt.encode({"sub": "eve", "role": "admin"}, "k" * 32, algorithm="HS256")
    ours = instance.token(Role.ADMIN, "eve")
    for bearer in ("nonsense", forged, ours[:-8] + "AAAAAAAA"):
        answer = await people.client.post(ORDERS, json=body, headers={"Authorization": f"Bearer {bearer}"})
        assert answer.status_code == 401, bearer
    assert await people.settled() == before


async def test_an_order_that_is_none_is_not_found(people: People) -> None:
    before = await people.settled()
    for name, status in (("0198c0de-7a34-7c1b-9d0a-3c1d5f0b8e21", 404), ("17", 422), ("' OR 1=1 --", 422)):
        answer = await people.ask(f"{ORDERS}/{name}/confirm")
        assert answer.status_code == status
        read = await people.client.get(f"/orders/{name}", headers=people.headers(Role.AUDITOR))
        assert read.status_code == 404
    assert await people.settled() == before


@pytest.mark.parametrize("text", ["'; DROP TABLE views.order_v1; --", "<script>alert('订单')</script>", "{{7*7}}"])
async def test_code_in_a_text_is_text_on_every_page(people: People, text: str) -> None:
    named: Json = {"customer": {"id": text, "name": text}, "customer_reference": {"number": text}, "reason": text}
    placed = await people.place(line(fresh("ink"), 1, name=text), ship_to={"country": text, "city": text}, **named)
    await people.tell(placed, "add-note", {"text": text, "audience": "customer"}, role=Role.SALES)
    await people.settled()
    found = await people.order(placed)
    assert (found["customer_name"], found["country"]) == (text, text)
    board = f"/boards/sales?{urlencode({'customer': text})}"
    for path in (f"/orders/{placed.number}", f"/orders/{placed.id}/timeline", board):
        shown = await people.page(path)
        assert "<script>alert" not in shown
        assert text in html.unescape(shown)
    assert "<script>alert" not in await people.tracked_page(placed)
    assert len(await people.all_rows("/orders", "orders", reference=text)) >= 1


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "nonsense"},
        {"limit": "0"},
        {"headline": "nice"},
        {"from": "yesterday"},
        {"after": "9"},
        {"customer": "x" * 300},
    ],
    ids=str,
)
async def test_a_question_that_makes_no_sense_is_refused(people: People, query: Json) -> None:
    answer = await people.client.get("/orders", params=query, headers=people.headers(Role.AUDITOR))
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_command_for_units_that_are_not_there_says_how_many_are(people: People) -> None:
    placed = await people.place(line(fresh("ink"), 1))
    before = await people.settled()
    answer = await people.ask(f"{ORDERS}/{placed.id}/pack", {"contents": units((1, 1))})
    assert (answer.status_code, answer.json()["code"]) == (409, "not-picked")
    answer = await people.ask(f"{ORDERS}/{placed.id}/pack", {"contents": units((7, 1))})
    assert answer.status_code == 409
    assert await people.settled() == before
