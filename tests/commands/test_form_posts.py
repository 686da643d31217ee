"""A form of a page sends the command that a program would send, once, and leads back to its page."""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from commands.app import build
from domain.order.events import ExceptionOpened, OrderPlaced, PassedOn, Picked
from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Role
from domain.stock.events import StockReceived
from query_api.sentences import LANGUAGES
from tests.commands.conftest import FORMS, IDENTITY, SESSIONS, Api, bearer, client_of_app, problem
from web.caller_dependency import COOKIE
from web.clock import now
from web.colleagues import Colleagues
from web.kept_forms import KeptForm
from web.sessions import MemorySessions, Person
from web.tokens import form_token

BACK = "/orders/OT-1?queue=pick"


async def sign_in(api: Api, role: Role, actor: str = "wen") -> str:
    """The proof that a form of this session carries."""
    session = await SESSIONS.begin(Person(actor, role))
    api.client.cookies.set(COOKIE, session)
    return form_token(IDENTITY.secret, session)


async def send(api: Api, path: str, csrf: str, **fields: str) -> httpx.Response:
    """As a browser sends a form; two underscores stand for a dot."""
    named = {name.replace("__", "."): text for name, text in fields.items()}
    return await api.client.post(path, data={"csrf": csrf, "back": BACK, "key": "k1", **named})


