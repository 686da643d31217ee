"""Many commands in one request: a line each, an answer each as by itself, and no line in the way of another."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from commands import bulk
from commands.app import build
from domain.access import may
from domain.order.events import ExceptionOpened, HandedOver, NoteAdded, OrderPlaced, Picked
from domain.roles import Role
from domain.stock.events import StockReceived
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.runtime import Runtime
from streams.writing.errors import ElsewhereOwned, NotExecuted
from streams.writing.submission import CommandResult, Submission
from tests.commands.conftest import (
    FORMS,
    IDENTITY,
    Api,
    WritersOfTheTest,
    bearer,
    client_of,
    client_of_app,
    line,
    order,
    problem,
    served,
)
from tests.commands.test_answers import Failing
from tests.commands.test_form_posts import BACK, led_to, sent_order, sign_in
from tests.commands.test_routes import PATHS
from tests.spec import NOW
from tests.writing import with_workflow
from web.command_addresses import MOST_COMMANDS
from web.kept_forms import MANY, MemoryForms

BULK = "/commands/bulk"
NDJSON = "application/x-ndjson"
ORDERS = "/commands/orders"
Json = Mapping[str, Any]


def receive(sku: str = "A", quantity: object = 1, **more: object) -> dict[str, object]:
    return {"address": f"/commands/stock/{sku}/main/receive", "body": {"quantity": quantity}, **more}


def note(order_id: str, text: str, **more: object) -> dict[str, object]:
    return {"address": f"{ORDERS}/{order_id}/add-note", "body": {"text": text}, **more}


def written(*lines: object) -> bytes:
    return b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in lines)


async def sent(api: Api, *lines: object, look: bool = False, **headers: str) -> list[Json]:
    """The answer's lines."""
    path = f"{BULK}?preview=true" if look else BULK
    answer = await api.post(path, written(*lines), **({"content_type": NDJSON} | headers))
    return read(answer)


def read(answer: httpx.Response) -> list[Json]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == NDJSON
    told = [json.loads(text) for text in answer.text.splitlines()]
    assert [each["line"] for each in told] == list(range(1, len(told) + 1))
    return told


def codes(told: Sequence[Json]) -> list[object]:
    """Of each line the code of its problem, or its status."""
    return [each["answer"].get("code", each["status"]) for each in told]


async def test_each_line_is_answered_as_by_itself_and_in_its_place(api: Api) -> None:
    order_id = await api.placed()
    told = await sent(
        api,
        {"address": ORDERS, "body": order(), "key": "p"},
        receive("A", 3),
        note(order_id, "hello"),
        receive("A", 0),
        {"address": f"{ORDERS}/{order_id}/pack", "body": {"contents": [{"line": 1, "quantity": 1}]}},
    )
    assert codes(told) == [201, 200, 200, "invalid", "not-picked"]
    placed = next(each for each in await api.events() if each.stream == f"order-{told[0]['answer']['order_id']}")
    assert isinstance(placed.event, OrderPlaced)
    assert told[0]["answer"]["number"] == placed.event.number
    assert told[1]["answer"]["stock"] == "A@main"
    assert told[2]["answer"]["order_id"] == order_id
    alone = await api.post("/commands/stock/A/main/receive", {"quantity": 0})
    assert (told[3]["status"], told[3]["answer"]) == (alone.status_code, alone.json())


async def test_lines_for_one_stream_are_carried_out_in_their_order(api: Api) -> None:
    order_id, texts = await api.placed(), [f"note {number}" for number in range(300)]
    lines = [each for text in texts for each in (note(order_id, text), receive(f"S{text[5:]}"))]
    told = await sent(api, *lines)
    assert set(codes(told)) == {200}
    events = await api.events()
    assert [each.event.text for each in events if isinstance(each.event, NoteAdded)] == texts
    assert sum(isinstance(each.event, StockReceived) for each in events) == 300


