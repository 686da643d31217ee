"""The rules of WCAG 2.2 A and AA, read by axe-core on the page as it stands."""

from typing import Final

from playwright.async_api import Page

STANDARD: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN: Final = """async (rules) => {
  const told = await axe.run(document, { runOnly: rules, resultTypes: ["violations"], elementRef: false, preload: false });
  return told.violations.map((it) => it.id + ": " + it.help + " " + it.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)
    + " (" + node.any.map((one) => one.message).join("; ").slice(0, 200) + ")").join(" | "));
}"""


class Axe:
    """axe-core, put into a page beside its content policy: by the browser's own tools."""

    def __init__(self, source: str) -> None:
        self._source = source

    async def violations(self, page: Page) -> list[str]:
        """What the page breaks: rule, meaning, the first places."""
        await page.evaluate(self._source)
        found: list[str] = await page.evaluate(RUN, STANDARD)
        return found
