"""A scanner is a keyboard that types faster than anybody and ends with Enter."""

import pytest
from playwright.async_api import Page, expect

from domain.roles import Role
from tests.browser.office import Office, arrived
from tests.browser.test_pages_behave import compose
from tests.people import People, Placed, fresh, line

EAN = "4006381333931"


async def ordered(people: People, quantity: int = 4) -> tuple[str, Placed]:
    sku = fresh("lamp")
    await people.receive(sku, quantity)
    placed = await people.place(line(sku, quantity))
    await people.settled()
    return sku.upper(), placed


async def scan(page: Page, text: str) -> None:
    """Where the focus is, as a scanner types."""
    await page.keyboard.type(text, delay=5)
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("scripts", [True, False], ids=["in place", "without scripts"])
async def test_an_order_is_picked_by_scanner_and_a_new_code_is_remembered(
    office: Office, people: People, *, scripts: bool
) -> None:
    sku, placed = await ordered(people)
    code = fresh(EAN)
    page = await office.person(Role.WAREHOUSE, "Wen", java_script_enabled=scripts)
    await page.goto("/pick")
    for text, told in (
        (placed.number, sku),
        ("NO-SUCH-THING", "Unknown code: NO-SUCH-THING"),
        (code, f"Unknown code: {code}"),
    ):
        await page.locator("#said").focus()
        await scan(page, text)
        await expect(page.locator("#walk")).to_contain_text(told)
    await page.get_by_role("button", name=sku).click()
    await arrived(page, page.locator(".now"))
    await expect(page.locator(".now")).to_contain_text(sku)
    await page.locator("#said").focus()
    await scan(page, "5")
    await expect(page.locator(".say.stop")).to_contain_text("Too many")
    await page.locator("#said").focus()
    await scan(page, "4")
    await expect(page.locator(".say.good")).to_contain_text("Everything is taken")
    await page.get_by_role("button", name="Record as picked: 4 units").click()
    await arrived(page, page.get_by_text("Recorded. Scan the next order."))
    assert await people.totals(placed) == {"picked": 4}


async def test_scans_that_follow_each_other_at_once_count_once_each_and_an_input_method_s_enter_counts_nothing(
    office: Office, people: People
) -> None:
    sku, placed = await ordered(people, 5)
    page = await office.person(Role.WAREHOUSE, "Wen")
    await page.goto(f"/pick?order={placed.number}")
    for _ in range(3):
        await scan(page, sku)
    await expect(page.locator("#walk")).to_contain_text("2/5")
    await page.locator("h1").click()  # beside every field: a scanner knows of no focus
    await scan(page, sku)
    await expect(page.locator("#walk")).to_contain_text("3/5")
    address = page.url
    await compose(await page.context.new_cdp_session(page), "mabei", ends_with="2")
    await expect(page.locator("#said")).to_have_value("2")
    assert page.url == address
    await page.keyboard.press("Enter")
    await expect(page.locator("#walk")).to_contain_text("5/5")