async def test_what_is_no_line_is_its_own_problem(api: Api) -> None:
    told = await sent(
        api,
        b"not json",
        b"",
        b"\xff",
        b"nu\x00ll",
        b"[]",
        b"[" * 100_000,
        {"address": "/commands/orders/x/fly"},
        {"address": f"{BULK}?preview=true"},
        {"address": "/commands/stock/A%24/main/receive"},
        {"address": f"{ORDERS}/7/confirm"},
        {"body": {}},
        receive(colour="red"),
        receive(key="two words"),
        receive(expected_version="3"),
        receive(on_behalf_of="bell\x07"),
        receive("A", float("nan")),
        receive("A", 10**40),
        {**receive(), "body": None},
        receive("B"),
    )
    assert codes(told) == [
        "broken-json", "broken-json", "bad-utf-8", "broken-json", "invalid", "broken-json", "no-such-page",
        "no-such-page", *["invalid"] * 10, 200,
    ]  # fmt: skip
    faults = [each["answer"]["errors"][0]["field"] for each in told if each["answer"].get("errors")]
    assert faults == [
        "body", "path.sku", "path.order_id", "address", "colour", "key", "expected_version", "on_behalf_of",
        "quantity", "quantity", "body",
    ]  # fmt: skip
    assert [type(each.event) for each in await api.events()] == [StockReceived]


async def test_a_request_that_is_refused_as_a_whole_has_carried_out_nothing(api: Api) -> None:
    kinds = {"content_type": NDJSON}
    problem(await api.post(BULK, written(*[receive()] * (MOST_COMMANDS + 1)), **kinds), 422, "invalid")
    problem(await api.post(BULK, written(receive()) + b"\n" * 1_000_000, **kinds), 422, "invalid")
    problem(await api.post(BULK, b"", **kinds), 422, "invalid")
    problem(await api.post(BULK, written(receive("A", 1, key="k" * 5_000_000)), **kinds), 413, "too-large")
    for kind in ("application/json", "text/plain", ""):
        problem(await api.post(BULK, written(receive()), content_type=kind), 415, "not-lines")
    for name in ("Idempotency-Key", "If-Match", "Seen-Act", "Seen-Version", "X-On-Behalf-Of"):
        refused = await api.post(BULK, written(receive()), **kinds, **{name: "3"})
        assert problem(refused, 400, "bad-header")["header"] == name
    for query in ("preview=yes", "preview=true&preview=true"):
        problem(await api.post(f"{BULK}?{query}", written(receive()), **kinds), 422, "invalid")
    problem(await api.post(BULK, written(receive()), **kinds, authorization="Bearer nonsense"), 401, "not-signed-in")
    assert await api.events() == []


async def test_a_body_that_never_ends_has_carried_out_nothing(api: Api) -> None:
    head = f"POST {BULK} HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer()}\r\nContent-Type: {NDJSON}\r\n"
    async with served(api.running.writers) as address:
        _, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(head.encode() + b"Content-Length: 100000\r\n\r\n" + written(receive("A"), receive("B")))
        await writer.drain()
        async with httpx.AsyncClient(base_url=address) as client:
            headers = {"Authorization": bearer(), "Content-Type": NDJSON}
            assert codes(read(await client.post(BULK, content=written(receive("C")), headers=headers))) == [200]
        writer.close()
        await writer.wait_closed()
    assert [each.stream for each in await api.events()] == ["stock-C@main"]


async def test_a_line_of_almost_everything_is_taken_and_one_that_is_too_large_is_its_own_problem(api: Api) -> None:
    told = await sent(api, receive(), {"address": "x" * 2_000_000}, receive("B"))
    assert codes(told) == [200, "invalid", 200]


async def test_a_thousand_lines_are_taken_with_or_without_a_last_newline(api: Api) -> None:
    body = written(*[receive() for _ in range(MOST_COMMANDS)]).rstrip(b"\n")
    told = read(await api.post(BULK, body, content_type=NDJSON))
    assert codes(told) == [200] * MOST_COMMANDS
    assert [each["answer"]["version"] for each in told] == list(range(1, MOST_COMMANDS + 1))


async def test_a_key_is_a_lines_own_also_within_one_request(api: Api) -> None:
    lines = [receive("A", 1, key="k"), receive("A", 1, key="k"), receive("A", 2, key="k"), receive("B", 1, key="k")]
    told = await sent(api, *lines)
    assert codes(told) == [200, 200, "key-reused", 200]
    assert [told[place]["answer"]["repeated"] for place in (0, 1, 3)] == [False, True, False]
    again = await sent(api, *lines)
    assert [each["answer"].get("repeated") for each in again] == [True, True, None, True]
    alone = await api.post("/commands/stock/A/main/receive", {"quantity": 1}, idempotency_key="k")
    assert alone.json()["repeated"] is True
    assert sum(isinstance(each.event, StockReceived) for each in await api.events()) == 2


