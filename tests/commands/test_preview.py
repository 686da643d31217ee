"""`?preview=true`: what a command would do is shown as its sender reads it, and nothing is done or used up."""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from commands.app import build
from commands.preview import UNISSUED, preview
from commands.routes import ROUTED
from domain.access import SIGHTS, STAFF, Sight
from domain.catalogue import ORDER, event_type
from domain.decider import NO_COMMAND, Command, Event
from domain.order.commands import (
    AddNote,
    AnswerNote,
    ConfirmOrder,
    ConfirmReceipt,
    GiveBack,
    HandOver,
    Hold,
    LogContact,
    Pack,
    PassOn,
    Pick,
    PickedUnits,
    PlaceOrder,
    PromiseDates,
    RecallFromWarehouse,
    RecordCheckpoint,
    RequestCancel,
    ResolveException,
    Resume,
    SendToWarehouse,
    ShortPick,
    StartPick,
    Take,
    Unpack,
)
from domain.order.events import OrderPlaced
from domain.order.state import Order
from domain.order.terms import Channel, Evidence, HoldType, ParcelStatus, Step
from domain.person.commands import ActivatePerson, DeactivatePerson, GrantRole, InvitePerson, WithdrawRole
from domain.recorded import Recorded
from domain.roles import Department, Role
from domain.stock.commands import CountStock, ReceiveStock, TeachCode
from domain.stream_names import PEOPLE, name_of, order_stream, sku_and_location
from domain.values import PromisePortion, Units
from streams.memory.index import MemoryIndex
from streams.memory.log import MemoryBroker, MemoryLog
from streams.writing.errors import ElsewhereOwned
from streams.writing.submission import CommandResult, Foreseen
from tests.commands.conftest import (
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
from tests.commands.test_routes import PATHS
from tests.domain.laws.people import ODD, SKUS, USUAL, basket, count, receive
from tests.life import Life
from tests.spec import NOW
from tests.writing import with_workflow
from web.command_addresses import STOCK_COMMANDS, WORDS_OF
from web.kept_forms import MemoryForms
from web.sight import shown

ORDERS = "/commands/orders"
RECEIVE = "/commands/stock/A/main/receive"
LOOK = "?preview=true"
LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)
PARCEL = {"carrier": "DHL", "tracking_number": "T"}
ONE = (Units(line=1, quantity=1),)
Json = Mapping[str, Any]

WALK: tuple[Command, ...] = (
    ConfirmOrder(),
    PromiseDates(promises=(PromisePortion(line=1, quantity=4, on=LONG_AGO.date()),)),
    Hold(type=HoldType.MANUAL, blocks=(Step.HAND_OVER,), reason="look at it"),
    Resume(hold=1, reason="looked at"),
    RecallFromWarehouse(lines=(), reason="wait with it"),
    SendToWarehouse(),
    Take(department=Department.WAREHOUSE),
    PassOn(department=Department.WAREHOUSE, to="bo"),
    GiveBack(department=Department.WAREHOUSE),
    StartPick(),
    Pick(units=(PickedUnits(line=1, quantity=2),)),
    ShortPick(lines=ONE),
    Pack(contents=ONE),
    Unpack(parcel=1, reason="wrong box"),
    Pack(contents=(Units(line=1, quantity=2),)),
    HandOver(parcel=2, carrier="DHL", tracking_number="T-2"),
    RecordCheckpoint(carrier="DHL", tracking_number="T-9", status=ParcelStatus.DELIVERED, code="DLV"),
    ResolveException(exception=1, reason="not ours"),
    ConfirmReceipt(parcel=2, evidence=Evidence.COUNTER),
    AddNote(text="call back", department=Department.SALES),
    AnswerNote(note=1, text="called"),
    LogContact(channel=Channel.PHONE, question="When?", answer="Soon."),
    RequestCancel(lines=ONE, reason="changed their mind"),
)
"""Every command that an order takes, in an order in which it takes all but the first."""
STOCK_WALK: tuple[Command, ...] = (
    ReceiveStock(quantity=9),
    CountStock(counted=8),
    TeachCode(article_code="4006381333931", factor=6),
)


