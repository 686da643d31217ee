"""Pages tell times by the company's clocks, and customers how the company is reached."""

from collections.abc import AsyncIterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.roles import Role
from query_api.company import CompanyCard, Logo
from tests.query_api.conftest import PAGE, Api, api_on
from tests.query_api.shop import NASTY, shop

SHOP = shop()
KIRITIMATI = ZoneInfo("Pacific/Kiritimati")
CARD = CompanyCard(
    name="Northwind Gifts",
    address="7 Quay Street, Leeds",
    phone="+44 113 496 0100",
    email="hello@northwind.example",
    hours=f"Mon-Fri 9-17 {NASTY}",
    zone=KIRITIMATI,
    logo=Logo(b"<svg/>", "image/svg+xml"),
)


@pytest.fixture
async def far_away(shop_url: str) -> AsyncIterator[Api]:
    """The shop as a company fourteen hours before Greenwich."""
    async with api_on(shop_url, company=CARD) as opened:
        yield opened


async def test_a_moment_is_shown_as_the_companys_clocks_show_it(far_away: Api) -> None:
    order = SHOP.life.order(SHOP.part_shipped)
    there = order.placed_at.astimezone(KIRITIMATI)
    for path in (f"/orders/{order.number}", f"/orders/{order.number}/timeline"):
        page = (await far_away.page(path)).text
        assert f"{there.day} Mar 2026 {there:%H:%M} UTC+14</time>" in page
        assert " UTC<" not in page


async def test_a_customer_reads_the_companys_day_in_every_sentence(far_away: Api) -> None:
    order = SHOP.life.order(SHOP.part_shipped)
    (parcel,) = order.parcels
    assert parcel.handed_over_at is not None
    there = parcel.handed_over_at.astimezone(KIRITIMATI).date()
    assert there != parcel.handed_over_at.date()
    page = (await far_away.page(f"/track/{order.tracking_token}", None)).text
    assert f"shipped on {there.day} Mar 2026" in page
    assert f"Left our warehouse on {there.day} Mar 2026" in page


async def test_orders_are_found_by_the_day_that_they_have_in_the_company(far_away: Api, api: Api) -> None:
    placed = [SHOP.life.order(stream).placed_at for stream in SHOP.life.streams if stream.startswith("order-")]
    for asked, zone in ((far_away, KIRITIMATI), (api, ZoneInfo("UTC"))):
        days = [at.astimezone(zone).date() for at in placed]
        for day in {*days, min(days) - timedelta(days=1)}:
            answer = await asked.get(f"/orders?from={day}&to={day}&limit=200")
            assert len(answer.json()["orders"]) == days.count(day), (zone, day)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_first_and_the_last_day_of_the_calendar_are_days_to_search_by(far_away: Api, day: str) -> None:
    for asked in (f"/orders?from={day}", f"/orders?to={day}"):
        assert (await far_away.get(asked)).status_code == 200


async def test_a_field_for_a_moment_says_whose_clock_is_meant(far_away: Api) -> None:
    number = SHOP.number(SHOP.picking)
    page = (await far_away.page(f"/orders/{number}?act=pick", Role.WAREHOUSE)).text
    assert "When it happened (Pacific/Kiritimati)" in page


async def test_a_customer_learns_how_to_reach_the_company_and_staff_is_not_told(far_away: Api) -> None:
    order = SHOP.life.order(SHOP.part_shipped)
    page = (await far_away.page(f"/track/{order.tracking_token}", None)).text
    for told in (CARD.phone, 'href="mailto:hello@northwind.example"', "Mon-Fri 9-17", CARD.address):
        assert told in page
    assert "<script>alert" not in page
    assert CARD.phone not in (await far_away.page(f"/orders/{order.number}")).text


async def test_a_company_that_says_nothing_of_itself_has_no_such_part(api: Api) -> None:
    page = (await api.page(f"/track/{SHOP.token(SHOP.part_shipped)}", None)).text
    assert "How to reach us" not in page


async def test_the_logo_stands_on_every_page_and_is_served_to_everybody(far_away: Api, api: Api) -> None:
    assert CARD.logo is not None
    page = (await far_away.page("/orders")).text
    assert f'src="{CARD.logo.address}"' in page
    served = await far_away.get(CARD.logo.address, None)
    assert (served.status_code, served.content, served.headers["content-type"]) == (200, b"<svg/>", "image/svg+xml")
    assert "default-src 'self';" in served.headers["content-security-policy"]  # a picture may hold a script
    assert (await api.get("/logo", None, headers=PAGE)).status_code == 404