async def test_two_placings_under_one_key_are_one_order(api: Api) -> None:
    told = await sent(api, *[{"address": ORDERS, "body": order(), "key": "k"}] * 2)
    assert codes(told) == [201, 201]
    assert told[0]["answer"]["order_id"] == told[1]["answer"]["order_id"]
    assert sum(isinstance(each.event, OrderPlaced) for each in await api.events()) == 1


async def test_a_line_may_expect_a_version_and_speak_for_somebody(api: Api) -> None:
    order_id = await api.placed()
    version = (await api.post(f"{ORDERS}/{order_id}/add-note", {"text": "one"})).json()["version"]
    told = await sent(
        api,
        note(order_id, "two", expected_version=version - 1),
        note(order_id, "three", expected_version=version, on_behalf_of="李雷"),
        note(order_id, "four", expected_version=version),
    )
    assert codes(told) == ["version-conflict", 200, "version-conflict"]
    notes = [each for each in await api.events() if isinstance(each.event, NoteAdded)]
    assert [each.metadata.on_behalf_of for each in notes] == [None, "李雷"]


async def test_who_saw_what_is_offered_no_longer_picks_nothing_a_second_time(api: Api) -> None:
    order_id = await sent_order(api)
    seen = (await api.post(f"{ORDERS}/{order_id}/start-pick")).json()["version"]
    body = {"units": [{"line": 1, "quantity": 6}]}
    picking = {"address": f"{ORDERS}/{order_id}/pick", "body": body, "seen_version": seen}
    assert codes(await sent(api, picking, picking)) == [200, "changed-meanwhile"]
    alone = await api.post(f"{ORDERS}/{order_id}/pick", body, seen_version=str(seen))
    problem(alone, 409, "changed-meanwhile")
    problem(await api.post(f"{ORDERS}/{order_id}/pick", body, seen_version="x"), 400, "bad-header")
    assert not any(isinstance(each.event, ExceptionOpened) for each in await api.events())


async def test_who_saw_a_parcel_here_does_not_correct_what_another_said_of_it_when_it_left(api: Api) -> None:
    order_id = await sent_order(api)
    units = [{"line": 1, "quantity": 6}]
    await api.post(f"{ORDERS}/{order_id}/pick", {"units": units})
    seen = (await api.post(f"{ORDERS}/{order_id}/pack", {"contents": units})).json()["version"]
    lines = [
        {
            "address": f"{ORDERS}/{order_id}/hand-over",
            "body": {"parcel": 1, "carrier": carrier},
            "seen_version": seen,
            "seen_act": "hand-over",
        }
        for carrier in ("UPS", "DHL")
    ]
    assert codes(await sent(api, *lines)) == [200, "changed-meanwhile"]
    path, body = str(lines[1]["address"]), {"parcel": 1, "carrier": "DHL"}
    problem(await api.post(path, body, seen_version=str(seen), seen_act="hand-over"), 409, "changed-meanwhile")
    problem(await api.post(path, body, seen_act="fly"), 400, "bad-header")
    csrf = await sign_in(api, Role.WAREHOUSE)
    fields = {"csrf": csrf, "back": BACK, "key": "k", "act": "hand-over.1", "version": str(seen), "carrier": "DHL"}
    answer = await api.client.post(path, data={**fields, "parcel": "1"})
    kept = await FORMS.find(led_to(answer)[1]["form"], "wen")
    assert kept is not None
    assert (kept.answer["code"], kept.answer["address"]) == ("changed-meanwhile", path)
    assert sum(isinstance(each.event, HandedOver) for each in await api.events()) == 1
    correcting = await api.client.post(path, data={**fields, "act": "correct-hand-over.1", "parcel": "1"})
    assert "after" in led_to(correcting)[1]