def address(stream: str, command: Command) -> str:
    if isinstance(command, PlaceOrder):
        return ORDERS
    if stream == PEOPLE:
        return f"/commands/people/{WORDS_OF[type(command)]}"
    if type(command) in STOCK_COMMANDS.values():
        sku, location = sku_and_location(stream)
        return f"/commands/stock/{sku}/{location}/{WORDS_OF[type(command)]}"
    return f"{ORDERS}/{name_of(stream)}/{WORDS_OF[type(command)]}"


def payload(recorded: Recorded[Event]) -> dict[str, Any]:
    """Type and data of an event as the log has them, without what is issued only when an order is placed."""
    data = recorded.event.model_dump(mode="json", exclude_none=True)
    if isinstance(recorded.event, OrderPlaced):
        data |= dict.fromkeys(UNISSUED)
    return {"type": event_type(type(recorded.event)), "data": data}


def foretold(command: Command, recorded: Recorded[Event]) -> dict[str, Any]:
    """The event as its preview told it: who is invited has no id before."""
    known = payload(recorded)
    if isinstance(command, InvitePerson):
        known["data"]["person"] = str(NO_COMMAND)
    return known


async def looked_and_done(api: Api, stream: str, command: Command) -> httpx.Response:
    """The command's answer, which its preview has foretold: the same refusal, or the same events, and an equal log."""
    await api.running.until_idle()
    path, body = address(stream, command), command.model_dump(mode="json", exclude_none=True)
    before = await api.events()
    looked = await api.post(f"{path}?preview=true", body, idempotency_key="k")
    assert await api.events() == before
    done = await api.post(path, body)
    await api.running.until_idle()
    if done.status_code >= 400:
        assert (looked.status_code, looked.json()) == (done.status_code, done.json())
        return done
    assert looked.status_code == 200, looked.text
    known = {recorded.event_id for recorded in before}
    new = [recorded for recorded in await api.events() if recorded.event_id not in known]
    own = [recorded for recorded in new if recorded.metadata.causation_id is None]
    told = looked.json()
    assert told["events"] == [foretold(command, recorded) for recorded in own]
    assert done.json()["version"] == told["version"] + len(own)
    caused = {recorded.event_id for recorded in own}
    reached = {recorded.stream for recorded in new if recorded.metadata.causation_id in caused}
    assert reached - {each.stream for each in own} <= set(told["told"])
    return done


async def test_every_command_is_foretold_by_its_preview_which_leaves_the_log_as_it_was(api: Api) -> None:
    at = {"occurred_at": LONG_AGO}
    for told in STOCK_WALK:
        assert (await looked_and_done(api, "stock-A@main", told.model_copy(update=at))).status_code == 200
    placing = PlaceOrder.model_validate({**order(line("A", 4)), **at})
    placed = await looked_and_done(api, "", placing)
    stream = order_stream(placed.json()["order_id"])
    answers = [await looked_and_done(api, stream, command.model_copy(update=at)) for command in WALK]
    assert [answer.status_code for answer in answers[1:]] == [200] * (len(WALK) - 1), [each.text for each in answers]
    invited = await looked_and_done(api, PEOPLE, InvitePerson(name="Mei", role=Role.SALES, occurred_at=LONG_AGO))
    work = about_a_person(UUID(invited.json()["person"]))
    answers = [await looked_and_done(api, PEOPLE, command.model_copy(update=at)) for command in work]
    assert [answer.status_code for answer in answers] == [200] * len(work), [each.text for each in answers]
    assert {PlaceOrder, InvitePerson, *map(type, (*STOCK_WALK, *WALK, *work))} == set(ROUTED)


def about_a_person(person: UUID) -> tuple[Command, ...]:
    """Every command about somebody who is known, in an order in which it is taken."""
    return (
        GrantRole(person=person, role=Role.FINANCE),
        WithdrawRole(person=person, role=Role.SALES),
        DeactivatePerson(person=person),
        ActivatePerson(person=person),
    )


