"""What pages must not do behind anybody's back, and what keys must not do while something else has them."""

from playwright.async_api import CDPSession, Page, expect

from domain.roles import Role
from tests.browser.office import Office

INLINE = "document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))"
ELSEWHERE = "document.body.append(Object.assign(document.createElement('img'), { src: 'http://127.0.0.1:9/x.png' }))"
ENTER = {"key": "Enter", "code": "Enter"}


async def test_errors_of_scripts_breaches_of_the_policy_and_foreign_requests_are_noticed(office: Office) -> None:
    page = await office.stranger()
    await page.goto("/")
    for breach in ("setTimeout(() => { throw new Error('on purpose') })", INLINE, ELSEWHERE):
        await page.evaluate(breach)
    assert not await page.evaluate("window.ran")
    await page.reload()
    faults = " ".join(office.faults)
    office.faults.clear()
    for expected in ("on purpose", "script-src", "img-src"):
        assert expected in faults, expected


async def test_enter_that_ends_a_composition_sends_no_form(office: Office) -> None:
    page = await office.person(Role.SALES, "Sally")
    address = page.url
    await page.locator("#find").focus()
    keys = await page.context.new_cdp_session(page)
    await compose(keys, "mabei", ends_with="马克杯")
    await expect(page.locator("#find")).to_have_value("马克杯")
    assert page.url == address
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/search?q=*")
    await expect(page.locator("#find")).to_be_visible()


async def test_a_slash_that_belongs_to_a_composition_does_not_lead_away(office: Office) -> None:
    page = await office.person(Role.SALES, "Sally")
    await strike(page, composing=True)
    await expect(page.locator("#find")).not_to_be_focused()
    await strike(page, composing=False)
    await expect(page.locator("#find")).to_be_focused()


async def compose(keys: CDPSession, typed: str, *, ends_with: str) -> None:
    """Type as an input method does: the text is provisional until the Enter that chooses from its list."""
    for end in range(1, len(typed) + 1):
        told = {"selectionStart": end, "selectionEnd": end, "text": typed[:end]}
        await keys.send("Input.imeSetComposition", told)
    # The key that an input method keeps for itself has the code 229 on its way through the page.
    await keys.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "windowsVirtualKeyCode": 229, **ENTER})
    await keys.send("Input.insertText", {"text": ends_with})
    await keys.send("Input.dispatchKeyEvent", {"type": "keyUp", "windowsVirtualKeyCode": 13, **ENTER})


async def strike(page: Page, *, composing: bool) -> None:
    told = {"key": "/", "isComposing": composing, "bubbles": True}
    await page.evaluate("(told) => document.body.dispatchEvent(new KeyboardEvent('keydown', told))", told)
