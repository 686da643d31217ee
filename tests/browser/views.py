"""Every kind of page in each of its states, as somebody who may do everything gets there.

The tests of accessibility and `make screens` go through the same list, so a page that is added here is both tried and
looked at. A page of its own address is a line in `addresses`; a state that takes acting is a function.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page, expect

from domain.roles import Role
from projections.registry import BOARDS
from tests.people import People, Placed, fresh, line, order

MANY = 200
ACTS = ("start-pick", "pick", "short-pick", "hold", "cancel-order", "cancel-units", "add-note", "log-contact")


@dataclass(frozen=True)
class Shop:
    """Orders that stand where orders stand."""

    sku: str
    to_pick: Placed
    to_hand_over: Placed
    on_the_way: Placed
    held: Placed
    waiting: Placed
    cancelled: Placed
    colleague: str
    """Id of somebody in the register."""


async def furnish(people: People) -> Shop:
    """Place them, through the API."""
    sku, scarce = fresh("lamp"), fresh("rare")
    await people.receive(sku, 100 + MANY)
    placed = [await people.place(line(sku, 3), customer={"name": "Nordlicht 灯饰"}) for _ in range(5)]
    # Served last, so that they stand behind all others on the boards on which other tests look for their orders.
    await people.place_many([order(line(sku, 1), customer={"name": "Many"}, priority=9)] * MANY)
    waiting = await people.place(line(scarce, 2), line(sku, 1), customer_reference={"number": fresh("ref")})
    to_pick, to_hand_over, on_the_way, held, cancelled = placed
    await people.settled()
    await people.hand_over(on_the_way, (1, 2))
    await people.tell(to_hand_over, "pick", {"units": [{"line": 1, "quantity": 3}]}, role=Role.WAREHOUSE)
    await people.tell(to_hand_over, "pack", {"contents": [{"line": 1, "quantity": 3}]}, role=Role.WAREHOUSE)
    await people.tell(held, "hold", {"type": "fraud", "reason": "two names on one card"}, role=Role.FINANCE)
    await people.tell(held, "short-pick", {"lines": [{"line": 1, "quantity": 1}]}, role=Role.WAREHOUSE)
    await people.tell(cancelled, "request-cancel", {"cause": "customer", "reason": "ordered twice"}, role=Role.SALES)
    await people.tell(to_hand_over, "take", {"department": "logistics"}, role=Role.LOGISTICS, actor="Kim Lund")
    question = {"text": "Which of the two names is right?", "department": "finance"}
    await people.tell(held, "add-note", question, role=Role.WAREHOUSE)
    invited = {"name": f"李雷 {fresh('li')}", "email": f"{fresh('li')}@shop.example", "role": "sales"}
    colleague = await people.do("/commands/people/invite", invited)
    await people.settled()
    return Shop(sku, to_pick, to_hand_over, on_the_way, held, waiting, cancelled, colleague["person"])


def addresses(shop: Shop) -> dict[str, str]:
    """Pages that an address leads to, by what they are called."""
    return {
        **{f"board {board.name}": f"/boards/{board.name}" for board in BOARDS},
        **{
            f"order {name}": f"/orders/{getattr(shop, name).number}"
            for name in ("to_pick", "to_hand_over", "on_the_way", "held", "waiting", "cancelled")
        },
        **{f"tracking {name}": getattr(shop, name).tracking for name in ("on_the_way", "held", "waiting", "cancelled")},
        **{f"form {act}": f"/orders/{shop.to_pick.number}?act={act}" for act in ACTS},
        "form unpack": f"/orders/{shop.to_hand_over.number}?act=unpack.1",
        "form hand-over": f"/orders/{shop.to_hand_over.number}?act=hand-over.1",
        "form carrier": f"/orders/{shop.on_the_way.number}?act=record-checkpoint.{shop.on_the_way.number}/1",
        "form resume": f"/orders/{shop.held.number}?act=resume.1",
        "form receive": f"/stock/{shop.sku}/main?act=receive-stock.{shop.sku}",
        "form count": f"/stock/{shop.sku}/main?act=count-stock.{shop.sku}",
        "form invite": "/people?act=invite-person",
        "form grant": f"/people/{shop.colleague}?act=grant-role.{shop.colleague}",
        "home": "/",
        "board empty": "/boards/sales?customer=nobody-of-this-name",
        "orders": "/orders",
        "orders empty": "/orders?customer=nobody-of-this-name",
        "order as it was": f"/orders/{shop.to_pick.number}?version=2",
        "timeline": f"/orders/{shop.on_the_way.number}/timeline",
        "why": f"/orders/{shop.on_the_way.number}/why?of=headline",
        "entry": "/orders/new",
        "entry again": f"/orders/new?from={shop.to_pick.number}",
        "drafts": "/orders/new/drafts",
        "stock": "/stock",
        "stock waiting": "/stock?waiting=yes",
        "stock item": f"/stock/{shop.sku}/main",
        "counts": "/stock/counts",
        "walk begins": "/pick",
        "walk article": f"/pick?order={shop.to_pick.number}&said={shop.sku}",
        "walk stopped": f"/pick?order={shop.to_pick.number}&order={shop.held.number}&said=NO-SUCH-THING",
        "walk short": f"/pick?order={shop.to_pick.number}&got=0.1.1&short=0.1",
        "walk too much": f"/pick?order={shop.to_pick.number}&got=0.1.99",
        "stock timeline": f"/stock/{shop.sku}/main/timeline",
        "search": "/search",
        "search found": f"/search?q={shop.sku}",
        "search empty": "/search?q=nobody-of-this-name",
        "paper delivery note": f"/orders/{shop.on_the_way.number}/papers/delivery-note",
        "paper pick list": f"/orders/{shop.to_pick.number}/papers/pick-list",
        "papers of several": f"/boards/warehouse/papers?paper=pick-list&order={shop.to_pick.number}",
        "paper parcel label": f"/orders/{shop.to_hand_over.number}/papers/parcel-label",
        "people": "/people",
        "person": f"/people/{shop.colleague}",
        "account": "/account",
        "devices": "/devices",
        "form and every other part": "/style",
        "status": "/status",
        "docs": "/docs",
        "nothing there": "/orders/OT-2026-000000-00",
    }


async def _refused(page: Page, shop: Shop) -> None:
    await page.goto(f"/orders/{shop.to_hand_over.number}?act=hand-over.1")
    await _send_as_it_is(page, "#act form")
    await expect(page.locator("#act [role=alert]")).to_be_visible()


async def _previewed(page: Page, shop: Shop) -> None:
    await page.goto(f"/orders/{shop.to_pick.number}?act=pick")
    await page.locator("#act button.quiet").click()
    await expect(page.locator("#act .preview")).to_be_visible()


async def _entry_refused(page: Page, shop: Shop) -> None:
    await page.goto("/orders/new")
    await page.locator("[name='ship_to.country']").fill("Nowhere")
    await page.locator(".line input").first.fill(shop.sku)
    await page.locator("button.place").click()
    await expect(page.locator("[role=alert]")).to_be_visible()


async def _entry_checked(page: Page, shop: Shop) -> None:
    await page.goto("/orders/new")
    await page.locator(".line input").first.fill(shop.sku)
    await page.locator(".line input").nth(2).fill("1000")
    await page.keyboard.press("Tab")
    await expect(page.locator("#summary strong")).to_be_visible()


async def _selected(page: Page, shop: Shop) -> None:
    await page.goto("/boards/warehouse")
    await page.locator("#several .all input").check()
    await page.keyboard.press("End")  # elsewhere the bar lies over whichever row is there


async def _many_selected(page: Page, shop: Shop) -> None:
    await page.goto(f"/boards/warehouse?customer=Many&limit={MANY}")
    await page.locator("#several .all input").check()
    await expect(page.locator("input[form=several]:checked")).to_have_count(MANY)


async def _several(page: Page, shop: Shop) -> None:
    await _selected(page, shop)
    await page.locator("#several button[value=pick]").click()
    await expect(page.locator("form table")).to_be_visible()


async def _several_parcels(page: Page, shop: Shop) -> None:
    await page.goto("/boards/logistics")
    await page.locator("#several .all input").check()
    await page.locator("#several button[value=hand-over]").click()
    await page.locator("#carrier").wait_for()
    await _send_as_it_is(page, "main form")
    await expect(page.locator("#carrier")).to_have_attribute("aria-invalid", "true")


async def _filters_saved(page: Page, shop: Shop) -> None:
    await page.goto("/boards/sales?customer=Nordlicht")
    await page.locator("#save_as").fill("Nordlicht 灯饰")
    await page.locator("form:has(#save_as) button").click()
    await expect(page.locator(".saved")).to_be_visible()


Reach = Callable[[Page, Shop], Awaitable[None]]
ACTED: Final[Mapping[str, Reach]] = {
    "form refused": _refused,
    "form previewed": _previewed,
    "entry refused": _entry_refused,
    "entry checked": _entry_checked,
    "board with some selected": _selected,
    "board with 200 selected": _many_selected,
    "several, before it is done": _several,
    "several parcels, refused": _several_parcels,
    "board with saved filters": _filters_saved,
}
"""States that somebody has to bring about; none of them changes an order."""


OF_EACH_KIND: Final = frozenset(
    {
        "account", "board sales", "board with some selected", "devices", "docs", "drafts", "entry refused", "form pick", "form refused",
        "home", "nothing there", "order held", "orders", "paper delivery note", "people", "person", "search found",
        "several parcels, refused", "status", "stock", "stock item", "timeline", "tracking on_the_way", "why",
    }
)  # fmt: skip
"""One state of each template."""


async def seen(page: Page, shop: Shop, only: frozenset[str] = frozenset()) -> AsyncIterator[str]:
    """Bring the page into each state in turn, or into those that are named; the state's name, while it stands."""
    for name, address in addresses(shop).items():
        if not only or name in only:
            await page.goto(address)
            await expect(page.locator("#act")).to_have_count(1 if name.startswith("form ") else 0)
            yield name
    for name, reach in ACTED.items():
        if not only or name in only:
            await reach(page, shop)
            yield name


async def _send_as_it_is(page: Page, form: str) -> None:
    """Send a form that the browser itself would hold back, as one without these checks would."""
    await page.locator(form).first.evaluate("it => { it.noValidate = true }")
    await page.locator(f"{form} button").first.click()