def wished(luck: Random, states: dict[str, Order]) -> Iterator[tuple[str, Command]]:
    """What somebody does next, if anything comes to mind."""
    chance = luck.random()
    if not states or chance < 0.15:
        yield "", basket(luck)
    elif chance < 0.3:
        yield f"stock-{luck.choice(SKUS)}@main", luck.choice((receive, receive, count))(luck)
    else:
        stream = luck.choice(sorted(states))
        command = luck.choice(USUAL if luck.random() < 0.7 else ODD)(luck, states[stream])
        if command is not None:
            yield stream, command


def orders_of(events: list[Recorded[Event]]) -> dict[str, Order]:
    streams = {recorded.stream for recorded in events if isinstance(recorded.event, OrderPlaced)}
    histories: dict[str, list[Any]] = {stream: [] for stream in sorted(streams)}
    for recorded in events:
        if recorded.stream in streams:
            histories[recorded.stream].append(recorded.event)
    folded = {stream: ORDER.fold(stream, history) for stream, history in histories.items()}
    return {stream: state for stream, state in folded.items() if state is not None}


async def _history(luck: Random) -> None:
    log = MemoryLog(MemoryBroker())
    await log.open()
    async with with_workflow(log, MemoryIndex()) as running:
        app = build(WritersOfTheTest(running), IDENTITY, MemoryForms(), clock=lambda: NOW)
        async with client_of_app(app) as client:
            api = Api(client, log, running)
            for sku in luck.choice(((), SKUS)):
                await looked_and_done(api, f"stock-{sku}@main", ReceiveStock(quantity=12, occurred_at=NOW))
            for _ in range(15):
                for stream, command in wished(luck, orders_of(await api.events())):
                    at = command.occurred_at or NOW  # said, so that looking and doing name the same moment
                    await looked_and_done(api, stream, command.model_copy(update={"occurred_at": at}))


@pytest.mark.slow
@settings(max_examples=30)
@given(luck=st.randoms(use_true_random=False))
def test_whatever_happened_before_a_preview_foretells_its_command(luck: Random) -> None:
    asyncio.run(_history(luck))


async def test_a_preview_shows_the_order_before_and_after_and_who_would_be_told(api: Api) -> None:
    looked = await api.post(f"{ORDERS}?preview=true", order(line("A", 4), line("B", 1)))
    told = looked.json()
    assert looked.status_code == 200
    assert looked.headers["cache-control"] == "no-store"
    assert not {"ordertrail-position", "location", "etag"} & set(looked.headers)
    assert (told["preview"], told["version"], told["state_before"]) == (True, 0, None)
    assert told["state_after"] == {
        "headline": "pending",
        "badges": [],
        "waiting_on": "system",
        "next_action": "answer-stock",
    }
    assert [each["type"] for each in told["events"]] == ["ordertrail.order.OrderPlaced.v1"]
    assert {name: told["events"][0]["data"][name] for name in UNISSUED} == dict.fromkeys(UNISSUED)
    assert told["told"] == ["stock-A@main", "stock-B@main"]
    order_id = await api.placed(line("A", 4))
    hold = {"type": "manual", "blocks": ["hand-over"], "reason": "look at it"}
    told = (await api.post(f"{ORDERS}/{order_id}/hold?preview=true", hold)).json()
    assert told["state_before"]["badges"] == [{"kind": "backordered", "count": 4, "of": 0, "detail": ""}]
    on_hold = {"kind": "on-hold", "count": 1, "of": 0, "detail": "manual"}
    assert told["state_after"]["badges"] == [on_hold, *told["state_before"]["badges"]]
    await api.post(f"{ORDERS}/{order_id}/hold", hold)
    looked = await api.post(f"{ORDERS}/{order_id}/resume{LOOK}", {"hold": 1, "reason": "looked at"})
    assert looked.json()["told"] == []  # the order itself goes on, and hears of it anyway


async def test_a_preview_of_goods_shows_the_shelf_before_and_after_and_who_gets_them(api: Api) -> None:
    order_id = await api.placed(line("A", 4))
    told = (await api.post(f"{RECEIVE}?preview=true", {"quantity": 3})).json()
    nothing = {"on_hand": 0, "staged": 0, "reserved": 0, "available": 0}
    assert told["state_before"] == {**nothing, "waiting": 4}
    assert told["state_after"] == {**nothing, "on_hand": 3, "reserved": 3, "waiting": 1}
    assert told["told"] == [order_stream(order_id)]
    assert order_id in json.dumps(told["events"])


