"""Bad input: each a precise problem document, no event, no 500."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.order.commands import PlaceOrder
from domain.order.events import ContactLogged, NoteAdded, OrderPlaced
from domain.roles import Role
from tests.commands.conftest import COMPANY, ISSUER, Api, bearer, line, order, problem
from tests.timing import allowed
from web.tokens import Caller, issue_token

ORDERS = "/commands/orders"
SQL = "'; DROP TABLE views.order_v1; --"
HTML = "<script>alert('订单')</script>"


def body(**changes: object) -> dict[str, object]:
    return order() | changes


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"colour": "red"}, "colour", "unknown field"),
        ({"lines": [line(colour="red")]}, "lines.0.colour", "unknown field"),
        ({"ship_to": "France"}, "ship_to", "object"),
        ({"ship_to": {}}, "ship_to.country", "required"),
        ({"partial_shipment": "yes"}, "partial_shipment", "boolean"),
        ({"lines": [line(quantity="2")]}, "lines.0.quantity", "integer"),
        ({"lines": [line(quantity=0)]}, "lines.0.quantity", "greater than or equal to 1"),
        ({"lines": [line(quantity=-1)]}, "lines.0.quantity", "greater than or equal to 1"),
        ({"lines": [line(quantity=10**9 + 1)]}, "lines.0.quantity", "less than or equal to 1000000000"),
        ({"lines": [line(quantity=10**40)]}, "lines.0.quantity", "less than or equal to 1000000000"),
        ({"lines": [line(quantity=1.5)]}, "lines.0.quantity", "integer"),
        ({"lines": [line(quantity=None)]}, "lines.0.quantity", "integer"),
        ({"lines": [line(), line(quantity=0)]}, "lines.1.quantity", "greater"),
        ({"lines": []}, "lines", "at least 1 item"),
        ({"lines": [line()] * 10_001}, "lines", "at most 10000 items"),
        ({"lines": [line(unit_price={"amount": "1", "currency": "XYZ"})]}, "lines.0.unit_price.currency", "unknown currency 'XYZ'"),
        ({"lines": [line(unit_price={"amount": "-1", "currency": "EUR"})]}, "lines.0.unit_price.amount", "greater"),
        ({"lines": [line(unit_price={"amount": "1.1234567", "currency": "EUR"})]}, "lines.0.unit_price.amount", "6 decimal"),
        ({"lines": [line(), line(unit_price={"amount": "1", "currency": "GBP"})]}, "body", "mixed currencies: line 2 is in GBP, line 1 in EUR"),
        ({"lines": [line(name="a\x00b")]}, "lines.0.name", "control character U+0000 at position 2"),
        ({"ship_to": {"country": "Fr\nance"}}, "ship_to.country", "control character U+000A at position 3"),
        ({"lines": [line(sku="a/b")]}, "lines.0.sku", "pattern"),
        ({"lines": [line(sku="A\n")]}, "lines.0.sku", "pattern"),
        ({"lines": [line(sku="A" * 41)]}, "lines.0.sku", "at most 40"),
        ({"lines": [line(name="\u202egpj.exe")]}, "lines.0.name", "U+202E would turn the text around at position 1"),
        ({"ship_to": {"country": "a\u2066b"}}, "ship_to.country", "U+2066 would turn the text around at position 2"),
        ({"lines": [line(name="Mug\u200b")]}, "lines.0.name", "U+200B cannot be seen at position 4"),
        ({"reason": "one\u2028two"}, "reason", "U+2028 cannot be seen at position 4"),
        ({"customer_reference": {"number": "PO\u200d1"}}, "customer_reference.number", "U+200D joins nothing at position 3"),
        ({"customer": {"name": "\u3164"}}, "customer.name", "nothing but blanks"),
        ({"lines": [line(unit_price={"amount": "-0", "currency": "EUR"})]}, "lines.0.unit_price.amount", "write 0"),
        ({"lines": [line(unit_price={"amount": -0.0, "currency": "EUR"})]}, "lines.0.unit_price.amount", "write 0"),
        ({"requested_date": "2026-03-09T00:00:00Z"}, "requested_date", "such as 2026-03-02"),
        ({"ship_to": {"country": " \u3000"}}, "ship_to.country", "nothing but blanks"),
        ({"customer": {"name": "\u200b"}}, "customer.name", "U+200B cannot be seen"),
        ({"reason": "\n \n"}, "reason", "nothing but blanks"),
        ({"lines": [line(unit_price={"amount": "1_000", "currency": "EUR"})]}, "lines.0.unit_price.amount", "such as 1234.50"),
        ({"lines": [line(unit_price={"amount": "1e3", "currency": "EUR"})]}, "lines.0.unit_price.amount", "such as 1234.50"),
        ({"lines": [line(unit_price={"amount": "１２", "currency": "EUR"})]}, "lines.0.unit_price.amount", "such as 1234.50"),
        ({"lines": [line(name="n" * 201)]}, "lines.0.name", "at most 200"),
        ({"priority": 10}, "priority", "less than or equal to 9"),
        ({"requested_date": "2026-02-30"}, "requested_date", "date"),
        ({"requested_date": 86400}, "requested_date", "such as 2026-03-02"),
        ({"requested_date": "86400"}, "requested_date", "such as 2026-03-02"),
        ({"occurred_at": 1700000000}, "occurred_at", "such as 2026-03-02T09:00:00Z"),
        ({"holds": [{"type": "credit", "reason": "x", "review_at": 4.5}]}, "holds.0.review_at", "such as 2026-03-02"),
        ({"occurred_at": "2026-01-01T00:00:00"}, "occurred_at", "offset from UTC"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at", "more than 5 minutes in the future"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "before 1970"),
        ({"holds": [{"type": "mood", "reason": "x"}]}, "holds.0.type", "credit"),
        ({"holds": [{"type": "credit", "reason": "x", "blocks": ["send"] * 5}]}, "holds.0.blocks", "at most 4 items"),
        ({"customer": {"id": ""}}, "customer.id", "at least 1 character"),
        ({"location": "Main"}, "location", "pattern"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named_with_the_reason(
    api: Api, changes: dict[str, object], field: str, reason: str
) -> None:
    told = problem(await api.post(ORDERS, body(**changes)), 422, "invalid")
    assert [fault["field"] for fault in told["errors"]] == [field]
    assert reason in told["errors"][0]["reason"]
    assert told["errors"][0]["pointer"] == ("" if field == "body" else "/" + field.replace(".", "/"))
    assert await api.events() == []


async def test_what_is_to_happen_later_than_five_minutes_from_now_did_not_happen(api: Api) -> None:
    later = (datetime.now(UTC) + timedelta(minutes=6)).isoformat()
    answer = await api.post("/commands/orders", order(occurred_at=later))
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == ["occurred_at"]
    assert await api.events() == []


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b'{"lines": [', 400, "broken-json"),
        (b"not json", 400, "broken-json"),
        (b'{"ship_to": {"country": "\\ud800"}}', 400, "broken-json"),
        (b"[" * 100_000, 400, "broken-json"),
        (b'{"ship_to": {"country": "\xff\xfe"}}', 400, "bad-utf-8"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"order"', 422, "invalid"),
        (b"", 422, "invalid"),
        (json.dumps(order()).replace('"2.55"', "NaN").encode(), 422, "invalid"),
        (json.dumps(order()).replace('"2.55"', "1e999").encode(), 422, "invalid"),
    ],
)
async def test_a_body_that_is_no_order_is_refused(api: Api, sent: bytes, status: int, code: str) -> None:
    problem(await api.post(ORDERS, sent), status, code)
    assert await api.events() == []


async def test_a_5_mb_body_is_refused(api: Api) -> None:
    problem(await api.post(ORDERS, b" " * 5_000_000), 413, "too-large")
    assert await api.events() == []


LARGE = 300_000
FULL_BODIES: dict[str, Callable[[], object]] = {
    "unknown fields": lambda: {f"f{number}": 1 for number in range(LARGE)},
    "unknown fields of a line": lambda: {"lines": [{f"f{number}": 1 for number in range(LARGE)}]},
    "a few in every line": lambda: {"lines": [{f"f{number}": 1 for number in range(40)} for _ in range(9_000)]},
    "lines that are none": lambda: {"lines": [1] * 1_500_000},
    "a list": lambda: [1] * 1_500_000,
    "faults within the bounds": lambda: {"lines": [1] * 140_000},
}


@pytest.mark.slow
@pytest.mark.parametrize("full", FULL_BODIES.values(), ids=FULL_BODIES.keys())
async def test_a_body_full_of_faults_keeps_nobody_waiting(api: Api, full: Callable[[], object]) -> None:
    sent = json.dumps(full(), separators=(",", ":")).encode()
    limit, began = allowed(0.6), process_time()
    told = problem(await api.post(ORDERS, sent), 422, "invalid")
    assert process_time() - began < limit, "seconds of the only loop; it was more than one"
    assert len(told["errors"]) == 1


async def test_a_large_body_that_is_no_object_is_refused_like_a_small_one(api: Api) -> None:
    problem(await api.post(ORDERS, b" " * 100_000 + b"1"), 422, "invalid")
    problem(await api.post(ORDERS, b" " * 100_000 + b"{"), 400, "broken-json")


@pytest.mark.slow
async def test_an_order_of_10_000_lines_is_taken(api: Api) -> None:
    answer = await api.post(ORDERS, order(*[line(f"A{number}") for number in range(10_000)]))
    assert answer.status_code == 201


async def test_a_body_of_another_kind_is_refused(api: Api) -> None:
    told = problem(await api.post(ORDERS, body(), content_type="text/plain"), 415, "not-json")
    assert "text/plain" in told["detail"]


@pytest.mark.parametrize("word", ["confirm", "start-pick", "add-note"])
async def test_an_unknown_order_is_not_found(api: Api, word: str) -> None:
    text = {"text": "hello"} if word == "add-note" else {}
    path = f"{ORDERS}/0198c0de-7a34-7c1b-9d0a-3c1d5f0b8e21/{word}"
    problem(await api.post(path, text), 404, "unknown-order")
    assert await api.events() == []


@pytest.mark.parametrize("order_id", ["7", "0198c0de", "%00", "0198c0de-7a34-7c1b-9d0a-3c1d5f0b8e2g", "' OR 1=1"])
async def test_a_malformed_order_id_is_refused_by_name(api: Api, order_id: str) -> None:
    told = problem(await api.post(f"{ORDERS}/{order_id}/confirm"), 422, "invalid")
    assert told["errors"][0]["field"] == "path.order_id"


async def test_an_order_is_found_by_an_upper_case_id_too(api: Api) -> None:
    order_id = await api.placed()
    answer = await api.post(f"{ORDERS}/{order_id.upper()}/add-note", {"text": "hello"})
    assert (answer.status_code, answer.json()["order_id"]) == (200, order_id)


@pytest.mark.parametrize(
    ("path", "field"),
    [("A$/main", "path.sku"), ("A@B/main", "path.sku"), ("A/Main", "path.location"), ("A/%0A", "path.location")],
)
async def test_a_malformed_stock_item_is_refused_by_name(api: Api, path: str, field: str) -> None:
    told = problem(await api.post(f"/commands/stock/{path}/receive", {"quantity": 1}), 422, "invalid")
    assert [fault["field"] for fault in told["errors"]] == [field]
    assert await api.events() == []


@pytest.mark.parametrize("quantity", [0, 10**9 + 1, 1.5, "3", True, None])
async def test_stock_is_received_in_whole_units_only(api: Api, quantity: object) -> None:
    told = problem(await api.post("/commands/stock/A/main/receive", {"quantity": quantity}), 422, "invalid")
    assert told["errors"][0]["field"] == "quantity"


@pytest.mark.parametrize("kind", ["application/jsonp", "application/json-patch+json", "text/json", "json"])
async def test_what_only_looks_like_json_is_no_json(api: Api, kind: str) -> None:
    problem(await api.post(ORDERS, body(), content_type=kind), 415, "not-json")


@pytest.mark.parametrize("kind", ["Application/JSON", "application/json;charset=utf-8", "application/json ; x=y"])
async def test_media_types_know_no_case_and_may_have_parameters(api: Api, kind: str) -> None:
    assert (await api.post(ORDERS, body(), content_type=kind)).status_code == 201


async def test_a_list_that_is_longer_than_any_command_takes_is_refused_before_its_faults_are_counted(api: Api) -> None:
    limit, began = allowed(0.3), process_time()
    told = problem(await api.post(ORDERS, {"lines": [{}] * 140_000}), 422, "invalid")
    assert process_time() - began < limit, "seconds of the only loop; it was nearly two"
    assert told["errors"] == [
        {"pointer": "/lines", "field": "lines", "reason": "140000 items, at most 10000 items are taken"}
    ]


@pytest.mark.parametrize("path", ["/commands/orders/", "/commands/nothing", "/commands/orders/x/fly", "/elsewhere"])
async def test_an_address_without_a_command_is_not_found(api: Api, path: str) -> None:
    problem(await api.post(path), 404, "no-such-page")


async def test_a_command_is_posted(api: Api) -> None:
    problem(await api.client.get(ORDERS), 405, "no-such-method")


def token(key: Ed25519PrivateKey | None = None, **claims: object) -> str:
    now = datetime.now(UTC)
    usual: dict[str, Any] = {"iss": ISSUER, "aud": "ordertrail", "iat": now, "exp": now + timedelta(hours=1)}
    usual |= {"sub": "eve", "role": "admin", "company": COMPANY} | claims
    if key is None:
        return "Bearer " + jwt.encode(usual, "", algorithm="none")
    return "Bearer " + jwt.encode(usual, key, algorithm="EdDSA")


@pytest.mark.parametrize(
    "authorization",
    [
        bearer(seconds=-3_600),
        token(Ed25519PrivateKey.generate()),
        token(),
        "Bearer nonsense",
        "Basic YWRhOmFkYQ==",
        "Bearer "
        + issue_token(
            Ed25519PrivateKey.generate(), Caller("eve", Role.ADMIN, COMPANY), issuer=ISSUER, lifetime=timedelta(hours=1)
        ),
    ],
    ids=["expired", "foreign key", "alg none", "nonsense", "basic", "foreign key with its id"],
)
async def test_a_token_that_is_not_ours_is_challenged(api: Api, authorization: str) -> None:
    answer = await api.post(ORDERS, body(), authorization=authorization)
    problem(answer, 401, "not-signed-in")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert await api.events() == []


async def test_a_role_that_may_not_send_the_command_is_forbidden(api: Api) -> None:
    answer = await api.post(ORDERS, body(), authorization=bearer(Role.WAREHOUSE))
    told = problem(answer, 403, "not-permitted")
    assert told["detail"] == "warehouse may not send PlaceOrder"
    assert "sales" in told["allowed_roles"]
    assert await api.events() == []


@pytest.mark.parametrize("text", [SQL, HTML, "{{7*7}}", "%s%n", "\\", "订单", "עברית"])
async def test_code_in_any_text_field_is_text(api: Api, text: str) -> None:
    terms = {
        "customer": {"id": text, "name": text, "email": text},
        "customer_reference": {"number": text, "document": text},
        "ship_to": dict.fromkeys(("country", "name", "street", "street_2", "city", "postal_code", "region"), text),
        "delivery_note": text,
        "reason": text,
        "holds": [{"type": "manual", "reason": text}],
    }
    words = dict.fromkeys(("name", "tax_code", "lot", "serial", "customer_line"), text)
    order_id = await api.placed(line(**words), **terms)
    for word, fields in (("add-note", ["text"]), ("log-contact", ["question", "answer"])):
        channel = {"channel": "phone"} if word == "log-contact" else {}
        answer = await api.post(f"{ORDERS}/{order_id}/{word}", channel | dict.fromkeys(fields, text))
        assert answer.status_code == 200, answer.text
    found = {type(recorded.event): recorded.event for recorded in await api.events()}
    placed, note, contact = found[OrderPlaced], found[NoteAdded], found[ContactLogged]
    assert isinstance(placed, OrderPlaced)
    assert isinstance(note, NoteAdded)
    assert isinstance(contact, ContactLogged)
    sent = PlaceOrder.model_validate(order(line(**words), **terms))
    assert (placed.customer, placed.ship_to, placed.reason) == (sent.customer, sent.ship_to, text)
    assert placed.delivery_note == text
    assert placed.lines == sent.lines
    assert placed.holds[0].reason == note.text == contact.question == contact.answer == text


@pytest.mark.parametrize("text", [SQL, HTML])
async def test_code_in_the_path_of_a_stock_item_is_refused(api: Api, text: str) -> None:
    answer = await api.post(f"/commands/stock/{text.replace('/', '%2F')}/main/receive", {"quantity": 1})
    assert answer.status_code in {404, 422}
    assert await api.events() == []


async def test_newline_and_tab_are_fine_in_notes_and_other_controls_are_not(api: Api) -> None:
    order_id = await api.placed()
    fine = await api.post(f"{ORDERS}/{order_id}/add-note", {"text": "first\n\tsecond"})
    assert fine.status_code == 200
    told = problem(await api.post(f"{ORDERS}/{order_id}/add-note", {"text": "bell\x07"}), 422, "invalid")
    assert told["errors"][0]["reason"] == "control character U+0007 at position 5"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Idempotency_Key", ""),
        ("Idempotency_Key", "two words"),
        ("Idempotency_Key", "k" * 201),
        ("Idempotency_Key", "schlüssel"),
        ("If_Match", "3"),
        ("If_Match", 'W/"3"'),
        ("If_Match", '"three"'),
        ("If_Match", '"1", "2"'),
        ("If_Match", '"3-sales"'),
        ("X_On_Behalf_Of", ""),
        ("X_On_Behalf_Of", "n" * 201),
        ("X_On_Behalf_Of", "bell\x07"),
    ],
)
async def test_a_malformed_header_is_refused_by_name(api: Api, header: str, value: str) -> None:
    order_id = await api.placed()
    before = len(await api.events())
    answer = await api.client.post(
        f"{ORDERS}/{order_id}/add-note",
        json={"text": "hello"},
        headers=[(b"authorization", bearer().encode()), (header.replace("_", "-").encode(), value.encode())],
    )
    assert problem(answer, 400, "bad-header")["header"] == header.replace("_", "-")
    assert len(await api.events()) == before