async def test_a_preview_of_many_decides_each_on_the_state_of_now_and_does_nothing(api: Api) -> None:
    await api.placed(line("A", 4))
    before = await api.events()
    told = await sent(api, receive("A", 3, key="k"), receive("A", 0), receive("A", 3, key="k"), look=True)
    assert codes(told) == [200, "invalid", 200]
    assert told[0]["answer"]["state_after"] == told[2]["answer"]["state_after"]
    alone = await api.post("/commands/stock/A/main/receive?preview=true", {"quantity": 3})
    assert [event["type"] for event in told[0]["answer"]["events"]] == [e["type"] for e in alone.json()["events"]]
    assert told[0]["answer"]["state_after"] == alone.json()["state_after"]
    assert await api.events() == before


async def test_previews_beyond_what_an_answer_holds_are_asked_for_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "LARGEST_PREVIEW", 100)
    told = await sent(api, *[receive()] * (bulk.LOOKED_AT_ONCE + 3), look=True)
    assert codes(told) == [200] * bulk.LOOKED_AT_ONCE + ["too-much-at-once"] * 3
    assert set(codes(await sent(api, *[receive()] * (bulk.LOOKED_AT_ONCE + 3)))) == {200}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WORKFLOW])
async def test_each_line_needs_the_permission_of_its_own_command(api: Api, role: Role) -> None:
    lines = [{"address": path, "body": {"nonsense": 1}} for path in PATHS]
    told = await sent(api, *lines, authorization=bearer(role))
    expected = [422 if may(role, command) else 403 for command in PATHS.values()]
    assert [each["status"] for each in told] == expected


async def test_a_carrier_speaks_in_its_own_name_and_learns_no_position(api: Api) -> None:
    order_id = await api.placed()
    scan = {"tracking_number": "T", "status": "delivered", "code": "X"}
    lines = [
        {"address": f"{ORDERS}/{order_id}/record-checkpoint", "body": {**scan, "carrier": carrier}}
        for carrier in ("DHL", "UPS")
    ]
    told = await sent(api, *lines, authorization=bearer(Role.CARRIER, carrier="DHL"))
    assert codes(told)[1] == "not-permitted"
    assert "1:" not in json.dumps(told[0]["answer"].get("position"))


class Elsewhere(Failing):
    """Writers of which some streams are another process's."""

    def __init__(self, own: Api, owner: str, streams: Callable[[str], bool]) -> None:
        super().__init__(ElsewhereOwned(owner))
        self.own, self.streams = own.running.writers, streams

    @override
    async def submit(self, submission: Submission) -> CommandResult:
        return await (super().submit(submission) if self.streams(submission.stream) else self.own.submit(submission))


async def test_lines_of_another_owner_are_passed_on_in_their_order(api: Api) -> None:
    order_id = await api.placed()
    texts = [f"note {number}" for number in range(20)]
    lines = [
        {"address": ORDERS, "body": order()},
        *(note(order_id, text, key=text[5:], on_behalf_of="李雷") for text in texts),
        receive("A B"),
        note(order_id, "late", expected_version=1),
        receive("A B", 0),
    ]
    async with served(api.running.writers) as owner, client_of(Elsewhere(api, owner, bool)) as client:
        headers = {"Authorization": bearer(), "Content-Type": NDJSON}
        told = read(await client.post(BULK, content=written(*lines), headers=headers))
        looked = read(await client.post(f"{BULK}?preview=true", content=written(*lines), headers=headers))
    assert codes(told) == [201, *[200] * 20, 200, "version-conflict", "invalid"]
    notes = [each for each in await api.events() if isinstance(each.event, NoteAdded)]
    assert [each.event.text for each in notes if isinstance(each.event, NoteAdded)] == texts
    assert {each.metadata.on_behalf_of for each in notes} == {"李雷"}
    assert told[0]["answer"]["order_id"] in {each.stream.removeprefix("order-") for each in await api.events()}
    assert all(each["answer"].get("preview") for each in looked[:-2])


async def test_when_another_owner_is_away_its_lines_alone_are_not_executed(api: Api) -> None:
    away = Elsewhere(api, "http://127.0.0.1:1", lambda stream: "stock-B" in stream)
    async with client_of(away) as client:
        headers = {"Authorization": bearer(), "Content-Type": NDJSON}
        told = read(await client.post(BULK, content=written(receive("A"), receive("B"), receive("C")), headers=headers))
    assert codes(told) == [200, "not-executed", 200]
    assert told[1]["retry_after"] == 1


