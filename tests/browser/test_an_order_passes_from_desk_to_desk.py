"""An order from its entry to its receipt, by five people, however they work."""

from playwright.async_api import Locator, Page, expect

from domain.roles import Role
from tests.browser.office import Keys, Mouse, Office, arrived
from tests.browser.story import Story
from tests.people import People, Placed, fresh, line


async def test_by_mouse(office: Office) -> None:
    await Story(office, Mouse()).ten_ordered_and_none_on_hand()


async def test_by_keyboard(office: Office) -> None:
    await Story(office, Keys()).ten_ordered_and_none_on_hand()


async def test_without_scripts(office: Office) -> None:
    await Story(office, Mouse(), scripts=False).ten_ordered_and_none_on_hand()


async def ready_to_pick(people: People, quantity: int = 3) -> Placed:
    sku = fresh("cup")
    await people.receive(sku, quantity)
    placed = await people.place(line(sku, quantity))
    assert await people.totals(placed) == {"sent": quantity}
    return placed


async def pick_form(office: Office, placed: Placed, name: str) -> Page:
    page = await office.person(Role.WAREHOUSE, name)
    await page.goto(f"/orders/{placed.number}?act=pick#act")
    return page


def pick_button(page: Page) -> Locator:
    return page.get_by_role("region", name="Pick").get_by_role("button", name="Pick", exact=True)


async def live_board(page: Page) -> None:
    await page.goto("/boards/warehouse")
    await page.mouse.move(0, 0)  # rows stand still while a pointer is among them
    await expect(page.locator("#state")).to_have_text("Live")


async def test_two_desks_see_each_others_acts_without_loading_again(office: Office, people: People) -> None:
    wen = await office.person(Role.WAREHOUSE, "Wen")
    will = await office.person(Role.WAREHOUSE, "Will")
    for page in (wen, will):
        await live_board(page)
    placed = await ready_to_pick(people)
    for page in (wen, will):
        await expect(page.get_by_role("link", name=f"Pick {placed.number}")).to_be_visible()
    story = Story(office, Mouse())
    await story.open(wen, "Warehouse", f"Pick {placed.number}")
    await story.act(wen, "Pick")
    await expect(will.get_by_role("link", name=f"Pack {placed.number}")).to_be_visible()
    await story.open(will, "Warehouse", f"Pack {placed.number}")
    await live_board(wen)
    await expect(wen.get_by_role("link", name=f"Pack {placed.number}")).to_be_visible()
    await story.act(will, "Pack")
    await expect(wen.get_by_role("link", name=f"Pack {placed.number}")).to_have_count(0)


async def test_the_same_pick_from_two_open_pages_is_recorded_once_and_the_second_is_asked(
    office: Office, people: People
) -> None:
    placed = await ready_to_pick(people)
    first, second = await pick_form(office, placed, "Wen"), await pick_form(office, placed, "Will")
    await pick_button(first).click()
    await arrived(first, first.get_by_text("Pick: recorded."))
    await pick_button(second).click()
    await expect(second.get_by_text("Changed meanwhile, please check.")).to_be_visible()
    await expect(second.get_by_role("button", name="Record it all the same")).to_be_visible()
    assert await picked(people, placed) == 1


async def test_a_double_click_is_one_command(office: Office, people: People) -> None:
    placed = await ready_to_pick(people)
    page = await pick_form(office, placed, "Wen")
    await pick_button(page).dblclick()
    await arrived(page, page.get_by_text("Pick: recorded."))
    assert await picked(people, placed) == 1


async def picked(people: People, placed: Placed) -> int:
    """How often units of the order were picked, of which none may be a surplus."""
    assert await people.totals(placed) == {"picked": 3}
    found = await people.order(placed)
    assert not found["state"]["exceptions"]
    return [event["type"].split(".")[2] for event in await people.timeline(f"/orders/{placed.id}")].count("Picked")
