"""Entering an order: the page's form is the command's, keeps what was typed, and shows each reason beside its field."""

import json
import re
from dataclasses import replace
from time import process_time
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import SIGHTS, Sight, may
from domain.order.commands import PlaceOrder
from domain.roles import Role
from query_api.entry_form import (
    FIRST_ROWS,
    FRESH_ENTRY,
    MORE_ROWS,
    MOST_ROWS,
    entry_form,
    rows_in,
    with_pasted_rows,
    with_rows,
)
from query_api.sentences import LANGUAGES, Language
from tests.query_api.conftest import FORMS, IDENTITY, PAGE, SESSIONS, Api
from tests.query_api.shop import NASTY
from tests.timing import allowed
from web.caller_dependency import COOKIE, MOST_FIELDS
from web.forms import Fields, document_of, shape_of
from web.kept_forms import KeptForm
from web.pasted_lines import PASTED
from web.sessions import Person
from web.tokens import form_token

EN, ZH = LANGUAGES[Language.EN], LANGUAGES[Language.ZH]
TYPED: Fields = (
    ("customer.name", "Mill Lane Store"),
    ("ship_to.country", "United Kingdom"),
    ("lines.0.sku", ""),
    ("lines.2.sku", "85123A"),
    ("lines.2.name", "White hanging heart"),
    ("lines.2.quantity", "6"),
    ("lines.2.unit_price.amount", "2.55"),
    ("lines.*.unit_price.currency", "GBP"),
    ("location", "main"),
    ("priority", "3"),
    ("partial_shipment", "no"),
    ("partial_shipment", "yes"),
    ("backorder", "no"),
    ("key", "a1b2c3"),
    ("back", "/orders/new"),
)


async def turned(api: Api, fields: Fields, **headers: str) -> httpx.Response:
    """What comes of a button that places nothing."""
    sent: dict[str, Any] = {"csrf": form_token(IDENTITY.secret, api.client.cookies[COOKIE])}
    for name, text in fields:
        sent.setdefault(name, []).append(text) if name != "csrf" else sent.update(csrf=text)
    return await api.client.post("/orders/new", data=sent, headers={**PAGE, **headers})


async def shown(api: Api, answer: httpx.Response) -> str:
    """The page that a button leads to."""
    assert answer.status_code == 303, answer.text
    page = await api.client.get(answer.headers["location"], headers=PAGE)
    assert page.status_code == 200
    return page.text


async def refused(
    api: Api, code: str, *errors: dict[str, object], fields: Fields = TYPED, chinese: bool = False
) -> str:
    """The page after the command API has refused the form."""
    kept = KeptForm("ada", fields, {"code": code, "title": "It was refused.", "errors": list(errors)})
    return (await api.page(f"/orders/new?form={await FORMS.keep(kept)}", Role.SALES, chinese=chinese)).text


def names(page: str) -> set[str]:
    return set(re.findall(r'name="([a-z_]+(?:\.[a-z0-9_*]+)*)"', page))


def test_what_the_form_sends_is_the_order_that_was_typed() -> None:
    read = document_of(shape_of(PlaceOrder), [pair for pair in TYPED if pair[0] not in {"key", "back"}])
    order = PlaceOrder.model_validate_json(json.dumps(read))
    assert [(line.sku, line.quantity, line.unit_price.currency) for line in order.lines] == [("85123A", 6, "GBP")]
    assert (order.priority, order.partial_shipment, order.backorder) == (3, True, False)


async def test_the_form_goes_to_the_command_api_and_has_a_key_against_sending_it_twice(api: Api) -> None:
    await api.sign_in(Role.SALES)
    page = (await api.client.get("/orders/new", headers=PAGE)).text
    assert '<form method="post" action="/commands/orders"' in page
    assert re.search(r'name="key" value="[0-9a-f]{32}"', page)
    assert re.search(r'name="csrf" value="[^"]+"', page)
    assert 'name="back" value="/orders/new"' in page
    assert {"customer.id", "ship_to.country", "lines.0.sku", f"lines.{FIRST_ROWS - 1}.unit_price.amount"} <= names(page)


def test_a_fresh_form_that_nobody_wrote_in_orders_nothing() -> None:
    read = document_of(shape_of(PlaceOrder), with_rows(FRESH_ENTRY, FIRST_ROWS))
    assert "lines" not in read