class Odd(Failing):
    """A write side with a fault of ours for one stream."""

    @override
    async def submit(self, submission: Submission) -> CommandResult:
        if "B@" in submission.stream:
            raise ZeroDivisionError("secret")
        return CommandResult(submission.stream, 1, None, repeated=False, state=None, command_id=submission.command_id)


async def test_a_fault_of_ours_is_told_of_its_line_alone_and_tells_nothing(api: Api) -> None:
    async with client_of(Odd(NotExecuted())) as client:
        headers = {"Authorization": bearer(), "Content-Type": NDJSON}
        answer = await client.post(BULK, content=written(receive("A"), receive("B"), receive("C")), headers=headers)
    assert codes(read(answer)) == [200, "fault", 200]
    assert "secret" not in answer.text


class Slow:
    """A write side that answers only when it has to end."""

    runtime = Runtime()

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def submit(self, submission: Submission) -> CommandResult:
        if "A@" in submission.stream:
            return CommandResult(
                submission.stream, 1, None, repeated=False, state=None, command_id=submission.command_id
            )
        self.asked.set()
        try:
            return await asyncio.Future[CommandResult]()
        except asyncio.CancelledError:
            raise NotExecuted from None


async def test_a_server_that_ends_still_says_of_each_line_what_is_known() -> None:
    writers = Slow()
    async with client_of(writers) as client:
        headers = {"Authorization": bearer(), "Content-Type": NDJSON}
        asked = asyncio.create_task(client.post(BULK, content=written(receive("A"), receive("B")), headers=headers))
        await writers.asked.wait()
        asked.cancel()
        assert codes(read(await asked)) == [200, "not-executed"]


async def test_what_was_not_begun_when_the_server_ends_is_not_executed() -> None:
    writers = Slow()
    async with client_of(writers) as client:
        headers = {"Authorization": bearer(), "Content-Type": NDJSON}
        later = [receive("A")] * bulk.CARRIED_AT_ONCE
        lines = written(*[receive("A"), receive("B")] * bulk.PORTIONS_AT_ONCE, *later)
        asked = [asyncio.create_task(client.post(BULK, content=lines, headers=headers)) for _ in range(4)]
        await writers.asked.wait()
        for request in asked:
            request.cancel()
        told = [codes(read(await request)) for request in asked]
    assert [answers.count(200) for answers in told] == [bulk.CARRIED_AT_ONCE - 2, bulk.CARRIED_AT_ONCE - 2, 0, 0]
    assert [answers.count("not-executed") for answers in told] == [6, 6, *[len(later) + 4] * 2]


class Counting(Failing):
    """A write side that counts what is under way."""

    def __init__(self) -> None:
        super().__init__(NotExecuted())
        self.under_way = self.most = 0

    @override
    async def submit(self, submission: Submission) -> CommandResult:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        return CommandResult(submission.stream, 1, None, repeated=False, state=None, command_id=submission.command_id)


async def test_however_many_requests_bring_lines_few_are_under_way_at_once() -> None:
    writers = Counting()
    async with client_of(writers) as client:
        headers = {"Authorization": bearer(), "Content-Type": NDJSON}
        lines = written(*[receive()] * (bulk.CARRIED_AT_ONCE + 1))
        answers = await asyncio.gather(*(client.post(BULK, content=lines, headers=headers) for _ in range(5)))
    assert {code for answer in answers for code in codes(read(answer))} == {200}
    assert writers.most == bulk.CARRIED_AT_ONCE * bulk.PORTIONS_AT_ONCE


async def test_the_larger_the_lines_the_fewer_are_under_way_and_one_larger_than_all_may_be_goes_alone() -> None:
    writers = Counting()
    line = written(note("0198c0de-7a34-7c1b-9d0a-3c1d5f0b8e21", "x" * 3_000))
    async with client_of(writers) as client:
        headers = {"Authorization": bearer(), "Content-Type": NDJSON}
        answers = await asyncio.gather(*(client.post(BULK, content=line * 100, headers=headers) for _ in range(5)))
        assert writers.most == bulk.BYTES_AT_ONCE // (len(line) - 1) * bulk.PORTIONS_AT_ONCE
        writers.most = 0
        larger = line.strip() + b" " * bulk.BYTES_AT_ONCE + b"\n"
        answers.append(await client.post(BULK, content=line + larger + line, headers=headers))
    assert {code for answer in answers for code in codes(read(answer))} == {200}
    assert writers.most == 1