@pytest.mark.parametrize("query", ["preview", "preview=", "preview=1", "preview=TRUE", "preview=true&preview=false"])
async def test_a_wish_that_is_not_clear_is_refused_and_nothing_is_done(api: Api, query: str) -> None:
    told = problem(await api.post(f"{RECEIVE}?{query}", {"quantity": 3}), 422, "invalid")
    assert told["errors"][0]["field"] == "query.preview"
    assert await api.events() == []


async def test_a_preview_that_is_not_wanted_is_the_command_itself(api: Api) -> None:
    assert (await api.post(f"{RECEIVE}?preview=false", {"quantity": 3})).json()["version"] == 1
    assert len(await api.events()) == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WORKFLOW])
async def test_who_may_not_send_a_command_may_not_preview_it(api: Api, role: Role) -> None:
    for path in PATHS:
        sent = [await api.post(path + query, {"nonsense": 1}, authorization=bearer(role)) for query in ("", LOOK)]
        assert (sent[1].status_code, sent[1].json()) == (sent[0].status_code, sent[0].json())


async def test_another_carriers_message_is_no_more_previewed_than_taken(api: Api) -> None:
    path = f"{ORDERS}/{await api.placed()}/record-checkpoint"
    news = {"carrier": "UPS", "tracking_number": "T", "status": "delivered", "code": "D"}
    sender = bearer(Role.CARRIER, "dhl", carrier="DHL")
    for query in ("", LOOK):
        problem(await api.post(path + query, news, authorization=sender), 403, "not-permitted")


async def test_if_match_holds_for_a_preview_as_for_the_command(api: Api) -> None:
    note = f"{ORDERS}/{await api.placed()}/add-note"
    version = (await api.post(note, {"text": "one"})).json()["version"]
    stale = f'"{version - 1}"'
    looked, done = [await api.post(note + query, {"text": "two"}, if_match=stale) for query in (LOOK, "")]
    problem(looked, 412, "version-conflict")
    assert (looked.json(), looked.headers["etag"]) == (done.json(), done.headers["etag"])
    assert (await api.post(note + LOOK, {"text": "two"}, if_match=f'"{version}"')).json()["version"] == version
    problem(await api.post(ORDERS + LOOK, order(), if_match="*"), 412, "version-conflict")
    assert (await api.post(RECEIVE + LOOK, {"quantity": 5}, if_match='"9"')).status_code == 200


async def test_a_key_of_a_preview_can_be_used_afterwards_with_another_body(api: Api) -> None:
    assert (await api.post(ORDERS + LOOK, order(), idempotency_key="k1")).status_code == 200
    placed = await api.post(ORDERS, order(line(quantity=3)), idempotency_key="k1")
    assert (placed.status_code, placed.json()["repeated"]) == (201, False)
    assert (await api.post(ORDERS + LOOK, order(), idempotency_key="k1")).json()["version"] == 0
    assert (await api.post(RECEIVE + LOOK, {"quantity": 5}, idempotency_key="k1")).status_code == 200
    received = await api.post(RECEIVE, {"quantity": 6}, idempotency_key="k1")
    assert (received.status_code, received.json()["repeated"]) == (200, False)
    looked = await api.post(RECEIVE + LOOK, {"quantity": 5}, idempotency_key="k1")
    assert looked.json()["state_after"]["on_hand"] == 11
    problem(await api.post(RECEIVE + LOOK, {"quantity": 5}, idempotency_key="k 1"), 400, "bad-header")


@pytest.mark.parametrize("role", sorted(STAFF))
def test_what_a_role_does_not_read_is_hidden_in_its_previews(role: Role) -> None:
    life = Life()
    stream = life.place(order=PlaceOrder.model_validate({**order(), "customer": {"name": "Hidden Harbour Ltd"}}))
    placed = life.streams[stream][0]
    answer = CommandResult(stream, 0, None, repeated=False, state=None, command_id=placed.metadata.command_id)
    (told,) = preview(role, answer, Foreseen((placed,), None))["events"]
    assert told["data"] == shown(role, payload(placed)["data"])
    assert (told["data"]["customer"]["name"] == "Hidden Harbour Ltd") is (Sight.NAMES in SIGHTS[role])
    assert (told["data"]["total_minor"] is not None) is (Sight.PRICES in SIGHTS[role])


