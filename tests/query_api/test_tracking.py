"""The customer's page: public, complete without script, small, and silent about everything that is not the customer's."""

import re
from decimal import Decimal

import pytest

from domain.order.commands import HandOver, Pack, Pick, PickedUnits, RecordCheckpoint, ResolveException, StartPick
from domain.order.terms import Outcome, ParcelStatus
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Line, Price, Units
from query_api.rendering import ASSETS, STATIC
from query_api.sentences import LANGUAGES, Language
from query_api.tracked_page import tracked_page
from tests.life import Life, delivered, line, send_off, with_stock
from tests.projections.test_views import tracking_row
from tests.query_api.conftest import Api
from tests.query_api.shop import LONG_LINES, shop
from tests.query_api.test_pages import Shown

SHOP = shop()
LARGEST_PAGE_BYTES = 50_000


def link(stream: str) -> str:
    return f"/track/{SHOP.token(stream)}"


async def test_the_page_says_where_it_is_when_it_comes_and_what_is_next(api: Api) -> None:
    text = Shown((await api.page(link(SHOP.out_for_delivery), None)).text).text
    assert "Out for delivery" in text
    assert "Expected arrival: 4 Mar 2026, according to the carrier." in text
    assert "Next: the carrier hands your parcel to you." in text
    assert "Set 7 babushka nesting boxes" in text
    assert "The driver rings twice." in text


async def test_a_date_nobody_gave_is_not_made_up(api: Api) -> None:
    text = Shown((await api.page(link(SHOP.waiting[0]), None)).text).text
    assert "We do not know the date yet. We will tell you." in text


async def test_what_follows_later_is_listed_apart(api: Api) -> None:
    text = Shown((await api.page(link(SHOP.part_shipped), None)).text).text
    assert "8 of 28 shipped on 2 Mar 2026 with Parcelforce;" in text
    assert "Not sent yet" in text
    assert "Waiting for stock" in text


async def test_trouble_is_told_in_plain_words(api: Api) -> None:
    assert "nobody was there" in (await api.page(link(SHOP.failed), None)).text
    held = (await api.page(link(SHOP.held), None)).text
    assert "looking into something" in held
    assert "1,240" not in held
    assert "redit" not in held


@pytest.mark.parametrize(("status", "news"), [(ParcelStatus.LOST, "cannot find"), (ParcelStatus.RETURNING, "way back")])
def test_of_a_parcel_that_does_not_come_nobody_says_that_the_carrier_brings_it(status: ParcelStatus, news: str) -> None:
    life = Life()
    life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=2))
    stream = life.place(Line(sku="MUG", name="Mug", quantity=2, unit_price=Price(amount=Decimal(1), currency="EUR")))
    units, picked = (Units(line=1, quantity=2),), (PickedUnits(line=1, quantity=2),)
    life.do(stream, StartPick(), Pick(units=picked), Pack(contents=units))
    life.do(stream, HandOver(parcel=1, carrier="DHL", tracking_number="1"))
    life.do(stream, RecordCheckpoint(carrier="DHL", tracking_number="1", status=status, code="7"))
    page = tracked_page(tracking_row(life, stream), LANGUAGES[Language.EN])
    assert news in str(page.problems)
    assert page.next == "Next: we contact you about the parcel."


def test_one_unit_is_no_units() -> None:
    life = Life()
    life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=1))
    stream = life.place(Line(sku="MUG", name="Mug", quantity=2, unit_price=Price(amount=Decimal(1), currency="EUR")))
    units, picked = (Units(line=1, quantity=1),), (PickedUnits(line=1, quantity=1),)
    life.do(stream, StartPick(), Pick(units=picked), Pack(contents=units))
    life.do(stream, HandOver(parcel=1, carrier="DHL", tracking_number="1"))
    life.do(stream, RecordCheckpoint(carrier="DHL", tracking_number="1", status=ParcelStatus.DELIVERED, code="7"))
    words = LANGUAGES[Language.EN]
    page = tracked_page(tracking_row(life, stream), words)
    assert page.next == "Next: we send the remaining 1 unit."
    assert page.whereabouts == "1 of 2 received on 2 Mar 2026; 1 waits for stock, no date yet."
    assert [words.units(1), words.units(2_000)] == ["1 unit", "2,000 units"]
    assert [words.more_articles(1), words.more_articles(2)] == ["and 1 more article", "and 2 more articles"]


