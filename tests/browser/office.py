"""People of one company, each before a browser of their own, and what their browsers complained of."""

from typing import Any, Protocol

import httpx
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, WebError

from domain.roles import Role
from ordertrail.ready_message import new_link
from tests.instance import Instance

PATIENCE_MS = 30_000
"""How long a page may take on a busy build machine; nothing here measures."""
LOOKS = 100
"""How often somebody loads a page again before what was done is on it."""
LOUD = "Failed to load resource"
"""What the browser says of every answer from 400 on; which of them are faults is decided here."""


class Office:
    """Every page that it opens is watched until it closes."""

    def __init__(self, company: Instance, chromium: Browser) -> None:
        self.url = company.url
        self.faults: list[str] = []
        self._company = company
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []

    async def stranger(self, **settings: Any) -> Page:
        """Somebody who is not signed in; speaks English unless `locale` says otherwise."""
        context = await self._chromium.new_context(**{"locale": "en-GB", "base_url": self.url, **settings})
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", self._failed)
        context.on("console", self._said)
        context.on("request", self._asked)
        context.on("response", self._answered)
        self._contexts.append(context)
        return await context.new_page()

    async def person(self, role: Role, name: str = "", **settings: Any) -> Page:
        """Somebody at the desk where the role begins, signed in by a link."""
        said: list[str] = []
        await new_link(self._company.settings, name or role.value, role, said.append)
        page = await self.stranger(**settings)
        await page.goto(said[0])
        await page.locator("main button").click()
        await page.locator(".who").wait_for(state="attached")  # a phone has no room for it
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    def _failed(self, error: WebError) -> None:
        self.faults.append(f"an error of a script: {error.error}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and LOUD not in message.text:
            self.faults.append(f"{message.location.get('url', '')}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self.url}/"):
            self.faults.append(f"a request to elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        """A page may say that there is nothing, or ask to be loaded again (`arrived`); what belongs to it has to come."""
        refusal = response.status >= httpx.codes.BAD_REQUEST and response.request.resource_type != "document"
        if refusal or response.status == httpx.codes.INTERNAL_SERVER_ERROR:
            self.faults.append(f"{response.status} from {response.url}")


async def arrived(page: Page, what: Locator) -> None:
    """What an act led to is shown; on a busy machine its page may ask to be loaded again first."""
    for _ in range(LOOKS):
        await what.or_(page.get_by_role("heading", name="Not there yet")).first.wait_for()
        if await what.count():
            return
        await page.reload()
    raise AssertionError(f"{what} is not shown")


class Hand(Protocol):
    """How somebody acts on a page."""

    async def press(self, target: Locator) -> None: ...

    async def write(self, target: Locator, text: str) -> None: ...

    async def choose(self, target: Locator, word: str) -> None: ...


class Mouse:
    """Acts by pointing. What has to be typed is typed where it was clicked."""

    async def press(self, target: Locator) -> None:
        await target.click()

    async def write(self, target: Locator, text: str) -> None:
        await target.click(click_count=3)
        await target.page.keyboard.type(text)

    async def choose(self, target: Locator, word: str) -> None:
        await target.select_option(label=word)


IS_BEYOND_THE_HEADER = """it => { const main = document.querySelector("main");
  return main.contains(it) && !main.contains(document.activeElement); }"""


class Keys:
    """Acts by keys alone, and sees where it is: what has the focus shows it."""

    MOST_STOPS = 400

    async def press(self, target: Locator) -> None:
        await self._reach(target)
        await target.page.keyboard.press("Enter")

    async def write(self, target: Locator, text: str) -> None:
        await self._reach(target)
        await target.page.keyboard.press("Control+a")
        await target.page.keyboard.type(text)

    async def choose(self, target: Locator, word: str) -> None:
        await self._reach(target)
        await target.page.keyboard.type(word.split(maxsplit=1)[0])  # a list goes to what begins like that

    async def _reach(self, target: Locator) -> None:
        await target.wait_for()
        if await target.evaluate(IS_BEYOND_THE_HEADER):
            await self.press(target.page.locator("a.skip"))
        for _ in range(self.MOST_STOPS):
            if await target.evaluate("it => it === document.activeElement"):
                seen = await target.evaluate("it => it.matches(':focus-visible') && getComputedStyle(it).outlineStyle")
                assert seen not in {False, "none"}, f"{target} has the focus and does not show it"
                return
            await target.page.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by Tab")
