"""The one box: each role finds by what it reads and by nothing else, in both languages, whatever is typed."""

import re

import pytest

from domain.access import SIGHTS, STAFF, Sight
from domain.roles import Role
from projections.search_terms import SearchField
from query_api.routes.search import PAGE_OF_HITS, fields_of
from query_api.sentences import LANGUAGES, Language
from tests.query_api.conftest import PAGE, Api, token
from tests.query_api.shop import NASTY, shop
from tests.query_api.test_pages import Shown

SHOP = shop()
PART_SHIPPED = SHOP.number(SHOP.part_shipped)
KNOWN = {
    PART_SHIPPED: None,
    f"PF{SHOP.part_shipped[-9:]}GB": None,
    "84406B": None,
    "ML-2209": Sight.NAMES,
    "13047": Sight.NAMES,
    "mill lane": Sight.NAMES,
    "buyer@mill-lane.example": Sight.CONTACT,
}
"""What somebody may know of one order, and which sight it takes to look for it."""
HOSTILE = [
    "%", "_", "\\", "%_\\", "'", '"', "x' OR '1'='1", "'; DROP TABLE views.search_v1; --", "$1", "{{7*7}}", "\x00", "\u202e",
    "\u200f\u200e", " ", "\t\r\n", "-", "+", "\ud7ff\ufffe", "ﷺ" * 200, "😀", "<script>", "a" * 200,
]  # fmt: skip


async def found(api: Api, asked: str, role: Role = Role.CUSTOMER_SERVICE) -> list[str]:
    answer = await api.client.get("/search", params={"q": asked}, headers=bearer(role))
    return [order["number"] for order in answer.json()["orders"]]


def bearer(role: Role, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role)}", **headers}


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_a_role_finds_an_order_by_what_it_reads_and_by_nothing_else(api: Api, role: Role) -> None:
    for asked, sight in KNOWN.items():
        hits = await found(api, asked, role)
        assert (PART_SHIPPED in hits) == (sight is None or sight in SIGHTS[role]), asked


@pytest.mark.parametrize("role", sorted(STAFF))
async def test_what_a_role_does_not_read_is_answered_as_what_is_not_there(api: Api, role: Role) -> None:
    for asked, sight in KNOWN.items():
        if sight is None or sight in SIGHTS[role]:
            continue
        for headers in ({}, PAGE):
            there, nowhere = [
                await api.client.get("/search", params={"q": text}, headers=bearer(role, **headers))
                for text in (asked, "z" * len(asked))
            ]
            assert there.status_code == nowhere.status_code == 200
            assert plain(there.text, asked) == plain(nowhere.text, "z" * len(asked)), asked


def plain(text: str, asked: str) -> str:
    """Without what was asked, and when."""
    return re.sub(r"<time.*?</time>|q=[^\"&]*", "", text.replace(asked, "…"))


@pytest.mark.parametrize("role", [None, Role.CARRIER])
async def test_only_staff_may_search(api: Api, role: Role | None) -> None:
    assert (await api.get(f"/search?q={PART_SHIPPED}", role)).status_code == (403 if role else 401)


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.PURCHASING, Role.ANALYST])
def test_nobody_looks_by_phone_or_e_mail_who_does_not_read_them(role: Role) -> None:
    assert not {SearchField.PHONE, SearchField.EMAIL} & set(fields_of(role))
    assert {SearchField.NUMBER, SearchField.TRACKING_NUMBER, SearchField.SKU} <= set(fields_of(role))


async def test_hits_are_shown_to_a_role_as_it_reads_orders(api: Api) -> None:
    answer = await api.get("/search?q=84406B", Role.ANALYST)
    assert answer.json()["orders"]
    assert "Mill Lane" not in answer.text
    assert "ML-2209" not in answer.text
    assert answer.json()["looked_in"] == ["number", "tracking_number", "sku"]


@pytest.mark.parametrize("asked", [PART_SHIPPED.lower(), "ml2209", "ＭＬ－２２０９", "Mill", "BUYER@mill-lane.example"])
async def test_a_single_hit_leads_a_person_straight_to_the_order(api: Api, asked: str) -> None:
    answer = await api.client.get("/search", params={"q": asked}, headers=bearer(Role.CUSTOMER_SERVICE, **PAGE))
    assert (answer.status_code, answer.headers.get("location")) == (303, f"/orders/{PART_SHIPPED}")


