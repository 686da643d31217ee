"""Why? on the order page: who may ask, what is answered, in both languages; and that the page stays small."""

import re
from urllib.parse import urljoin

import pytest

from domain.access import STAFF
from domain.roles import Role
from query_api.chains import Beginning
from query_api.sentences import LANGUAGES, Language
from tests.query_api.conftest import Api
from tests.query_api.shop import shop
from tests.query_api.test_pages import Shown
from tests.query_api.test_sentences import CHINESE, FORBIDDEN

SHOP = shop()
PART_SHIPPED = SHOP.number(SHOP.part_shipped)
ORDERS = [value for value in vars(SHOP).values() if isinstance(value, str) and value.startswith("order-")]
LINK = re.compile(r'<a (?:class="ask" )?href="[^"]+/why\?of=[^"]+">[^<]+</a>')


async def asked_on(api: Api, stream: str) -> list[str]:
    page = Shown((await api.page(f"/orders/{SHOP.number(stream)}")).text)
    return [urljoin("/orders/", link) for link in page.links if "/why?" in link]


def some_of_each_kind(links: list[str]) -> list[str]:
    """Three after each kind of value: lines and parcels are many."""
    kinds: dict[str, list[str]] = {}
    for link in links:
        kinds.setdefault(re.sub(r"\d+", "", link.partition("of=")[2]), []).append(link)
    return [link for of_one_kind in kinds.values() for link in of_one_kind[:3]]


@pytest.mark.parametrize("chinese", [False, True], ids=["en", "zh"])
async def test_every_question_that_an_order_page_offers_is_answered_in_sentences(api: Api, chinese: bool) -> None:
    for stream in ORDERS:
        for link in some_of_each_kind(await asked_on(api, stream)):
            answer = await api.page(link, chinese=chinese)
            assert answer.status_code == 200, link
            shown = Shown(answer.text)
            assert ("为什么？" if chinese else "Why?") in shown.text
            assert shown.tags.count("ol") >= 1, link
            assert bool(CHINESE.search(re.sub("中文|长|上海远行礼品有限公司", "", shown.text))) is chinese, link
            assert not FORBIDDEN.search(shown.text)


async def test_headline_badges_waiting_on_lines_dates_and_holds_can_be_asked_after(api: Api) -> None:
    asked = {link.partition("of=")[2] for link in await asked_on(api, SHOP.part_shipped)}
    expected = {"headline", "waiting-on", "next-step", "since", "badge.part-shipped", "badge.backordered", "line.1"}
    assert expected | {"line.2", "parcel.1", "placed", "requested", "total", "priority"} == asked
    assert {"hold.1", "badge.on-hold.credit"} <= {link.partition("of=")[2] for link in await asked_on(api, SHOP.held)}
    assert {"problem.1", "badge.problem"} <= {link.partition("of=")[2] for link in await asked_on(api, SHOP.failed)}


async def test_an_answer_leads_from_who_began_it_to_the_event_that_made_it_so(api: Api) -> None:
    (answer,) = (await api.get(f"/orders/{PART_SHIPPED}/why?of=badge.backordered")).json()["answers"]
    assert answer["values"] == [{"of": "badge.backordered", "label": "", "said": "Backordered 6"}]
    assert (answer["begins"], answer["gone"]) == ("somebody", False)
    first, *_, last = answer["chain"]
    assert (first["where"], first["role"]) == (PART_SHIPPED, "sales")
    assert last["sentence"] == "Backordered 6 × 22633: waiting for stock of 22633."
    assert [step["where"] for step in answer["chain"]] == [PART_SHIPPED, "Stock 22633", *[PART_SHIPPED] * 2]
    timeline = (await api.get(f"/orders/{PART_SHIPPED}/timeline")).json()["events"]
    assert last["event_id"] in {event["event_id"] for event in timeline}


async def test_each_event_of_an_answer_is_a_link_to_its_place_in_its_timeline(api: Api) -> None:
    links = Shown((await api.page(f"/orders/{PART_SHIPPED}/why?of=line.1")).text).links
    places = {link for link in links if "#v" in link}
    assert {link.split("/")[1] for link in places} == {"orders", "stock"}
    for link in places:
        page, _, place = link.partition("#")
        assert f'<li id="{place}"' in (await api.page(page)).text


async def test_of_what_is_gone_it_is_said_what_ended_it(api: Api) -> None:
    (answer,) = (await api.get(f"/orders/{PART_SHIPPED}/why?of=line.2.packed")).json()["answers"]
    assert (answer["values"][0]["said"], answer["chain"][-1]["type"].split(".")[2]) == ("0", "HandedOver")
    page = await api.page(f"/orders/{SHOP.number(SHOP.cancelled)}/why?of=badge.backordered")
    assert page.status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("", 422, "invalid"),
        ("?of=", 422, "invalid"),
        ("?of=colour", 422, "invalid"),
        (f"?of={'headline' * 11}", 422, "invalid"),
        ("?of=line.9", 404, "no-such-value"),
        ("?of=hold.1", 404, "no-such-value"),
    ],
)
async def test_a_question_that_has_no_answer_is_refused_in_words(api: Api, asked: str, status: int, code: str) -> None:
    answer = await api.get(f"/orders/{PART_SHIPPED}/why{asked}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    page = await api.page(f"/orders/{PART_SHIPPED}/why{asked}", chinese=True)
    assert (page.status_code, CHINESE.search(page.text) is not None) == (status, True)


@pytest.mark.parametrize("language", Language)
def test_of_a_chain_that_nobody_is_seen_to_have_begun_each_page_says_so(language: Language) -> None:
    told = [LANGUAGES[language].text(f"begins_{begins}") for begins in Beginning if begins is not Beginning.SOMEBODY]
    assert len(set(told)) == len(Beginning) - 1


async def test_an_order_that_is_not_there_explains_nothing(api: Api) -> None:
    assert (await api.get("/orders/DEMO-2026-999999-00/why?of=headline")).json()["code"] == "unknown-order"


@pytest.mark.parametrize("role", [*Role, None], ids=str)
async def test_staff_may_ask_and_nobody_else(api: Api, role: Role | None) -> None:
    answer = await api.get(f"/orders/{PART_SHIPPED}/why?of=headline", role)
    assert answer.status_code == (401 if role is None else 200 if role in STAFF else 403)


async def test_the_customer_is_offered_no_why(api: Api) -> None:
    page = Shown((await api.page(f"/track/{SHOP.token(SHOP.part_shipped)}", None)).text)
    assert not [link for link in page.links if "why" in link]


async def test_an_order_as_it_was_asks_nothing(api: Api) -> None:
    assert "/why?" not in (await api.page(f"/orders/{PART_SHIPPED}?version=3")).text


async def test_the_questions_of_a_long_order_are_a_tenth_of_its_page_at_most(api: Api) -> None:
    for chinese in (False, True):
        page = (await api.page(f"/orders/{SHOP.number(SHOP.long)}", chinese=chinese)).text
        assert 320 < len(LINK.findall(page)) < 340
        assert len(page.encode()) <= 1.1 * len(LINK.sub("", page).encode())
