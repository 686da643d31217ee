"""Who gets in: the customer by an unguessable link, staff by a code that works once; and the one form of the pages."""

import asyncio
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from domain.roles import Role
from tests.instance import Instance
from tests.people import People, fresh, line

PAGE = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
async def browser(instance: Instance) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with a browser, not signed in."""
    async with httpx.AsyncClient(base_url=instance.url, headers=PAGE, timeout=30) as client:
        yield client


async def link(instance: Instance, role: Role) -> str:
    """What `ordertrail sign-in` prints."""
    done = await asyncio.to_thread(instance.run, "sign-in", "--role", role.value, "--actor", "ann")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"no field {name}"
    return found[1]


def action(page: str) -> str:
    """Where the page's form of an order leads."""
    found = re.search(r'<form method="post" action="([^"]+)" class="form', page)
    assert found
    return found[1]


async def sign_in(browser: httpx.AsyncClient, address: str) -> httpx.Response:
    code = hidden((await browser.get(address)).text, "code")
    return await browser.post("/sign-in", data={"code": code})


async def test_a_customer_follows_the_order_without_signing_in(people: People, browser: httpx.AsyncClient) -> None:
    secret = {"name": "Ann Example", "email": "ann@example.org"}
    placed = await people.place(
        line(fresh("tea"), 2), customer=secret, ship_to={"country": "Germany", "street": "Long Lane 1"}
    )
    await people.settled()
    answer = await browser.get(placed.tracking)
    assert answer.status_code == 200
    assert placed.number in answer.text
    for private in ("Ann Example", "ann@example.org", "Long Lane"):
        assert private not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("token", ["x" * 32, "short", "%00", "../orders"])
async def test_a_link_that_is_none_is_not_found(people: People, browser: httpx.AsyncClient, token: str) -> None:
    answer = await browser.get(f"/track/{token}")
    assert answer.status_code in {401, 404}
    answer = await people.client.get(f"/track/{'x' * 32}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-link")


async def test_staff_sign_in_with_a_code_that_works_once(instance: Instance, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/boards/sales")).status_code == 401
    address = await link(instance, Role.SALES)
    await browser.get(address)  # a program that previews links does not use it up
    entered = await sign_in(browser, address)
    assert (entered.status_code, entered.headers["location"]) == (303, "/boards/sales")
    assert (await browser.get("/boards/sales")).status_code == 200
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=" in cookie
    async with httpx.AsyncClient(base_url=instance.url, headers=PAGE) as somebody_else:
        used = await somebody_else.get(address)
        assert (used.status_code, "has been used" in used.text) == (403, True)
        again = await somebody_else.post("/sign-in", data={"code": httpx.URL(address).params["code"]})
        assert again.status_code == 403
        assert (await somebody_else.get("/boards/sales")).status_code == 401


async def test_an_order_is_placed_by_the_form_and_sending_it_twice_places_one(
    instance: Instance, people: People, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, await link(instance, Role.SALES))
    page = (await browser.get("/orders/new")).text
    customer, sku = fresh("customer"), fresh("tea")
    form = {
        **{name: hidden(page, name) for name in ("csrf", "key", "back")},
        "lines.*.unit_price.currency": "EUR",
        "location": "main",
        "priority": "5",
        "customer.id": customer,
        "ship_to.country": "Germany",
        "partial_shipment": "yes",
        "backorder": "yes",
        "lines.1.sku": sku,
        "lines.1.name": "Tea <b>",
        "lines.1.quantity": "three",
        "lines.1.unit_price.amount": "2.50",
        "lines.2.sku": "",
    }
    address = action(page)
    wrong = await browser.post(address, data=form)
    assert wrong.status_code == 303
    assert "three" in (await browser.get(wrong.headers["location"])).text, "what was typed is still there"

    form["lines.1.quantity"] = "3"
    answers = [await browser.post(address, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    shown = await browser.get(answers[0].headers["location"])
    assert shown.status_code == 200
    assert "Tea &lt;b&gt;" in shown.text
    await people.settled()
    rows = await people.all_rows("/orders", "orders", customer=customer)
    assert [(row["skus"], row["customer_id"]) for row in rows] == [([sku], customer)]


async def test_a_form_of_another_site_is_refused(
    instance: Instance, people: People, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser, await link(instance, Role.SALES))
    before = await people.settled()
    for address in ("/orders/new", "/commands/orders"):
        sent = {"csrf": "guessed", "ship_to.country": "Germany"}
        answer = await browser.post(address, data=sent, headers={"Origin": "https://elsewhere.example"})
        assert answer.status_code == 403
    assert await people.settled() == before
