"""What customer service has on an order's page: the sentence to read aloud, what the customer sees, one click that logs it."""

import re
from html import unescape

import pytest

from domain.order.commands import HoldTerms, LogContact
from domain.order.terms import Channel, HoldType
from domain.roles import Role
from projections.tracking import tracking_row
from projections.view import Folded
from query_api.sentences import LANGUAGES, Language
from query_api.tracked_page import TrackedPage, tracked_page
from tests.life import Life, line, send_off, terms, with_stock
from tests.query_api.conftest import Api
from tests.query_api.shop import shop
from tests.query_api.test_pages import Shown
from web.forms import document_of, shape_of

SHOP = shop()
PAGE_OF_ORDER = f"/orders/{SHOP.number(SHOP.part_shipped)}"
FROM_CUSTOMER = frozenset({HoldType.ADDRESS, HoldType.PAYMENT, HoldType.CUSTOMER_REQUEST})


def page_of(life: Life, stream: str, language: Language) -> TrackedPage:
    row = tracking_row(Folded(stream, len(life.streams[stream]), life.order(stream), life.streams[stream][-1]))
    assert row is not None
    return tracked_page(row, LANGUAGES[language])


@pytest.mark.parametrize("chinese", [False, True])
async def test_the_sentence_stands_on_top_with_a_way_to_what_the_customer_sees(api: Api, chinese: bool) -> None:
    words = LANGUAGES[Language.ZH if chinese else Language.EN]
    page = Shown((await api.page(PAGE_OF_ORDER, Role.CUSTOMER_SERVICE, chinese=chinese)).text)
    assert page.text.index(words.text("customer_reads")) < page.text.index(words.text("waiting_on"))
    assert page.links.count(f"/track/{SHOP.token(SHOP.part_shipped)}") == 1


@pytest.mark.parametrize("chinese", [False, True])
async def test_one_click_writes_down_that_the_customer_asked_where_it_is_and_what_was_answered(
    api: Api, chinese: bool
) -> None:
    words = LANGUAGES[Language.ZH if chinese else Language.EN]
    page = (await api.page(PAGE_OF_ORDER, Role.CUSTOMER_SERVICE, chinese=chinese)).text
    form = re.search(r'<form method="post" action="([^"]+)" class="asked-where">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    assert form[1] == f"/commands/orders/{SHOP.life.order(SHOP.part_shipped).order_id}/log-contact"
    assert re.findall(r'name="channel" value="([^"]+)"', form[2]) == list(Channel)
    fields = [
        (name, unescape(value)) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[2])
    ]
    assert {"csrf", "key", "back", "act", "version"} < {name for name, _ in fields}
    said = [pair for pair in fields if pair[0] in {"question", "answer"}]
    command = LogContact.model_validate_json(
        LogContact.model_validate(document_of(shape_of(LogContact), [*said, ("channel", "phone")])).model_dump_json()
    )
    assert command.question == words.text("asked_where_question")
    assert command.answer in Shown(page).text


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.LOGISTICS, Role.AUDITOR, Role.ANALYST, Role.PURCHASING])
async def test_who_does_not_read_the_customers_page_has_no_such_click(api: Api, role: Role) -> None:
    assert "asked-where" not in (await api.page(PAGE_OF_ORDER, role)).text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", HoldType)
def test_of_a_hold_a_customer_reads_what_is_needed_or_that_nothing_is(kind: HoldType, language: Language) -> None:
    life = with_stock(Life(), MUG=1)
    stream = life.place(line("MUG", 1), order=terms(holds=(HoldTerms(type=kind, reason="see the file"),)))
    page, words = page_of(life, stream, language), LANGUAGES[language]
    nothing = {Language.EN: "do not have to do anything", Language.ZH: "无需操作"}[language]
    (told,) = (said for _, said in page.problems)
    assert (nothing not in told) == (kind in FROM_CUSTOMER)
    assert (page.next == words.text("next_customer")) == (kind in FROM_CUSTOMER)


@pytest.mark.parametrize("language", Language)
def test_a_hold_asks_nothing_of_the_customer_once_all_has_left(language: Language) -> None:
    life = with_stock(Life(), MUG=1)
    stream = life.place(line("MUG", 1))
    send_off(life, stream, 1)
    assert page_of(life, stream, language).next == LANGUAGES[language].text("next_shipped")


@pytest.mark.parametrize("language", Language)
def test_that_there_is_no_date_is_said_once(language: Language) -> None:
    life, words = Life(), LANGUAGES[language]
    stream = life.place(line("MUG", 2))
    page = page_of(life, stream, language)
    assert {Language.EN: "no date yet", Language.ZH: "日期未定"}[language] in page.whereabouts
    assert page.when == words.text("when_told_later")
    there = with_stock(Life(), MUG=2)
    assert page_of(there, there.place(line("MUG", 2)), language).when == words.text("when_unknown")