async def test_a_reason_stands_beside_its_field_in_the_readers_language_and_nothing_typed_is_lost(api: Api) -> None:
    errors: tuple[dict[str, object], ...] = (
        {"field": "lines.0.quantity", "reason": "a valid integer is expected", "rule": "int_type"},
        {"field": "ship_to.country", "reason": "too short", "rule": "string_too_short", "limits": {"min_length": 1}},
    )
    typed = (*TYPED, ("lines.2.quantity", "six"), ("customer.name", NASTY))
    english = await refused(api, "invalid", *errors, fields=typed)
    assert 'id="f-lines-2-quantity-error">must be a number' in english
    assert 'id="f-ship_to-country-error">too short: 1 or more characters are needed' in english
    assert "Please correct the marked fields." in english
    assert 'value="six"' in english
    assert "<script>alert" not in english
    assert 'name="key" value="a1b2c3"' in english
    chinese = await refused(api, "invalid", *errors, fields=typed, chinese=True)
    assert 'id="f-lines-2-quantity-error">须是数字' in chinese


def test_what_is_wrong_with_what_is_said_once_stands_there_once() -> None:
    errors = [{"field": f"lines.{row}.unit_price.currency", "reason": "unknown"} for row in (0, 1)]
    typed = (*TYPED, ("lines.3.sku", "MUG"))
    form = entry_form(KeptForm("ada", typed, {"code": "invalid", "errors": errors}), EN)
    assert form.fields["lines.*.unit_price.currency"].error == "unknown"
    assert form.elsewhere == ()


def test_a_reason_that_belongs_to_no_field_is_shown_above() -> None:
    errors = [{"field": "lines", "reason": "Field required", "rule": "missing"}, {"field": "body", "reason": "mixed"}]
    form = entry_form(KeptForm("ada", TYPED, {"code": "invalid", "title": "Bad.", "errors": errors}), ZH)
    assert (form.trouble, form.elsewhere) == ("有些内容不正确。", ("明细: 必填", "mixed"))


async def test_an_uncertain_outcome_keeps_the_key_so_that_sending_again_is_safe(api: Api) -> None:
    page = await refused(api, "still-unknown")
    assert "it will not be placed twice" in page
    assert 'name="key" value="a1b2c3"' in page


async def test_a_form_whose_key_was_used_for_another_order_can_be_sent_under_a_fresh_one(api: Api) -> None:
    page = await refused(api, "key-reused")
    assert "This was sent and recorded before" in page
    (key,) = re.findall(r'name="key" value="([^"]+)"', page)
    assert key not in {"", "a1b2c3"}


def test_what_has_no_field_on_the_form_travels_with_it() -> None:
    extra = (("lines.2.unit", "box"), ("lines.2.tax_code", ""), ("more", "yes"), ("unheard.of", "x"))
    form = entry_form(KeptForm("ada", (*TYPED, *extra), {}), EN)
    assert form.carried == (("lines.2.unit", "box"),)


async def test_a_form_from_elsewhere_is_refused(api: Api) -> None:
    await api.sign_in(Role.SALES)
    assert (await turned(api, (("csrf", "forged"), *TYPED))).status_code == 403


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.AUDITOR])
async def test_a_role_that_may_not_place_orders_gets_no_form(api: Api, role: Role) -> None:
    await api.sign_in(role)
    assert (await api.client.get("/orders/new", headers=PAGE)).status_code == 403
    assert (await turned(api, TYPED)).status_code == 403
    assert "/orders/new" not in (await api.client.get("/orders", headers=PAGE)).text


@pytest.mark.parametrize("role", [role for role in Role if may(role, PlaceOrder)])
def test_whoever_enters_orders_reads_all_that_the_page_may_suggest(role: Role) -> None:
    assert SIGHTS[role] >= {Sight.NAMES, Sight.CONTACT, Sight.PRICES}


async def test_more_lines_are_given_without_script_and_without_placing(api: Api) -> None:
    await api.sign_in(Role.SALES)
    page = await shown(api, await turned(api, (*TYPED, ("more", "yes"))))
    assert {f"lines.{2 + more}.sku" for more in range(1, MORE_ROWS + 1)} <= names(page)
    assert 'value="85123A"' in page
    assert 'name="key" value="a1b2c3"' in page


def test_a_form_has_so_many_rows_and_no_more() -> None:
    fields = with_rows(with_rows((), MOST_ROWS - 1), MORE_ROWS)
    assert rows_in(fields) == [str(row) for row in range(MOST_ROWS)]
    assert with_rows(fields, MORE_ROWS) == fields


