"""What a command's sender is told: ids, version, position, and the same again for a repeated command."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from commands.parsing import forwarded_mark
from domain.order.events import NoteAdded, OrderPlaced
from domain.recorded import Position
from domain.roles import Role
from domain.stock.events import StockReceived
from streams.runtime import Runtime
from streams.writing.errors import (
    CommandTooLarge,
    ElsewhereOwned,
    KeyReused,
    NotExecuted,
    Overloaded,
    StillUnknown,
    WriteError,
)
from streams.writing.submission import CommandResult, Submission
from tests.commands.conftest import IDENTITY, Api, bearer, client_of, line, order, problem, served
from web.entity_tags import document_tag

ORDERS = "/commands/orders"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_placing_tells_id_number_version_position_and_the_customers_page(api: Api) -> None:
    answer = await api.post(ORDERS, order())
    told = answer.json()
    placed = (await api.events())[0]
    assert isinstance(placed.event, OrderPlaced)
    assert answer.status_code == 201
    assert placed.stream == f"order-{told['order_id']}"
    assert told["number"] == placed.event.number
    assert told["tracking_url"] == f"/track/{placed.event.tracking_token}"
    assert answer.headers["location"] == f"/orders/{told['order_id']}"
    assert answer.headers["etag"] == f'"{told["version"]}"'
    assert answer.headers["ordertrail-position"] == told["position"]
    assert Position.parse(told["position"]).partition == placed.position.partition
    assert told["repeated"] is False


async def test_stock_is_named_by_sku_in_capitals_and_location(api: Api) -> None:
    answer = await api.post("/commands/stock/85123a/main/receive", {"quantity": 5})
    assert (answer.status_code, answer.json()["stock"], answer.json()["version"]) == (200, "85123A@main", 1)


async def test_a_sku_with_spaces_is_one_stock_item(api: Api) -> None:
    answer = await api.post("/commands/stock/DCGS%20a+b/main/receive", {"quantity": 5})
    assert answer.json()["stock"] == "DCGS A+B@main"


async def test_a_command_without_fields_needs_no_body(api: Api) -> None:
    order_id = await api.placed()
    assert (await api.post(f"{ORDERS}/{order_id}/start-pick", b"")).status_code == 200


async def test_placing_twice_under_one_key_places_one_order(api: Api) -> None:
    first = await api.post(ORDERS, order(), idempotency_key="k1")
    await api.running.until_idle()
    again = await api.post(ORDERS, order(), idempotency_key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == {**first.json(), "repeated": True}
    assert [type(recorded.event) for recorded in await api.events()].count(OrderPlaced) == 1


async def test_the_same_key_with_the_fields_in_another_order_is_the_same_command(api: Api) -> None:
    await api.post(ORDERS, order(), idempotency_key="k1")
    again = await api.post(ORDERS, dict(reversed(order().items())), idempotency_key="k1")
    assert again.json()["repeated"] is True


async def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    await api.post(ORDERS, order(), idempotency_key="k1")
    problem(await api.post(ORDERS, order(line(quantity=3)), idempotency_key="k1"), 422, "key-reused")
    order_id = await api.placed()
    note = f"{ORDERS}/{order_id}/add-note"
    assert (await api.post(note, {"text": "one"}, idempotency_key="k1")).status_code == 200
    problem(await api.post(note, {"text": "two"}, idempotency_key="k1"), 422, "key-reused")


async def test_the_same_key_for_another_command_on_the_order_is_refused(api: Api) -> None:
    order_id = await api.placed()
    await api.post(f"{ORDERS}/{order_id}/add-note", {"text": "one"}, idempotency_key="k1")
    contact = {"channel": "phone", "question": "?", "answer": "!"}
    problem(await api.post(f"{ORDERS}/{order_id}/log-contact", contact, idempotency_key="k1"), 422, "key-reused")


async def test_a_key_belongs_to_whoever_used_it_and_to_its_target(api: Api) -> None:
    first = await api.post(ORDERS, order(), idempotency_key="k1", authorization=bearer(actor="ada"))
    second = await api.post(ORDERS, order(), idempotency_key="k1", authorization=bearer(actor="eve"))
    assert second.json()["repeated"] is False
    assert second.json()["order_id"] != first.json()["order_id"]
    for sku in ("A", "B"):
        received = await api.post(f"/commands/stock/{sku}/main/receive", {"quantity": 1}, idempotency_key="k1")
        assert received.json()["repeated"] is False


async def test_a_name_with_the_separator_in_it_cannot_meet_anothers_key(api: Api) -> None:
    await api.post(ORDERS, order(), idempotency_key="b|c", authorization=bearer(actor="a"))
    other = await api.post(ORDERS, order(), idempotency_key="c", authorization=bearer(actor="a|b"))
    assert other.json()["repeated"] is False


async def test_without_a_key_every_command_is_new(api: Api) -> None:
    ids = {(await api.post(ORDERS, order())).json()["order_id"] for _ in range(3)}
    assert len(ids) == 3


async def test_a_stale_if_match_changes_nothing(api: Api) -> None:
    order_id = await api.placed()
    note = f"{ORDERS}/{order_id}/add-note"
    version = (await api.post(note, {"text": "one"})).json()["version"]
    before = len(await api.events())
    answer = await api.post(note, {"text": "two"}, if_match=f'"{version - 1}"')
    told = problem(answer, 412, "version-conflict")
    assert (told["expected"], told["actual"]) == (version - 1, version)
    assert answer.headers["etag"] == f'"{version}"'
    assert len(await api.events()) == before
    assert (await api.post(note, {"text": "two"}, if_match=answer.headers["etag"])).status_code == 200


async def test_the_tag_of_a_document_is_the_version_that_a_command_expects(api: Api) -> None:
    note = f"{ORDERS}/{await api.placed()}/add-note"
    version = (await api.post(note, {"text": "one"})).json()["version"]
    stale, read = (document_tag(seen, 4, Role.SALES_LEAD) for seen in (version - 1, version))
    problem(await api.post(note, {"text": "two"}, if_match=stale), 412, "version-conflict")
    assert (await api.post(note, {"text": "two"}, if_match=read)).status_code == 200


async def test_if_match_any_means_that_it_must_be_there(api: Api) -> None:
    order_id = await api.placed()
    assert (await api.post(f"{ORDERS}/{order_id}/add-note", {"text": "one"}, if_match="*")).status_code == 200
    problem(await api.post(ORDERS, order(), if_match="*"), 412, "version-conflict")


async def test_if_match_does_not_apply_to_facts(api: Api) -> None:
    await api.post("/commands/stock/A/main/receive", {"quantity": 5})
    answer = await api.post("/commands/stock/A/main/receive", {"quantity": 5}, if_match='"9"')
    assert (answer.status_code, answer.json()["version"]) == (200, 2)


async def test_a_refusal_tells_the_rule_and_what_it_looked_at(api: Api) -> None:
    order_id = await api.placed()
    answer = await api.post(
        f"{ORDERS}/{order_id}/pack",
        {"lines": [{"line": 1, "quantity": 1}]} | {"contents": [{"line": 1, "quantity": 1}]},
    )
    assert answer.status_code == 422
    answer = await api.post(f"{ORDERS}/{order_id}/pack", {"contents": [{"line": 1, "quantity": 1}]})
    assert answer.status_code == 409
    told = answer.json()
    page = await api.client.get(told["type"])
    assert (page.status_code, page.json()["title"]) == (200, told["title"])
    assert isinstance(told.get("facts", {}), dict)


async def test_who_and_why_are_recorded_with_the_event(api: Api) -> None:
    order_id = await api.placed()
    await api.post(
        f"{ORDERS}/{order_id}/add-note",
        {"text": "hello", "occurred_at": "2026-01-02T03:04:05Z"},
        authorization=bearer(Role.SALES, "grace"),
        x_on_behalf_of="李雷",
        traceparent=TRACE,
    )
    (note,) = [recorded for recorded in await api.events() if isinstance(recorded.event, NoteAdded)]
    assert (note.metadata.actor, note.metadata.role) == ("grace", Role.SALES)
    assert note.metadata.on_behalf_of == "李雷"
    assert note.metadata.traceparent == TRACE
    assert note.event.occurred_at.isoformat() == "2026-01-02T03:04:05+00:00"


@pytest.mark.parametrize("traceparent", ["", "00-abc", TRACE.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32)])
async def test_a_malformed_traceparent_is_ignored(api: Api, traceparent: str) -> None:
    await api.post("/commands/stock/A/main/receive", {"quantity": 5}, traceparent=traceparent)
    (received,) = [recorded for recorded in await api.events() if isinstance(recorded.event, StockReceived)]
    assert received.metadata.traceparent is None


class Failing:
    """A write side that always answers with one error."""

    runtime = Runtime()

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.asked: list[Submission] = []

    async def submit(self, submission: Submission) -> CommandResult:
        self.asked.append(submission)
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (KeyReused(), 422, "key-reused", None),
        (NotExecuted(), 503, "not-executed", "1"),
        (StillUnknown(), 503, "still-unknown", "1"),
        (Overloaded(2.5), 503, "overloaded", "3"),
        (CommandTooLarge(), 413, "command-too-large", None),
    ],
)
async def test_a_failure_of_the_write_side_has_its_own_status(
    error: WriteError, status: int, code: str, retry_after: str | None
) -> None:
    async with client_of(Failing(error)) as client:
        answer = await client.post(ORDERS, json=order(), headers={"Authorization": bearer()})
    problem(answer, status, code)
    assert answer.headers.get("retry-after") == retry_after


async def test_any_other_error_is_a_fault_that_tells_nothing() -> None:
    async with client_of(Failing(ZeroDivisionError("secret"))) as client:
        answer = await client.post(ORDERS, json=order(), headers={"Authorization": bearer()})
    problem(answer, 500, "fault")
    assert "secret" not in answer.text


async def test_a_request_that_was_passed_on_is_not_passed_on_again() -> None:
    writers = Failing(ElsewhereOwned("http://127.0.0.1:1"))
    order_id = str(uuid.uuid4())
    headers = {"Authorization": bearer(), "Ordertrail-Forwarded": forwarded_mark(IDENTITY.secret, order_id)}
    async with client_of(writers) as client:
        answer = await client.post(ORDERS, json=order(), headers=headers)
    problem(answer, 503, "elsewhere-owned")
    assert writers.asked[0].stream == f"order-{order_id}"
    assert writers.asked[0].lookup is True


@pytest.mark.parametrize("proof", ["", ".", ".0000", ".é"])
async def test_nobody_outside_chooses_the_id_of_an_order(proof: str) -> None:
    writers = Failing(NotExecuted())
    order_id = str(uuid.uuid4())
    mark = (order_id + proof).encode().decode("latin-1")
    async with client_of(writers) as client:
        headers = [(b"authorization", bearer().encode()), (b"ordertrail-forwarded", mark.encode("latin-1"))]
        await client.post(ORDERS, json=order(), headers=headers)
    assert writers.asked[0].stream != f"order-{order_id}"
    assert writers.asked[0].lookup is False


async def test_an_owner_that_does_not_answer_means_not_executed() -> None:
    async with client_of(Failing(ElsewhereOwned("http://127.0.0.1:1"))) as client:
        answer = await client.post(ORDERS, json=order(), headers={"Authorization": bearer()})
    problem(answer, 503, "not-executed")


async def test_what_became_of_a_command_that_was_passed_on_when_we_end_is_unknown() -> None:
    asked = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as owner:
        port = owner.sockets[0].getsockname()[1]
        async with client_of(Failing(ElsewhereOwned(f"http://127.0.0.1:{port}"))) as client:
            sent = asyncio.create_task(client.post(ORDERS, json=order(), headers={"Authorization": bearer()}))
            await asked.wait()
            sent.cancel()
            problem(await sent, 503, "still-unknown")


async def test_a_command_for_another_owner_is_passed_on_once(api: Api) -> None:
    async with served(api.running.writers) as owner:
        writers = Failing(ElsewhereOwned(owner))
        headers = [(b"Authorization", bearer().encode()), (b"X-On-Behalf-Of", "李雷".encode())]
        async with client_of(writers) as client:
            answer = await client.post(ORDERS, json=order(), headers=headers)
            refused = await client.post(ORDERS, json=order(line(quantity=0)), headers=headers)
    assert answer.status_code == 201
    placed = next(each for each in await api.events() if each.stream == writers.asked[0].stream)
    assert placed.metadata.on_behalf_of == "李雷"
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    assert answer.headers["ordertrail-position"] == answer.json()["position"]
    problem(refused, 422, "invalid")


async def test_a_long_body_is_refused_and_the_connection_goes_on(api: Api) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100_000

    headers = {"Authorization": bearer(), "Content-Type": "application/json"}
    async with served(api.running.writers) as address, httpx.AsyncClient(base_url=address) as client:
        problem(await client.post(ORDERS, content=body(), headers=headers), 413, "too-large")
        assert (await client.post(ORDERS, json=order(), headers=headers)).status_code == 201