async def test_who_reads_no_board_learns_from_a_preview_what_the_answer_tells(api: Api) -> None:
    order_id = await api.placed(line("A", 1))
    parts = [{"line": 1, "quantity": 1}]
    steps = {"pick": {"units": parts}, "pack": {"contents": parts}, "hand-over": {"parcel": 1, **PARCEL}}
    for word, body in steps.items():
        assert (await api.post(f"{ORDERS}/{order_id}/{word}", body)).status_code == 200
    await api.running.until_idle()
    news = {**PARCEL, "status": "delivered", "code": "D"}
    sender = bearer(Role.CARRIER, "dhl", carrier="DHL")
    version = [recorded.version for recorded in await api.events() if recorded.stream == order_stream(order_id)][-1]
    looked = await api.post(f"{ORDERS}/{order_id}/record-checkpoint{LOOK}", news, authorization=sender)
    hidden = dict.fromkeys(("events", "state_before", "state_after", "told"))
    assert looked.json() == {"preview": True, "version": version, **hidden}


def counted() -> dict[str, float]:
    outcomes = ("accepted", "repeated", "refused", "failed", "previewed")
    name = "ordertrail_commands_total"
    taken = REGISTRY.get_sample_value("ordertrail_command_seconds_count") or 0
    return {"timed": taken} | {each: REGISTRY.get_sample_value(name, {"outcome": each}) or 0 for each in outcomes}


async def test_previews_are_counted_by_themselves_and_their_refusals_are_no_news(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"{ORDERS}/{await api.placed()}/pack{LOOK}"
    before = counted()
    with caplog.at_level(logging.INFO, "commands.execution"):
        problem(await api.post(path, {"contents": [{"line": 1, "quantity": 99}]}), 409, "not-picked")
    await api.post(RECEIVE + LOOK, {"quantity": 5})
    assert counted() == {**before, "previewed": before["previewed"] + 2}
    assert caplog.records == []


async def test_a_preview_for_another_owner_is_passed_on_as_a_preview(api: Api) -> None:
    async with served(api.running.writers) as owner, client_of(Failing(ElsewhereOwned(owner))) as client:
        headers = {"Authorization": bearer()}
        placing = await client.post(ORDERS + LOOK, json=order(), headers={**headers, "Idempotency-Key": "k1"})
        receiving = await client.post(RECEIVE + LOOK, json={"quantity": 5}, headers=headers)
        unclear = await client.post(f"{RECEIVE}?preview=no", json={"quantity": 5}, headers=headers)
    assert (placing.status_code, placing.json()["preview"]) == (200, True)
    assert (receiving.status_code, receiving.json()["state_after"]["on_hand"]) == (200, 5)
    assert receiving.headers["cache-control"] == "no-store"
    problem(unclear, 422, "invalid")
    assert await api.events() == []


async def test_of_a_preview_that_was_passed_on_without_an_answer_it_is_known_that_nothing_was_executed() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as owner:
        port = owner.sockets[0].getsockname()[1]
        async with client_of(Failing(ElsewhereOwned(f"http://127.0.0.1:{port}"))) as client:
            answers = [
                await client.post(ORDERS + query, json=order(), headers={"Authorization": bearer()})
                for query in (LOOK, "")
            ]
    problem(answers[0], 503, "not-executed")
    problem(answers[1], 503, "still-unknown")


async def test_the_description_names_the_preview_of_every_command(api: Api) -> None:
    described: Json = (await api.client.get("/commands/openapi.json")).json()
    for path in described["paths"].values():
        if "post" in path:
            (wish,) = [each for each in path["post"]["parameters"] if each["in"] == "query"]
            assert (wish["name"], wish["schema"]["type"]) == ("preview", "boolean")
            assert "state_after" in json.dumps(path["post"]["responses"]["200"])