@pytest.mark.parametrize(
    ("status", "outcome", "told"),
    [(ParcelStatus.LOST, Outcome.LOST, "2 lost"), (ParcelStatus.RETURNED, Outcome.RETURNED, "2 back with us")],
)
def test_what_was_lost_or_came_back_is_not_called_received(status: ParcelStatus, outcome: Outcome, told: str) -> None:
    life = with_stock(Life(), MUG=5)
    stream = life.place(line("MUG", 5))
    send_off(life, stream, 2)
    life.do(stream, RecordCheckpoint(carrier="DHL", tracking_number="T-1", status=status, code="7"))
    life.do(stream, ResolveException(exception=1, outcome=outcome, reason="asked the carrier"))
    send_off(life, stream, 3)
    on_the_way = tracked_page(tracking_row(life, stream), LANGUAGES[Language.EN])
    assert on_the_way.where == "Shipped"
    assert on_the_way.whereabouts == f"3 of 5 shipped on 2 Mar 2026 with DHL; {told}."
    assert on_the_way.parcels[0].when == "Left our warehouse on 2 Mar 2026."
    life.do(stream, delivered(2))
    assert life.order(stream).completed_at
    page = tracked_page(tracking_row(life, stream), LANGUAGES[Language.EN])
    assert (page.where, page.whereabouts) == ("Received", f"3 of 5 received on 2 Mar 2026; {told}.")
    assert (page.when, page.next) == ("Nothing is on its way.", "Next: we contact you about the parcel.")


def test_next_is_what_is_still_to_come_and_from_whom() -> None:
    words, told = LANGUAGES[Language.EN], list[str]()
    life = with_stock(Life(), MUG=3)
    stream = life.place(line("MUG", 5))
    send_off(life, stream, 2)
    told.append(tracked_page(tracking_row(life, stream), words).next)
    life.do(stream, delivered(1))
    told.append(tracked_page(tracking_row(life, stream), words).next)
    life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=2))
    send_off(life, stream, 3)
    told.append(tracked_page(tracking_row(life, stream), words).next)
    life.do(stream, delivered(2))
    told.append(tracked_page(tracking_row(life, stream), words).next)
    assert told == [
        "Next: the carrier brings your parcel.",
        "Next: we send the remaining 3 units.",
        "Next: the carrier brings the remaining 3 units.",
        "You have received everything.",
    ]


async def test_a_finished_and_a_cancelled_order_say_so(api: Api) -> None:
    assert "Everything received" in (await api.page(link(SHOP.completed), None)).text
    cancelled = Shown((await api.page(link(SHOP.cancelled), None)).text)
    assert "Nothing will be sent." in cancelled.text
    assert "Out for delivery" not in cancelled.text


@pytest.mark.parametrize("stream", [SHOP.long, SHOP.nasty, SHOP.part_shipped, SHOP.completed])
async def test_page_and_files_together_are_small_enough_for_a_phone(api: Api, stream: str) -> None:
    page = await api.page(link(stream), None, chinese=True)
    asked_for = [name for name, address in ASSETS.items() if address in page.text]
    assert {"ordertrail.css", "follow.js"} <= set(asked_for)
    files = sum((STATIC / name).stat().st_size for name in asked_for)
    assert len(page.content) + files <= LARGEST_PAGE_BYTES


async def test_a_very_long_order_can_be_shown_whole(api: Api) -> None:
    short = await api.page(link(SHOP.long), None)
    assert "?show=all" in Shown(short.text).links
    whole = await api.page(link(SHOP.long) + "?show=all", None)
    assert whole.text.count("长") > LONG_LINES


async def test_the_page_is_complete_without_script(api: Api) -> None:
    page = (await api.page(link(SHOP.out_for_delivery), None)).text
    bare = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert Shown(bare).text == Shown(page).text
    assert "hidden" not in re.findall(r"<[^>]+>", bare)


async def test_the_link_is_not_to_be_found_kept_or_passed_on(api: Api) -> None:
    page = await api.page(link(SHOP.part_shipped), None)
    assert page.headers["x-robots-tag"] == "noindex"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"


async def test_nothing_of_staff_or_of_other_people_is_on_the_page(api: Api) -> None:
    page = (await api.page(link(SHOP.part_shipped), Role.SALES)).text
    for inner in ("/boards", "/orders", "/status", "Wen Li", "Olga", "buyer@mill-lane.example", "Leeds"):
        assert inner not in page


@pytest.mark.parametrize("headers", [{"Accept": "text/html"}, {"Accept": "application/json"}])
async def test_unknown_and_malformed_links_are_answered_alike(api: Api, headers: dict[str, str]) -> None:
    answers = [
        await api.get(f"/track/{token}", None, headers=headers)
        for token in ("x" * 22, "x", "a'; DROP TABLE views.order_v1; --", "%00" * 22, "é" * 30)
    ]
    assert {answer.status_code for answer in answers} == {404}
    bodies = {re.sub(r'href="[^"]*lang=[^"]*"', "", answer.text) for answer in answers}
    assert len(bodies) == 1
    assert all(answer.headers["x-robots-tag"] == "noindex" for answer in answers)


async def test_a_program_gets_the_same_facts_without_the_order_s_inner_id(api: Api) -> None:
    told = (await api.get(link(SHOP.part_shipped), None)).json()
    assert told["number"] == SHOP.number(SHOP.part_shipped)
    assert told["milestone"] == "shipped"
    assert (told["units_of"], told["units_shipped"]) == (28, 8)
    assert "order_id" not in told
