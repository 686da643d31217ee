"""Every error is a problem document, and says no more than it should."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from domain.order.commands import PlaceOrder
from web.bodies import BodyLimits
from web.middleware import Edge
from web.problems import MOST_ERRORS, from_validation


async def problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, object] = answer.json()
    assert (told["status"], told["code"], told["type"]) == (status, code, f"/problems/{code}")
    assert told["title"]
    return told


async def test_an_address_without_anything_is_a_problem(client: httpx.AsyncClient) -> None:
    told = await problem(await client.get("/nowhere"), 404, "no-such-page")
    assert told["detail"] == "/nowhere"


async def test_a_method_that_is_not_taken_is_a_problem_that_names_the_others(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/list")
    await problem(answer, 405, "no-such-method")
    assert answer.headers["allow"] == "GET, HEAD"


async def test_a_wrong_field_is_named_with_its_reason(client: httpx.AsyncClient) -> None:
    told = await problem(await client.post("/things", json={"size": "huge" * 100}), 422, "invalid")
    assert "/size" in str(told["errors"])
    assert "hugehuge" not in str(told)


async def test_broken_json_and_broken_utf_8_are_told_apart(client: httpx.AsyncClient) -> None:
    json = {"Content-Type": "application/json"}
    await problem(await client.post("/things", content=b'{"size', headers=json), 400, "broken-json")
    await problem(await client.post("/things", content=b'{"size": "\xff"}', headers=json), 400, "bad-utf-8")


async def test_a_malformed_query_is_named(client: httpx.AsyncClient) -> None:
    told = await problem(await client.get("/list?limit=0&after=0:1"), 422, "invalid")
    assert "limit" in str(told["detail"])
    told = await problem(await client.get("/list?after=zero"), 422, "invalid")
    assert "after: a position is written <partition>:<sequence>" in str(told["detail"])


async def test_a_fault_of_ours_is_written_down_once_and_tells_nothing(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    told = await problem(await client.get("/broken/0198c0de"), 500, "fault")
    assert "detail" not in told
    (entry,) = [entry for entry in caplog.records if entry.levelname == "ERROR"]
    assert entry.getMessage() == f"fault {told['fault_id']}: GET /broken/{{order_id}}, order 0198c0de"
    assert entry.exc_info is not None


async def test_a_caller_who_leaves_in_the_middle_of_a_body_is_no_fault_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def reading(_scope: Scope, receive: Receive, _send: Send) -> None:
        await Request({"type": "http", "headers": []}, receive).body()

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def unheard(_: Message) -> None:
        raise AssertionError("nobody is there to be answered")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await Edge(reading)(scope, gone, unheard)
    assert caplog.records == []


async def test_every_code_has_a_page(client: httpx.AsyncClient) -> None:
    codes = [kind["code"] for kind in (await client.get("/problems")).json()]
    assert "too-large" in codes
    for code in codes:
        told = (await client.get(f"/problems/{code}")).json()
        assert told["title"]
    await problem(await client.get("/problems/no-such-code"), 404, "no-such-page")


async def test_a_large_announced_body_is_refused_before_it_is_sent(client: httpx.AsyncClient) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 500

    answer = await client.post("/things", content=body(), headers={"Content-Length": "50000"})
    await problem(answer, 413, "too-large")
    assert read == 0


async def test_a_large_unannounced_body_is_refused_while_it_comes(client: httpx.AsyncClient) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 1
            yield b"x" * 500

    told = await problem(await client.post("/things", content=body()), 413, "too-large")
    assert told["limit_bytes"] == 1_000
    assert read < 5


async def test_an_address_may_take_more_than_the_others(client: httpx.AsyncClient) -> None:
    await problem(await client.post("/large", content=b"x" * 4_000), 404, "no-such-page")
    await problem(await client.post("/large", content=b"x" * 6_000), 413, "too-large")


async def read_whole(_: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["more_body"]:
        pass
    await Response("read")({"type": "http"}, receive, send)


async def status_of(limits: BodyLimits, *, ends: bool) -> int:
    """What `read_whole` answers to 900 bytes and, unless the body ends with them, nothing more for ever."""
    parts = [900]
    told: list[Message] = []

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"x" * parts.pop(), "more_body": not ends}

    async def send(message: Message) -> None:
        told.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await Edge(read_whole, limits=limits)(scope, receive, send)
    return int(told[0]["status"])


async def test_bodies_that_never_end_hold_no_more_than_their_share() -> None:
    limits = BodyLimits(1_000, at_once=5_000)
    endless = [asyncio.create_task(status_of(limits, ends=False)) for _ in range(5)]
    await asyncio.sleep(0)
    assert limits.held == 4_500
    assert await status_of(limits, ends=True) == 503
    for one in endless:
        one.cancel()
    await asyncio.gather(*endless, return_exceptions=True)
    assert limits.held == 0
    assert await status_of(limits, ends=True) == 200


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for answer in (await client.get("/problems"), await client.get("/nowhere"), await client.get("/broken/1")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["permissions-policy"] == "camera=(), geolocation=(), microphone=()"


def test_a_list_whose_items_are_wrong_is_not_called_too_short() -> None:
    body = b'{"ship_to": {"country": "DE"}, "lines": [{"sku": "A", "name": "a", "quantity": 0, "unit_price": {"amount": "1", "currency": "EUR"}}]}'
    assert fields(body) == ["lines.0.quantity"]


def test_an_empty_list_is_called_too_short() -> None:
    assert fields(b'{"ship_to": {"country": "DE"}, "lines": []}') == ["lines"]


def test_thousands_of_wrong_fields_are_counted_not_listed() -> None:
    body = b'{"ship_to": {"country": "DE"}, "lines": [' + b",".join([b'"x"'] * 5_000) + b"]}"
    told = faults(body)
    assert len(told["errors"]) == MOST_ERRORS
    assert str(told["more_errors"]) == str(5_000 - MOST_ERRORS)


def test_a_huge_field_name_is_cut_short() -> None:
    told = faults(b'{"ship_to": {"country": "DE"}, "lines": [], "' + b"x" * 100_000 + b'": 1}')
    assert len(str(told)) < 1_000


def fields(body: bytes) -> list[str]:
    return [entry["field"] for entry in faults(body)["errors"]]


def faults(body: bytes) -> dict[str, list[dict[str, str]]]:
    with pytest.raises(ValidationError) as refused:
        PlaceOrder.model_validate_json(body)
    members: dict[str, list[dict[str, str]]] = dict(from_validation(refused.value, body).members)  # type: ignore[arg-type]  # the shape of `errors`
    return members
