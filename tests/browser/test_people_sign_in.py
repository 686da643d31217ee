"""Signing in as somebody: with the code of a telephone, and at a bench where a scanner types badges."""

import re

import pyotp
import pytest
from playwright.async_api import Page, expect

from domain.roles import Role
from tests.browser.axe import Axe
from tests.browser.office import Office
from tests.people import People, fresh
from web.devices import DEVICE_COOKIE

GOOD = "lantern orbit velvet 71"


async def invited(people: People, role: Role) -> tuple[str, str]:
    """Name and id of somebody new."""
    name = fresh("Wen")
    person = await people.do("/commands/people/invite", {"name": name, "role": role.value})
    await people.settled()
    return name, str(person["person"])


async def with_password(page: Page, admin: Page, person: str) -> None:
    """Choose a password with a link of the administrator."""
    await admin.goto(f"/people/{person}")
    await admin.locator("form[action$=sign-in-link] button").click()
    await page.goto(await admin.locator("input.long").input_value())
    await page.locator("#password").fill(GOOD)
    await page.locator("#again").fill(GOOD)
    await page.locator("main button").click()
    await expect(page.locator("form.leave")).to_be_visible()


async def test_an_administrator_sets_up_a_second_step_and_comes_in_with_it(
    office: Office, people: People, axe: Axe
) -> None:
    name, person = await invited(people, Role.ADMIN)
    admin, page = await office.person(Role.ADMIN, "Alex"), await office.stranger()
    await with_password(page, admin, person)
    await page.goto("/account")
    await page.locator("#beginning").fill(GOOD)
    await page.locator("form[action$=second-factor] button").click()
    await expect(page.locator(".scanned svg")).to_be_visible()
    assert not await axe.violations(page)
    made = pyotp.TOTP(await page.locator(".key").inner_text())
    await page.locator("#otp").fill(made.now())
    await page.locator("form[action$=confirm] button").click()
    codes = await page.locator(".recovery code").all_inner_texts()
    assert not await axe.violations(page)
    await page.locator("form.leave button").click()
    await page.locator("#who").fill(name)
    await page.locator("#password").fill(GOOD)
    await page.locator("main button").click()
    await expect(page.locator("#otp")).to_be_focused()
    assert not await axe.violations(page)
    await page.keyboard.type(codes[0])
    await page.keyboard.press("Enter")
    await expect(page.locator("form.leave")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_a_scanned_badge_goes_on_to_the_pin_and_sends_nothing(
    office: Office, people: People, axe: Axe, *, scripts: bool
) -> None:
    _, person = await invited(people, Role.WAREHOUSE)
    admin = await office.person(Role.ADMIN, "Alex")
    bench = await office.person(Role.WAREHOUSE_LEAD, "Lea", java_script_enabled=scripts)
    await with_password(bench, admin, person)
    await bench.goto("/account")
    for field, text in (("#by_password", GOOD), ("#pin", "274916"), ("#pin_again", "274916")):
        await bench.locator(field).fill(text)
    await bench.locator("form[action$=pin] button").click()
    await bench.locator("form.leave button").click()
    card = fresh("card")
    await admin.goto(f"/people/{person}")
    await admin.locator("#badge").fill(card)
    await admin.locator("#badge").press("Enter")
    await expect(admin.get_by_text("A badge was given.")).to_be_visible()
    await registered(office, bench)
    sent: list[str] = []
    bench.on("request", lambda request: sent.append(request.method))
    await expect(bench.locator("#badge")).to_be_focused()
    if scripts:
        assert not await axe.violations(bench)
    await bench.keyboard.type(card.upper())
    await bench.keyboard.press("Enter")
    await expect(bench.locator("#pin")).to_be_focused()
    assert sent == []
    await bench.keyboard.type("274916")
    await bench.keyboard.press("Enter")
    await bench.wait_for_url(re.compile("/boards/warehouse$"))


async def registered(office: Office, bench: Page) -> None:
    """A lead registers the browser, and signs out there."""
    lead = await office.person(Role.WAREHOUSE_LEAD, "Lea")
    await lead.goto("/devices")
    await lead.locator("#name").fill("Packing bench 2")
    await lead.locator("main form button").click()
    await expect(lead.get_by_text("This browser is “Packing bench 2”.")).to_be_visible()
    device = next(one for one in await lead.context.cookies() if one["name"] == DEVICE_COOKIE)
    await bench.context.add_cookies([{"name": DEVICE_COOKIE, "value": device["value"], "url": office.url}])
    await bench.goto("/sign-in")