def led_to(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    """Path and query of where the browser is led."""
    assert answer.status_code == 303, answer.text
    url = urlsplit(answer.headers["location"])
    return url.path, {name: values[-1] for name, values in parse_qs(url.query).items()}


async def refused(answer: httpx.Response, actor: str = "wen") -> KeptForm:
    """The form as the page will show it again."""
    _, query = led_to(answer)
    kept = await FORMS.find(query["form"], actor)
    assert kept is not None
    return kept


def newest_of(kept: KeptForm) -> str:
    """The version at which the form was refused; whoever records it all the same has seen that one."""
    version: int = kept.answer["facts"]["version"]
    return str(version)


async def sent_order(api: Api) -> str:
    """An order of 6 that the warehouse is to pick."""
    await api.post("/commands/stock/85123A/main/receive", {"quantity": 6})
    return await api.placed({**LINE, "quantity": 6})


LINE = {
    "sku": "85123A",
    "name": "White hanging heart",
    "unit_price": {"amount": "2.55", "currency": "EUR"},
}
PICK = {"units__1__line": "1", "units__1__quantity": "6"}


async def test_a_form_is_carried_out_and_leads_back_with_the_position(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    answer = await send(api, f"/commands/orders/{order}/pick", csrf, act="pick", **PICK)
    path, query = led_to(answer)
    assert path == "/orders/OT-1"
    assert (query["queue"], query["done"], "form" in query) == ("pick", "pick", False)
    picked = [each for each in await api.events() if isinstance(each.event, Picked)]
    assert [(str(each.position), each.metadata.actor, each.metadata.role) for each in picked] == [
        (query["after"], "wen", Role.WAREHOUSE)
    ]


async def test_a_double_click_is_one_command(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    first, second = [await send(api, f"/commands/orders/{order}/pick", csrf, **PICK) for _ in range(2)]
    assert first.headers["location"] == second.headers["location"]
    assert sum(isinstance(each.event, Picked) for each in await api.events()) == 1


async def test_a_refused_form_is_kept_with_all_that_was_typed_and_its_reason(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    typed = {"contents__1__line": "1", "contents__1__quantity": "six"}
    kept = await refused(await send(api, f"/commands/orders/{order}/pack", csrf, act="pack", **typed))
    assert kept.answer["code"] == "invalid"
    assert kept.answer["errors"][0]["field"] == "contents.0.quantity"
    assert kept.text("contents.1.quantity") == "six"
    assert kept.text("csrf") == ""
    typed["contents__1__quantity"] = "6"
    kept = await refused(await send(api, f"/commands/orders/{order}/pack", csrf, act="pack", **typed))
    assert kept.answer["code"] == "not-picked"


async def test_a_form_that_is_not_ours_is_no_command(api: Api) -> None:
    order = await sent_order(api)
    await sign_in(api, Role.WAREHOUSE)
    sent = {"csrf": "forged", "back": BACK, "units.1.quantity": "6"}
    elsewhere = await api.client.post(
        f"/commands/orders/{order}/pick", data=sent, headers={"Origin": "https://evil.example"}
    )
    problem(elsewhere, 403, "forged-form")
    assert not any(isinstance(each.event, Picked) for each in await api.events())


async def test_a_form_that_was_open_while_somebody_signed_in_anew_is_open_again_without_what_was_typed(
    api: Api,
) -> None:
    order, before = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    await sign_in(api, Role.WAREHOUSE, "kim")
    kept = await refused(await send(api, f"/commands/orders/{order}/pick", before, act="pick", **PICK), "kim")
    assert kept.answer["code"] == "forged-form"
    assert dict(kept.fields) == {"act": "pick", "back": BACK}
    assert not any(isinstance(each.event, Picked) for each in await api.events())


async def test_a_field_whose_name_cannot_be_stored_is_refused_under_a_name_that_can(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    kept = await refused(await send(api, f"/commands/orders/{order}/pick", csrf, act="pick", **{"a\0b": "x"}))
    assert "a\ufffdb" in {error["field"] for error in kept.answer["errors"]}


async def test_whose_session_is_over_is_led_to_the_page_that_says_so(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    await SESSIONS.end(str(api.client.cookies[COOKIE]))
    assert led_to(await send(api, f"/commands/orders/{order}/pick", csrf, **PICK)) == (
        "/orders/OT-1",
        {"queue": "pick"},
    )
    assert not any(isinstance(each.event, Picked) for each in await api.events())


async def test_what_was_typed_is_there_again_for_the_same_person_alone_and_nothing_is_sent_by_itself(api: Api) -> None:
    order = await sent_order(api)
    over = MemorySessions(idle=timedelta(0))
    session = await over.begin(Person("wen", Role.WAREHOUSE))
    csrf = form_token(IDENTITY.secret, session)
    path = f"/commands/orders/{order}/pick"
    app = build(api.running.writers, replace(IDENTITY, sessions=over), FORMS)
    async with client_of_app(app) as client:
        client.cookies.set(COOKIE, session)
        answer = await client.post(path, data={"csrf": csrf, "back": BACK, "key": "k1", "units.1.quantity": "6"})
        problem(await client.post(path, data={"csrf": "forged", "back": BACK}), 403, "forged-form")
    where, query = led_to(answer)
    assert where == "/orders/OT-1"
    kept = await refused(answer)
    assert (kept.answer["code"], kept.text("units.1.quantity"), kept.text("key")) == ("session-over", "6", "k1")
    assert await FORMS.find(query["form"], "grace") is None
    assert not any(isinstance(each.event, Picked) for each in await api.events())


async def test_a_program_sends_no_forms(api: Api) -> None:
    order = await sent_order(api)
    answer = await api.post(
        f"/commands/orders/{order}/pick", b"units.1.line=1", content_type="application/x-www-form-urlencoded"
    )
    problem(answer, 415, "not-json")


async def test_a_role_may_do_by_form_what_it_may_do_by_json(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.SALES)
    kept = await refused(await send(api, f"/commands/orders/{order}/pick", csrf, **PICK))
    assert kept.answer["code"] == "not-permitted"


async def test_of_two_open_pages_that_pick_the_same_the_second_is_asked(api: Api) -> None:
    order = await sent_order(api)
    seen = str((await api.post(f"/commands/orders/{order}/start-pick")).json()["version"])
    path = f"/commands/orders/{order}/pick"
    led_to(await send(api, path, await sign_in(api, Role.WAREHOUSE), version=seen, **PICK))
    csrf = await sign_in(api, Role.WAREHOUSE, "bo")
    second = await send(api, path, csrf, version=seen, **(PICK | {"key": "k2"}))
    kept = await refused(second, "bo")
    assert kept.answer["code"] == "changed-meanwhile"
    assert not any(isinstance(each.event, ExceptionOpened) for each in await api.events())
    sure = await send(api, path, csrf, version=newest_of(kept), **(PICK | {"key": "k3"}))
    assert "after" in led_to(sure)[1]
    assert any(isinstance(each.event, ExceptionOpened) for each in await api.events())


async def test_of_two_open_pages_that_receive_the_same_delivery_the_second_is_asked(api: Api) -> None:
    path, delivery = "/commands/stock/85123A/main/receive", {"quantity": "6", "act": "receive-stock"}
    seen = str((await api.post(path, {"quantity": 1})).json()["version"])
    csrf = await sign_in(api, Role.WAREHOUSE)
    assert "after" in led_to(await send(api, path, csrf, version=seen, **delivery))[1]
    kept = await refused(await send(api, path, csrf, version=seen, **(delivery | {"key": "k2"})))
    assert kept.answer["code"] == "received-meanwhile"
    again = {"version": newest_of(kept), **delivery}
    await api.post(path, {"quantity": 2})
    assert (await refused(await send(api, path, csrf, **again, key="k3"))).answer["code"] == "received-meanwhile"
    kept = await refused(await send(api, path, csrf, **again, key="k4"))
    assert "after" in led_to(await send(api, path, csrf, **(again | {"version": newest_of(kept)}), key="k5"))[1]
    received = [each.event.quantity for each in await api.events() if isinstance(each.event, StockReceived)]
    assert received == [1, 6, 2, 6]


async def test_who_begins_to_pick_from_a_page_that_showed_no_colleague_is_asked_and_a_program_is_not(api: Api) -> None:
    order = await sent_order(api)
    path, begin = f"/commands/orders/{order}/start-pick", {"act": "start-pick", "key": "k1"}
    taken = (await api.post(f"/commands/orders/{order}/take", {"department": "warehouse"})).json()
    csrf = await sign_in(api, Role.WAREHOUSE)
    kept = await refused(await send(api, path, csrf, version=str(taken["version"] - 1), **begin))
    assert kept.answer["code"] == "changed-meanwhile"
    shown = begin | {"act": "take-over-pick", "key": "k2"}
    assert "after" in led_to(await send(api, path, csrf, version=str(taken["version"]), **shown))[1]
    another = await sent_order(api)
    await api.post(f"/commands/orders/{another}/take", {"department": "warehouse"})
    program = bearer(Role.WAREHOUSE, "bo")
    assert (await api.post(f"/commands/orders/{another}/start-pick", authorization=program)).status_code == 200


async def test_a_moved_version_with_the_same_offer_goes_through(api: Api) -> None:
    order = await sent_order(api)
    seen = str((await api.post(f"/commands/orders/{order}/start-pick")).json()["version"])
    await api.post(f"/commands/orders/{order}/add-note", {"text": "call before you come"})
    answer = await send(api, f"/commands/orders/{order}/pick", await sign_in(api, Role.WAREHOUSE), version=seen, **PICK)
    assert "after" in led_to(answer)[1]


async def test_only_who_leads_enters_what_is_long_past_and_says_why(api: Api) -> None:
    order, late = await sent_order(api), (now() - timedelta(hours=73)).strftime("%Y-%m-%dT%H:%M")
    path = f"/commands/orders/{order}/pick"
    csrf = await sign_in(api, Role.WAREHOUSE)
    kept = await refused(await send(api, path, csrf, occurred_at=late, **PICK))
    (too_late,) = kept.answer["errors"]
    assert (too_late["field"], too_late["rule"]) == ("occurred_at", "too_late")
    csrf = await sign_in(api, Role.WAREHOUSE_LEAD)
    kept = await refused(await send(api, path, csrf, occurred_at=late, **PICK))
    assert kept.answer["errors"][0]["field"] == "reason"
    answer = await send(api, path, csrf, occurred_at=late, reason="on paper while the line was down", **PICK)
    assert "after" in led_to(answer)[1]


async def test_a_form_can_be_shown_what_it_would_do(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    before = len(await api.events())
    kept = await refused(await send(api, f"/commands/orders/{order}/pick?preview=true", csrf, act="pick", **PICK))
    assert (kept.answer["code"], kept.answer["state_after"]["next_action"]) == ("preview", "pack")
    assert kept.text("units.1.quantity") == "6"
    assert len(await api.events()) == before
    answer = await send(api, f"/commands/orders/{order}/pick", csrf, act="pick", **PICK)
    assert "after" in led_to(answer)[1]


async def test_an_order_is_placed_by_form_and_its_page_opens(api: Api) -> None:
    fields = {
        "ship_to__country": "France",
        "lines__1__sku": "85123A",
        "lines__1__name": "Heart",
        "lines__1__quantity": "2",
        "lines__1__unit_price__amount": "2.55",
        "lines__1__unit_price__currency": "EUR",
        "backorder": "no",
    }
    path, query = led_to(await send(api, "/commands/orders", await sign_in(api, Role.SALES), **fields))
    assert path.removeprefix("/orders/").count("-") == 4
    assert query["placed"] == "yes"


async def test_pasted_lines_are_placed_with_those_that_were_typed(api: Api) -> None:
    pasted = "货号\t名称\t数量\t单价\n85123A\tHeart\t1,200\t2.55\n71053\tLantern\t2\t3.39"
    typed = {f"lines__1__{name}": text for name, text in (("sku", "22633"), ("name", "Warmer"), ("quantity", "1"))}
    fields = {
        **typed,
        "lines__1__unit_price__amount": "1.85",
        "lines__*__unit_price__currency": "EUR",
        "pasted": pasted,
    }
    answer = await send(api, "/commands/orders", await sign_in(api, Role.SALES), ship_to__country="France", **fields)
    led_to(answer)
    (placed,) = [each.event for each in await api.events() if isinstance(each.event, OrderPlaced)]
    assert [(line.sku, line.quantity) for line in placed.lines] == [("22633", 1), ("85123A", 1200), ("71053", 2)]
    assert placed.currency == "EUR"


async def test_a_draft_goes_once_its_order_is_placed_and_stays_as_long_as_it_is_not(api: Api) -> None:
    csrf = await sign_in(api, Role.SALES)
    name = await FORMS.drafts.save("wen", "", ())
    line = {"lines__1__sku": "MUG", "lines__1__name": "Mug", "lines__1__unit_price__amount": "1"}
    fields = {**line, "lines__*__unit_price__currency": "EUR", "ship_to__country": "France", "draft": name}
    await refused(await send(api, "/commands/orders", csrf, **fields))
    assert await FORMS.drafts.find(name, "wen") == ()
    placing = [await send(api, "/commands/orders", csrf, **fields, lines__1__quantity="1") for _ in range(2)]
    assert placing[0].headers["location"] == placing[1].headers["location"]
    assert await FORMS.drafts.find(name, "wen") is None


@pytest.mark.parametrize(
    ("pasted", "field", "rule"),
    [
        ("SKU\tQuantity\tCurrency\nA\t1\tEUR\nB\t1\tUSD", "pasted", "pasted_currencies"),
        ("A\t1\n" * 10_001, "pasted", "pasted_too_many"),
        ("SKU\tName\tQuantity\tPrice\n=1+1\tMug\t=2\t1", "lines.0.sku", "string_pattern_mismatch"),
    ],
    ids=["two currencies", "too many", "a formula"],
)
async def test_a_paste_that_is_no_order_is_refused_and_kept(api: Api, pasted: str, field: str, rule: str) -> None:
    csrf = await sign_in(api, Role.SALES)
    kept = await refused(await send(api, "/commands/orders", csrf, ship_to__country="France", pasted=pasted))
    assert (kept.answer["errors"][0]["field"], kept.answer["errors"][0]["rule"]) == (field, rule)
    assert kept.text("pasted") == pasted
    assert not any(isinstance(each.event, OrderPlaced) for each in await api.events())


@pytest.mark.parametrize(
    "back", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:1", "/a\r\nSet-Cookie: x=1", ""]
)
async def test_a_form_leads_nowhere_else(api: Api, back: str) -> None:
    csrf = await sign_in(api, Role.WAREHOUSE)
    answer = await send(api, "/commands/stock/A/main/receive", csrf, quantity="1", back=back)
    assert led_to(answer)[0] == "/"
    assert urlsplit(answer.headers["location"]).netloc == ""


async def test_a_form_of_many_lines_is_read_to_its_end(api: Api) -> None:
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    rows = {
        f"units__{row}__{name}": "" for row in range(2, 900) for name in ("line", "quantity", "bin", "lot", "serial")
    }
    answer = await send(api, f"/commands/orders/{order}/pick", csrf, **rows, **PICK)
    assert "after" in led_to(answer)[1]


@pytest.mark.parametrize(
    ("zone", "typed", "moment"),
    [
        ("Asia/Shanghai", "2026-03-01T07:30", "2026-02-28T23:30+00:00"),
        ("America/St_Johns", "2026-03-01T07:30", "2026-03-01T11:00+00:00"),
        ("Europe/London", "2025-10-26T01:30", "2025-10-26T00:30+00:00"),
    ],
)
async def test_a_form_says_when_by_the_companys_clocks(api: Api, zone: str, typed: str, moment: str) -> None:
    api.running.writers.runtime = replace(api.running.writers.runtime, zone=ZoneInfo(zone))
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE_LEAD)
    pick = {**PICK, "occurred_at": typed, "reason": "on paper while the line was down"}
    led_to(await send(api, f"/commands/orders/{order}/pick", csrf, **pick))
    (picked,) = (each.event for each in await api.events() if isinstance(each.event, Picked))
    assert picked.occurred_at == datetime.fromisoformat(moment)


async def test_an_hour_that_the_companys_clocks_left_out_is_refused_beside_its_field(api: Api) -> None:
    api.running.writers.runtime = replace(api.running.writers.runtime, zone=ZoneInfo("Europe/London"))
    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE_LEAD)
    pick = {**PICK, "occurred_at": "2025-03-30T01:30"}
    kept = await refused(await send(api, f"/commands/orders/{order}/pick", csrf, **pick))
    (fault,) = kept.answer["errors"]
    assert (fault["field"], fault["rule"]) == ("occurred_at", "timezone_aware")
    assert "never show this hour" in fault["reason"]


MEMBERS = (
    Member(UUID(int=6), "Ada King", None, ((Role.WAREHOUSE, None),), active=False),
    Member(UUID(int=7), "Ada King", None, ((Role.WAREHOUSE, None),)),
    Member(UUID(int=8), "Pat Gone", "pat@shop.example", ((Role.WAREHOUSE, None),), active=False),
    Member(UUID(int=9), "Finn Gold", "finn@shop.example", ((Role.FINANCE, None),)),
    Member(UUID(int=10), "Bo Boss", None, ((Role.ADMIN, None),)),
)


async def passed_on(api: Api, to: str, role: Role = Role.WAREHOUSE) -> httpx.Response:
    """The answer to a form that passes on what its sender has taken for the warehouse."""

    async def read(**_: bool) -> Register:
        return Register(PagedMap({member.id: member for member in MEMBERS}))

    order, csrf = await sent_order(api), await sign_in(api, Role.WAREHOUSE)
    await send(api, f"/commands/orders/{order}/take", csrf, department="warehouse")
    csrf = await sign_in(api, role)
    known = replace(IDENTITY, colleagues=Colleagues(read, lambda: now().date()))
    async with client_of_app(build(api.running.writers, known, FORMS)) as client:
        client.cookies = api.client.cookies
        form = {"csrf": csrf, "back": BACK, "key": "k2", "department": "warehouse", "to": to}
        return await client.post(f"/commands/orders/{order}/pass-on", data=form)


async def on_it(api: Api) -> list[str]:
    return [each.event.person for each in await api.events() if isinstance(each.event, PassedOn)]


@pytest.mark.parametrize(("named", "person"), [("ada king", 7), ("Bo Boss", 10)])
async def test_whom_a_form_names_goes_on_under_the_id_that_the_register_has(api: Api, named: str, person: int) -> None:
    assert "form" not in led_to(await passed_on(api, named))[1]
    assert await on_it(api) == [str(UUID(int=person))]


@pytest.mark.parametrize(
    ("named", "rule"),
    [
        ("Ada Kingg", "no_colleague"),
        ("Some Program", "no_colleague"),
        ("Pat Gone", "no_colleague"),
        ("pat@shop.example", "no_colleague"),
        ("Finn Gold", "another_department"),
    ],
)
async def test_a_form_passes_on_to_nobody_but_who_works_in_the_department(api: Api, named: str, rule: str) -> None:
    kept = await refused(await passed_on(api, named))
    assert [(fault["field"], fault["rule"]) for fault in kept.answer["errors"]] == [("to", rule)]
    assert all(rule in words.faults for words in LANGUAGES.values())
    assert kept.text("to") == named
    assert await on_it(api) == []


async def test_a_form_that_names_nobody_is_told_that_the_name_is_needed(api: Api) -> None:
    kept = await refused(await passed_on(api, " "))
    assert [fault["field"] for fault in kept.answer["errors"]] == ["to"]


async def test_who_may_not_pass_on_is_not_told_who_works_here(api: Api) -> None:
    kept = await refused(await passed_on(api, "Ada Kingg", Role.AUDITOR))
    assert kept.answer["code"] == "not-permitted"
