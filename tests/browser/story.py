"""Story 1 on the pages: ten ordered and none on hand; six come in and leave in a parcel, then four, and all are received.

Five people act, each before a browser of their own; how they act, by mouse or by keys, is the hand that they are given.
"""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from domain.roles import Role
from tests.browser.office import LOOKS, Hand, Office, arrived
from tests.people import fresh

CAN_BE_DONE = "What can be done now"


@dataclass
class Story:
    """The five at work."""

    office: Office
    hand: Hand
    scripts: bool = True

    async def ten_ordered_and_none_on_hand(self) -> None:
        """All of it, from the entry of the order to what the customer reads when everything has come."""
        sally, pia, wen, lou = [
            await self.office.person(role, name, java_script_enabled=self.scripts)
            for role, name in (
                (Role.SALES, "Sally"), (Role.PURCHASING, "Pia"), (Role.WAREHOUSE, "Wen"), (Role.LOGISTICS, "Lou"),
            )
        ]  # fmt: skip
        number = await self.place(sally, fresh("mug"), 10)
        customer = await self.office.stranger(java_script_enabled=self.scripts)
        tracking = sally.get_by_role("link", name="What the customer sees")
        await customer.goto(await tracking.get_attribute("href") or "")
        for parcel, units in ((1, 6), (2, 4)):
            await self.open(pia, "Purchasing", f"Receive stock {number}")
            await self.act(pia, "Receive stock", Quantity=str(units))
            await self.prepare(wen, number, start=parcel == 1)
            await self.open(lou, "Logistics", f"Hand over {number}")
            await self.act(lou, "Hand over", Carrier="DHL", Tracking_number=f"{number}/{parcel}")
            await self.sees(customer, customer.get_by_text(f"Tracking number {number}/{parcel}"))
        await self.act(lou, "Confirm receipt of everything", How_we_know="our own van")
        await self.sees(customer, customer.get_by_text("You have received everything."))

    async def place(self, sally: Page, sku: str, quantity: int) -> str:
        """Enter an order, from the start page on; its number."""
        await self.hand.press(sally.locator("a.brand"))
        await self.hand.press(sally.get_by_role("link", name="Place an order"))
        await self.hand.write(sally.get_by_label("Country"), "Denmark")
        line = sally.get_by_role("group", name="Line 1", exact=True)
        for label, text in (("SKU", sku), ("Name", "Mug"), ("Quantity", str(quantity)), ("Unit price", "2.50")):
            await self.hand.write(line.get_by_label(label), text)
        await self.hand.press(sally.get_by_role("button", name="Place an order"))
        await arrived(sally, sally.get_by_text("The order has been placed."))
        return await sally.get_by_role("heading", level=1).inner_text()

    async def prepare(self, wen: Page, number: str, *, start: bool) -> None:
        """Pick and pack what there is, as the forms propose it."""
        await self.open(wen, "Warehouse", f"Pick {number}")
        if start:
            await self.act(wen, "Start picking")
        await self.act(wen, "Pick")
        await self.act(wen, "Pack")

    async def open(self, person: Page, board: str, step: str) -> None:
        """Go to the board and press the order's next step there."""
        menu = person.get_by_role("navigation", name="Departments")
        await self.hand.press(menu.get_by_role("link", name=board, exact=True))
        row = person.locator("#rows").get_by_role("link", name=step, exact=True)
        await self.sees(person, row)
        await self.hand.press(row)
        await person.get_by_role("navigation", name=CAN_BE_DONE).wait_for()

    async def act(self, person: Page, word: str, **fields: str) -> None:
        """Send the form of an act as it stands, with these fields filled in; open it first where it is not open yet."""
        form, one_click = person.get_by_role("region", name=word), False
        if not await form.count():
            offer = person.get_by_role("navigation", name=CAN_BE_DONE).get_by_text(word, exact=True)
            one_click = await offer.evaluate("it => it.tagName === 'BUTTON'")
            await self.hand.press(offer)
        for label, text in fields.items():
            field = form.get_by_label(label.replace("_", " "))
            is_list = await field.evaluate("it => it.tagName === 'SELECT'")
            await (self.hand.choose if is_list else self.hand.write)(field, text)
        button = form.get_by_role("button", name=word, exact=True)
        if not one_click and not await button.count():  # nothing undoes it: whoever does it looks first
            await self.hand.press(form.get_by_role("button", name="Preview"))
            await arrived(person, form.get_by_role("heading", name="Preview (nothing recorded yet)"))
        if not one_click:
            await self.hand.press(button)
        await arrived(person, person.get_by_text(f"{word}: recorded."))

    async def sees(self, person: Page, what: Locator) -> None:
        """By itself where there are scripts; without, whoever wants to know loads the page again."""
        for _ in range(0 if self.scripts else LOOKS):
            if await what.count():
                break
            await person.reload()
        await expect(what).to_be_visible()