@given(st.lists(st.sampled_from(["0", "7", "199", "x", "pasted-3", "٣", "9" * 9, "9" * 10, "9" * 5_000]), unique=True))
def test_whatever_rows_are_called_new_ones_are_others(called: list[str]) -> None:
    fields: Fields = tuple((f"lines.{name}.sku", "MUG") for name in called)
    assert rows_in(with_rows(fields, MORE_ROWS))[: len(called)] == called
    assert len(rows_in(with_rows(fields, MORE_ROWS))) == len(called) + MORE_ROWS
    pasted = with_pasted_rows((*fields, (PASTED, "CUP\t1\nJUG\t2")))
    assert [dict(pasted)[f"lines.{name}.sku"] for name in rows_in(pasted)] == [*("MUG" for _ in called), "CUP", "JUG"]


@pytest.mark.parametrize("typed", ["", "MUG"])
def test_a_form_of_as_many_rows_as_may_be_sent_keeps_nobody_waiting_and_loses_none(typed: str) -> None:
    sent: Fields = tuple((f"lines.{row}.sku", typed) for row in range(MOST_FIELDS))
    limit, began = allowed(2.0), process_time()
    form = entry_form(KeptForm("ada", with_pasted_rows(with_rows(sent, MORE_ROWS)), {}), EN)
    assert process_time() - began < limit
    assert len(form.rows) == MOST_ROWS
    assert [text for _, text in form.carried] == ([typed] * (MOST_FIELDS - MOST_ROWS) if typed else [])


@pytest.mark.parametrize("said", ["RMB", "€", "", "GBP"])
def test_a_currency_stays_what_it_was_called_and_never_becomes_another(said: str) -> None:
    form = entry_form(KeptForm("ada", (*TYPED, ("lines.*.unit_price.currency", said)), {}), EN)
    choices = form.fields["lines.*.unit_price.currency"].choices
    assert [choice.value for choice in choices if choice.chosen] == [said]


async def test_a_form_that_is_no_longer_kept_says_so(api: Api) -> None:
    page = (await api.page("/orders/new?form=long-gone", Role.SALES)).text
    assert "no longer kept" in page
    assert "lines.0.sku" in names(page)


async def test_nobody_sees_what_another_person_typed(api: Api) -> None:
    name = await FORMS.keep(replace(KeptForm("bob", TYPED, {}), actor="bob"))
    assert "Mill Lane" not in (await api.page(f"/orders/new?form={name}", Role.SALES)).text


async def test_a_draft_is_saved_listed_opened_and_deleted_by_its_person_alone(api: Api) -> None:
    await api.sign_in(Role.SALES)
    saved = await turned(api, (*TYPED, ("save", "yes")))
    page = await shown(api, saved)
    assert "The draft is saved." in page
    assert 'value="85123A"' in page
    name = re.search(r'name="draft" value="([^"]+)"', page)
    assert name
    again = await turned(api, (*TYPED, ("draft", name[1]), ("customer.name", "Renamed"), ("save", "yes")))
    assert again.headers["location"] == saved.headers["location"]
    listed = (await api.client.get("/orders/new/drafts", headers=PAGE)).text
    assert f'href="/orders/new?draft={name[1]}"' in listed
    assert "Renamed" in listed
    csrf = form_token(IDENTITY.secret, api.client.cookies[COOKIE])
    api.client.cookies.set(COOKIE, await SESSIONS.begin(Person("bob", Role.SALES)))
    assert "Renamed" not in (await api.client.get("/orders/new/drafts", headers=PAGE)).text
    assert "no longer kept" in (await api.client.get(f"/orders/new?draft={name[1]}", headers=PAGE)).text
    await api.sign_in(Role.SALES)
    assert (await api.client.post("/orders/new/drafts", data={"csrf": csrf, "draft": name[1]})).status_code == 403
    csrf = form_token(IDENTITY.secret, api.client.cookies[COOKIE])
    assert (await api.client.post("/orders/new/drafts", data={"csrf": csrf, "draft": name[1]})).status_code == 303
    assert "Renamed" not in (await api.client.get("/orders/new/drafts", headers=PAGE)).text


@pytest.mark.parametrize("path", ["/orders/new", "/orders/new/check", "/orders/new/drafts"])
@pytest.mark.parametrize("role", sorted(Role))
async def test_only_who_places_orders_enters_them(api: Api, path: str, role: Role) -> None:
    await api.sign_in(role)
    csrf = form_token(IDENTITY.secret, api.client.cookies[COOKIE])
    allowed = may(role, PlaceOrder)
    assert ((await api.client.post(path, data={"csrf": csrf})).status_code == 403) is not allowed
    if path != "/orders/new/check":
        assert ((await api.client.get(path, headers=PAGE)).status_code == 403) is not allowed
