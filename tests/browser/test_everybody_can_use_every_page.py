"""WCAG 2.2 A and AA, as far as axe-core can tell, on every kind of page in each of its states.

Here every state in English, and one of each kind of page in Chinese; `make screens` goes through all of them in both.
"""

import re

import pytest
from playwright.async_api import Page

from domain.roles import Role
from tests.browser.axe import Axe
from tests.browser.office import Office
from tests.browser.views import OF_EACH_KIND, furnish, seen
from tests.people import People

HAN = re.compile(r"[\u4e00-\u9fff]")


async def test_no_page_keeps_anybody_out(office: Office, people: People, axe: Axe) -> None:
    shop = await furnish(people)
    page = await office.person(Role.ADMIN, "Alex", color_scheme="light")
    found = [f"{name}: {violation}" async for name in seen(page, shop) for violation in await axe.violations(page)]
    assert not found, "\n".join(found)


async def test_nor_does_any_kind_of_page_in_chinese_and_in_the_dark(office: Office, people: People, axe: Axe) -> None:
    shop = await furnish(people)
    page = await office.person(Role.ADMIN, "Ali", locale="zh-CN", color_scheme="dark")
    found = [
        f"{name}: {violation}"
        async for name in seen(page, shop, OF_EACH_KIND)
        for violation in await axe.violations(page)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_nor_do_the_pages_of_who_is_not_signed_in(office: Office, axe: Axe, locale: str) -> None:
    page = await office.stranger(locale=locale)
    for address in ("/", "/sign-in", "/sign-in?code=x", "/sign-in?left=yes", "/sign-in/callback?error=access_denied"):
        await page.goto(address)
        assert not await axe.violations(page), address


async def test_chinese_is_shown_in_a_font_that_has_it(office: Office) -> None:
    page = await office.stranger(locale="zh-CN")
    await page.goto("/")
    assert HAN.search(await page.locator("h1").first.inner_text())
    assert await fonts_of(page, "h1") == {"Noto Sans SC"}, "without it every page of boxes would do"


async def test_a_page_that_keeps_somebody_out_is_noticed(office: Office, axe: Axe) -> None:
    page = await office.stranger()
    await page.goto("/")
    await page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    assert [violation.split(":")[0] for violation in await axe.violations(page)] == ["label"]


async def fonts_of(page: Page, selector: str) -> set[str]:
    """The fonts that the browser found for the element's text."""
    session = await page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        await session.send(f"{domain}.enable")
    root = (await session.send("DOM.getDocument"))["root"]["nodeId"]
    node = await session.send("DOM.querySelector", {"nodeId": root, "selector": selector})
    found = await session.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})
    return {font["familyName"] for font in found["fonts"]}