async def test_a_form_of_many_is_carried_out_once_and_its_outcome_is_kept(api: Api) -> None:
    order_id, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    picking = {"address": f"{ORDERS}/{order_id}/pick", "body": {"units": [{"line": 1, "quantity": 6}]}, "key": "k"}
    fields = {"csrf": csrf, "back": BACK, "number": "OT-1", "line": [json.dumps(picking), "nonsense"]}
    for repeated in (False, True):
        path, query = led_to(await api.client.post(BULK, data=fields))
        assert (path, query["queue"]) == ("/orders/OT-1", "pick")
        kept = await FORMS.find(query["form"], "wen")
        assert kept is not None
        assert kept.answer["code"] == MANY
        assert [each["status"] for each in kept.answer["answers"]] == [200, 400]
        assert kept.answer["answers"][0]["answer"]["repeated"] is repeated
        assert query["after"] == kept.answer["answers"][0]["answer"]["position"]
        assert (kept.text("number"), kept.text("line")) == ("OT-1", "")
    assert sum(isinstance(each.event, Picked) for each in await api.events()) == 1


async def test_only_who_leads_enters_what_is_long_past_by_a_form_of_many_too(api: Api) -> None:
    order_id, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    late = (datetime.now(UTC) - timedelta(hours=73)).isoformat()
    body = {"units": [{"line": 1, "quantity": 6}], "occurred_at": late}
    line = {"address": f"{ORDERS}/{order_id}/pick", "body": body, "key": "k"}
    _, query = led_to(await api.client.post(BULK, data={"csrf": csrf, "back": BACK, "line": json.dumps(line)}))
    kept = await FORMS.find(query["form"], "wen")
    assert kept is not None
    (answered,) = kept.answer["answers"]
    assert (answered["status"], answered["answer"]["errors"][0]["rule"]) == (422, "too_late")
    program = {"Authorization": bearer(Role.WAREHOUSE), "Content-Type": NDJSON}
    assert codes(read(await api.client.post(BULK, content=written(line), headers=program))) == [200]


async def test_a_form_of_many_is_ours_and_of_somebody_who_is_signed_in(api: Api) -> None:
    await sign_in(api, Role.WAREHOUSE)
    fields = {"csrf": "forged", "back": BACK, "line": json.dumps(receive())}
    problem(await api.client.post(BULK, data=fields), 403, "forged-form")
    problem(
        await api.client.post(BULK, content=written(receive()), headers={"Content-Type": NDJSON}), 403, "forged-form"
    )
    api.client.cookies.clear()
    assert led_to(await api.client.post(BULK, data=fields))[0] == "/orders/OT-1"
    assert await api.events() == []


async def _as_alone(luck: Random) -> None:
    """The same lines by themselves, one after the other, and at once."""
    outcomes = []
    lines = [
        luck.choice((receive("A", luck.randint(0, 3), key=f"k{luck.randint(0, 5)}"), receive("B"), b"?"))
        for _ in range(luck.randint(1, 30))
    ]
    for at_once in (True, False):
        log = MemoryLog(MemoryBroker())
        await log.open()
        async with with_workflow(log, MemoryIndex()) as running:
            app = build(WritersOfTheTest(running), IDENTITY, MemoryForms(), clock=lambda: NOW)
            async with client_of_app(app) as client:
                api = Api(client, log, running)
                told = await sent(api, *lines) if at_once else [(await sent(api, each))[0] for each in lines]
                outcomes.append(
                    [(code, each["answer"].get("repeated")) for code, each in zip(codes(told), told, strict=True)]
                )
                outcomes[-1].append((len(await api.events()), None))
    assert outcomes[0] == outcomes[1]


@settings(max_examples=10)
@given(luck=st.randoms(use_true_random=False))
def test_at_once_lines_do_what_they_do_one_after_the_other(luck: Random) -> None:
    asyncio.run(_as_alone(luck))
