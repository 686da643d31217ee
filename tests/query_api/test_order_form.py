"""The only form: whoever may place orders sends it as themselves, and sees each fault beside its field."""

import httpx
import orjson
import pytest

from domain.order.commands import PlaceOrder
from domain.roles import Role
from query_api.order_form import PLACES, body_of, faults_of
from tests.query_api.conftest import IDENTITY, PAGE, Answered, Api, api_on
from tests.query_api.shop import NASTY, shop
from web.caller_dependency import COOKIE
from web.tokens import form_token

SHOP = shop()
FILLED = {
    "customer_name": "Mill Lane Store",
    "country": "United Kingdom",
    "currency": "gbp",
    "location": "main",
    "priority": "3",
    "partial_shipment": "yes",
    "rows": "4",
    "key": "a1b2c3",
    "sku_2": "85123A",
    "name_2": "White hanging heart",
    "quantity_2": "6",
    "price_2": "2.55",
}


async def send(api: Api, fields: dict[str, str], **headers: str) -> httpx.Response:
    csrf = form_token(IDENTITY.secret, api.client.cookies[COOKIE])
    return await api.client.post("/orders/new", data={"csrf": csrf, **fields}, headers={**PAGE, **headers})


def placed(number: str) -> Answered:
    return Answered(201, orjson.dumps({"order_id": number, "version": 1, "position": "0:7"}))


async def test_the_form_places_an_order_as_whoever_is_signed_in(shop_url: str) -> None:
    async with api_on(shop_url, placed("0198")) as api:
        await api.sign_in(Role.SALES)
        answer = await send(api, FILLED)
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders/0198?placed=yes&after=0%3A7")
    ((caller, body, key),) = api.placed
    assert (caller.actor, caller.role, key) == ("ada", Role.SALES, "a1b2c3")
    order = PlaceOrder.model_validate_json(body)
    assert (order.lines[0].sku, order.lines[0].quantity, order.backorder) == ("85123A", 6, False)


async def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(shop_url: str) -> None:
    errors = [
        {"field": "lines.0.quantity", "pointer": "/lines/0/quantity", "reason": "a valid integer is expected"},
        {"field": "ship_to.country", "pointer": "/ship_to/country", "reason": "too short"},
        {"field": "elsewhere", "pointer": "/elsewhere", "reason": "unknown field"},
    ]
    refused = Answered(422, orjson.dumps({"code": "invalid", "title": "Wrong", "status": 422, "errors": errors}))
    async with api_on(shop_url, refused) as api:
        await api.sign_in(Role.SALES)
        page = (await send(api, {**FILLED, "quantity_2": "six", "customer_name": NASTY})).text
    assert 'id="quantity_2-error" lang="en">a valid integer is expected' in page
    assert 'id="country-error" lang="en">too short' in page
    assert "elsewhere: unknown field" in page
    assert 'value="six"' in page
    assert "<script>alert" not in page
    assert 'value="a1b2c3"' in page


async def test_an_uncertain_outcome_keeps_the_key_so_that_sending_again_is_safe(shop_url: str) -> None:
    async with api_on(shop_url) as api:
        await api.sign_in(Role.SALES)
        answer = await send(api, FILLED)
    assert answer.status_code == 503
    assert "it will not be placed twice" in answer.text
    assert 'value="a1b2c3"' in answer.text


async def test_a_form_from_elsewhere_is_refused(api: Api) -> None:
    await api.sign_in(Role.SALES)
    answer = await send(api, {**FILLED, "csrf": "forged"})
    assert answer.status_code == 403
    assert api.placed == []


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.AUDITOR])
async def test_a_role_that_may_not_place_orders_gets_no_form(api: Api, role: Role) -> None:
    await api.sign_in(role)
    assert (await api.client.get("/orders/new", headers=PAGE)).status_code == 403
    assert (await send(api, FILLED)).status_code == 403
    assert api.placed == []
    assert "/orders/new" not in (await api.client.get("/orders", headers=PAGE)).text


async def test_more_lines_are_given_without_script_and_without_placing(api: Api) -> None:
    await api.sign_in(Role.SALES)
    page = (await send(api, {**FILLED, "more": "yes"})).text
    assert 'name="sku_9"' in page
    assert 'value="85123A"' in page
    assert api.placed == []


def test_every_field_of_the_form_finds_its_way_there_and_back() -> None:
    given = {**FILLED, **dict.fromkeys(PLACES.values(), "7")}
    body = body_of(given)
    for place, name in PLACES.items():
        value: object = body
        for step in place.split("."):
            assert isinstance(value, dict)
            value = value[step]
        assert value == (7 if name == "priority" else "7")
        assert faults_of([{"field": place, "reason": "wrong"}], given).fields == {name: "wrong"}


def test_a_fault_of_a_line_goes_to_the_row_it_was_typed_in() -> None:
    found = faults_of(
        [{"field": "lines.0.unit_price.amount", "reason": "wrong"}, {"field": "lines.5.sku", "reason": "?"}], FILLED
    )
    assert found.fields == {"price_2": "wrong"}
    assert found.elsewhere == ("lines.5.sku: ?",)