async def test_several_hits_are_listed_with_what_they_were_found_by_the_latest_first(api: Api) -> None:
    numbers = await found(api, "corner shop")
    assert numbers == [SHOP.number(stream) for stream in reversed(SHOP.waiting)]
    page = Shown((await api.page("/search?q=corner+shop", Role.CUSTOMER_SERVICE)).text)
    assert page.text.count("customer's name") == len(numbers) + 1
    assert f"/orders/{numbers[0]}" in page.links


async def test_an_article_lists_the_orders_that_hold_it_open_ones_first_and_leads_to_its_stock(api: Api) -> None:
    numbers = await found(api, "71053")
    assert numbers[-1] == SHOP.number(SHOP.completed)
    assert numbers[0] == SHOP.number(SHOP.nasty)
    for asked in ("71053", "poppy-6"):
        page = Shown((await api.page(f"/search?q={asked}", Role.CUSTOMER_SERVICE)).text)
        assert any(link.startswith("/stock/") for link in page.links), asked


async def test_pages_of_hits_join(api: Api) -> None:
    first = await api.get("/search?q=85123A")
    whole = [order["number"] for order in first.json()["orders"]]
    assert len(whole) == len(set(whole)) <= PAGE_OF_HITS
    everything = await api.get("/search?q=demo")
    seen = [order["number"] for order in everything.json()["orders"]]
    while "next" in everything.links:
        everything = await api.get(str(everything.links["next"]["url"]))
        seen += [order["number"] for order in everything.json()["orders"]]
    assert len(seen) == len(set(seen)) == len([name for name in SHOP.life.streams if name.startswith("order-")])
    assert (await api.get("/search?q=x&cursor=abc")).status_code == 422


@pytest.mark.parametrize(("chinese", "language"), [(False, Language.EN), (True, Language.ZH)])
async def test_no_hit_says_what_was_looked_for_and_where(api: Api, chinese: bool, language: Language) -> None:
    words = LANGUAGES[language]
    for role in (Role.CUSTOMER_SERVICE, Role.WAREHOUSE):
        text = Shown((await api.page("/search?q=Nobody+Here", role, chinese=chinese)).text).text
        assert "Nobody Here" in text
        assert words.text("found_nothing") in text
        where = text.partition(words.text("looked_in"))[2].partition(words.text("find_how"))[0]
        assert {word for word in words.searched.values() if word in where} == {
            words.searched[field] for field in fields_of(role)
        }


@pytest.mark.parametrize("asked", HOSTILE)
async def test_hostile_input_harms_nothing(api: Api, asked: str) -> None:
    for headers in ({}, PAGE):
        answer = await api.client.get("/search", params={"q": asked}, headers=bearer(Role.CUSTOMER_SERVICE, **headers))
        assert answer.status_code in {200, 303}
        assert "\u202e" not in answer.text
        assert headers != PAGE or "<script>alert" not in answer.text


async def test_markup_in_an_order_is_found_and_shown_as_text(api: Api) -> None:
    assert await found(api, NASTY) == [SHOP.number(SHOP.nasty)]


async def test_what_is_longer_than_any_field_is_refused(api: Api) -> None:
    for headers in ({}, PAGE):
        answer = await api.client.get("/search", params={"q": "a" * 10_000}, headers=bearer(Role.SALES, **headers))
        assert answer.status_code == 422
    assert (await api.client.get("/search", params={"q": "a" * 200}, headers=bearer(Role.SALES))).json()["orders"] == []


async def test_the_box_stands_on_every_page_of_staff_and_on_none_of_a_customer(api: Api) -> None:
    for path in ("/", "/boards/sales", "/orders", f"/orders/{PART_SHIPPED}", "/stock", "/status", "/search"):
        page = (await api.page(path)).text
        assert page.count('action="/search"') == 1, path
        assert "/static/search.js" in page
    customers = (await api.page(f"/track/{SHOP.token(SHOP.part_shipped)}", None)).text
    assert "/search" not in customers
    assert "search.js" not in customers
