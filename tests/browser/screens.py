"""`make screens`: a picture of every page in every state, wide and on a phone, light and dark, in both languages.

For people who look at what they changed; what axe-core finds on the way is told at the end. Not part of the tests.
"""

import asyncio
import itertools
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from playwright.async_api import Page

from domain.roles import Role
from ordertrail.settings import LogKind, from_environment
from tests.browser import packages
from tests.browser.axe import Axe
from tests.browser.chromium import running
from tests.browser.office import Office
from tests.browser.views import Shop, furnish, seen
from tests.instance import Instance

WIDTHS: Final = {"wide": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
LOCALES: Final = {"en": "en-GB", "zh": "zh-CN"}
SCHEMES: Final = ("light", "dark")


async def pictures(into: Path) -> list[str]:
    """Take them all; what axe-core found, a line each."""
    parts = packages.ensure(from_environment().ordertrail_cache)
    axe = Axe(parts.axe.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder, Instance(Path(folder) / "company", LogKind.EMBEDDED) as company:
        async with running(parts, Path(folder)) as chromium, company.people() as people:
            office, shop = Office(company, chromium), await furnish(people)
            try:
                found = [line async for line in _every_look(office, shop, axe, into)]
            finally:
                await office.close()
    return [*found, *office.faults]


async def _every_look(office: Office, shop: Shop, axe: Axe, into: Path) -> AsyncIterator[str]:
    for (size, viewport), (language, locale), scheme in itertools.product(WIDTHS.items(), LOCALES.items(), SCHEMES):
        look = f"{size}-{scheme}-{language}"
        page = await office.person(
            Role.ADMIN, f"Alex {look}", viewport=viewport, locale=locale, color_scheme=scheme, has_touch=size == "phone"
        )
        async for name in seen(page, shop):
            await _picture(page, into / look / f"{name.replace(' ', '-')}.png")
            for violation in await axe.violations(page):
                yield f"{look}, {name}: {violation}"
        await page.context.close()
        sys.stdout.write(f"{into / look}\n")


async def _picture(page: Page, file: Path) -> None:
    await page.screenshot(path=file, full_page=True)


if __name__ == "__main__":
    told = asyncio.run(pictures(Path(sys.argv[1]).absolute()))
    sys.stdout.writelines(f"{line}\n" for line in told)
    sys.exit(1 if told else 0)
