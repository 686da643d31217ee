"""Every page, as people of either language meet it."""

import re
from html.parser import HTMLParser

import pytest
from typing_extensions import override

from domain.roles import Role
from projections.registry import BOARDS
from tests.query_api.conftest import PAGE, SESSIONS, Api, api_on
from tests.query_api.shop import NASTY, shop
from tests.query_api.test_sentences import CHINESE, FORBIDDEN
from web.signin import SignIn

SHOP = shop()
PART_SHIPPED = SHOP.number(SHOP.part_shipped)
STAFF_PAGES = [
    "/",
    "/orders",
    "/orders?headline=processing&from=2026-01-01&to=2026-12-31",
    "/orders/new/drafts",
    "/orders/new",
    *(f"/boards/{board.name}" for board in BOARDS),
    "/boards/warehouse?queue=to-pick",
    "/boards/sales?customer=nobody-of-this-name",
    "/stock",
    "/stock?waiting=yes",
    "/stock?tasks=count",
    "/stock/22633/main",
    "/stock/22633/main/timeline",
    "/stock/POPPY%206/main",
    "/status",
    "/search",
    "/search?q=71053",
    *[
        f"/orders/{SHOP.number(stream)}"
        for stream in (SHOP.completed, SHOP.part_shipped, SHOP.held, SHOP.nasty, SHOP.long)
    ],
    f"/orders/{PART_SHIPPED}/timeline",
    f"/orders/{PART_SHIPPED}/why?of=line.1",
    f"/orders/{SHOP.number(SHOP.nasty)}/why?of=hold.1",
    f"/orders/{PART_SHIPPED}?version=3",
]
OPEN_PAGES = ["/docs", *[f"/track/{SHOP.token(stream)}" for stream in vars(SHOP).values() if isinstance(stream, str)]]


class Shown(HTMLParser):
    """What a person reads or is read to: text outside of scripts, and attributes that speak."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        self.links += [given[name] or "" for name in ("href", "src") if name in given]
        self.texts += [given[name] or "" for name in ("title", "alt", "aria-label", "placeholder") if name in given]

    @override
    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts)


@pytest.mark.parametrize("chinese", [False, True], ids=["en", "zh"])
@pytest.mark.parametrize("path", [*STAFF_PAGES, *OPEN_PAGES])
async def test_every_page_is_shown_in_the_language_asked_for_and_without_inner_words(
    api: Api, path: str, chinese: bool
) -> None:
    answer = await api.page(path, None if path in OPEN_PAGES else Role.SALES, chinese=chinese)
    assert answer.status_code == 200
    shown = Shown(answer.text)
    assert shown.language == ("zh-CN" if chinese else "en")
    assert ("演示数据" if chinese else "Demo data") in shown.text
    assert (
        bool(CHINESE.search(shown.text.replace("中文", "").replace("长", "").replace("上海远行礼品有限公司", "")))
        is chinese
    )
    assert not FORBIDDEN.search(shown.text)


@pytest.mark.parametrize("path", [*STAFF_PAGES, *OPEN_PAGES])
async def test_markup_in_any_text_field_stays_text(api: Api, path: str) -> None:
    page = (await api.page(path, None if path in OPEN_PAGES else Role.SALES)).text
    assert "<script>" not in page
    assert page.count("DROP TABLE") == page.count("{{ 7*7 }}")
    assert Shown(page).tags.count("script") <= 2


async def test_markup_in_a_name_is_shown_as_it_was_written(api: Api) -> None:
    number = SHOP.number(SHOP.nasty)
    for path in (f"/orders/{number}", f"/orders/{number}/timeline", "/boards/sales"):
        assert NASTY in Shown((await api.page(path)).text).text


@pytest.mark.parametrize("path", [*STAFF_PAGES, *OPEN_PAGES])
async def test_pages_bring_nothing_from_elsewhere_and_nothing_inline(api: Api, path: str) -> None:
    answer = await api.page(path, None if path in OPEN_PAGES else Role.SALES)
    assert "style=" not in answer.text
    assert not re.search(r"\son\w+=", re.sub(r">[^<]*<", "><", answer.text.replace(NASTY, "")))
    assert not [link for link in Shown(answer.text).links if link.startswith(("http", "//"))]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_every_link_to_a_file_of_ours_leads_to_it(api: Api) -> None:
    page = Shown((await api.page("/boards/sales")).text)
    files = {link for link in page.links if link.startswith("/static/")}
    assert len(files) == 5
    for link in files:
        assert (await api.client.get(link)).status_code == 200


async def test_a_language_chosen_on_a_page_is_kept_in_a_cookie(api: Api) -> None:
    first = await api.page("/orders?lang=zh")
    assert Shown(first.text).language == "zh-CN"
    assert Shown((await api.page("/orders")).text).language == "zh-CN"
    assert Shown((await api.page("/orders?lang=en")).text).language == "en"


@pytest.mark.parametrize("https", [True, False])
async def test_the_cookie_of_a_language_travels_by_tls_alone_where_there_is_tls(shop_url: str, *, https: bool) -> None:
    async with api_on(shop_url, https=https) as api:
        said = (await api.page("/orders?lang=zh")).headers["set-cookie"].lower()
    assert said.startswith("lang=zh;")
    assert ("secure" in said) is https


async def test_a_page_says_by_what_it_would_be_another(api: Api) -> None:
    for path in ("/orders", f"/track/{SHOP.token(SHOP.completed)}"):
        assert (await api.page(path)).headers["vary"] == "Accept, Accept-Language, Cookie"


async def test_no_link_leads_to_another_site_because_of_the_address_it_stands_on(api: Api) -> None:
    page = Shown((await api.client.get("http://shop.example//evil.example/", headers=PAGE)).text)
    assert [link for link in page.links if link.startswith("//") or "evil" in link] == []


async def test_an_address_with_a_slash_too_many_is_none_and_leads_nowhere(api: Api) -> None:
    answer = await api.client.get("/orders/", headers={"Host": "evil.example"})
    assert answer.status_code in {401, 404}
    assert "location" not in answer.headers


async def test_a_stranger_on_the_start_page_learns_nothing_of_the_log(api: Api) -> None:
    for headers in (PAGE, {}):
        answer = await api.client.get("/", headers=headers)
        assert answer.status_code == 200
        assert not {"ordertrail-position", "ordertrail-as-of"} & set(answer.headers)


async def test_what_concerns_persons_is_kept_by_nobody_on_the_way(api: Api) -> None:
    for path in ("/orders", f"/orders/{SHOP.number(SHOP.held)}", "/boards/sales"):
        for headers in (PAGE, {}):
            assert (await api.get(path, headers=headers)).headers["cache-control"] == "no-store"


async def test_the_switch_of_language_keeps_the_question(api: Api) -> None:
    page = Shown((await api.page("/orders?customer=Mill&headline=processing")).text)
    assert "?customer=Mill&headline=processing&lang=zh" in page.links


async def test_a_stranger_is_told_what_this_is_and_how_to_sign_in(api: Api) -> None:
    page = await api.page("/", None)
    assert page.status_code == 200
    assert "sign-in link" in page.text
    assert "/boards/" not in page.text


async def test_whoever_is_signed_in_can_sign_out_on_every_page_of_staff(api: Api) -> None:
    await api.sign_in(Role.SALES)
    for path in STAFF_PAGES:
        assert '<form class="leave" method="post" action="/sign-out">' in (await api.page(path, None)).text
    assert "/sign-out" not in (await api.page(OPEN_PAGES[-1], None)).text


async def test_a_page_for_staff_tells_a_stranger_to_sign_in(api: Api) -> None:
    page = await api.page("/boards/sales", None)
    assert page.status_code == 401
    assert "Please sign in" in page.text


@pytest.mark.parametrize(
    "path",
    ["/orders/DEMO-2026-999999-00", f"/orders/{'0' * 8}-0000-0000-0000-{'0' * 12}", "/nowhere", "/stock/NONE/main"],
)
async def test_what_is_not_there_gets_a_kind_page(api: Api, path: str) -> None:
    page = await api.page(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "To the start page" in page.text


async def test_an_order_page_answers_who_what_and_since_when(api: Api) -> None:
    text = Shown((await api.page(f"/orders/{PART_SHIPPED}")).text).text
    for said in (
        "Processing",
        "Part shipped 8/28",
        "Backordered 6",
        "Waiting on",
        "Warehouse",
        "Next step",
        "Pick",
        "ML-2209",
    ):
        assert said in text
    assert "9 Mar 2026" in text


async def test_a_timeline_says_who_when_why_and_caused_by_what(api: Api) -> None:
    text = Shown((await api.page(f"/orders/{SHOP.number(SHOP.cancelled)}/timeline")).text).text
    assert "Cara" in text
    assert "(Customer service)" in text
    assert "Ordered twice by mistake" in text
    assert re.search(r"Caused by:\s+stock of 21730: Reserved for an order", text)
    assert "Hash (SHA-256)" in text


async def test_what_caused_an_event_is_a_link_to_its_place_in_its_own_timeline(api: Api) -> None:
    links = Shown((await api.page(f"/orders/{SHOP.number(SHOP.cancelled)}/timeline")).text).links
    causes = {link for link in links if "#v" in link}
    assert {link.split("/")[1] for link in causes} == {"orders", "stock"}
    for link in causes:
        page, _, place = link.partition("#")
        assert f'<li id="{place}"' in (await api.page(page)).text


@pytest.mark.parametrize(("chinese", "task"), [(False, "Count task · Warehouse"), (True, "盘点任务 · 仓库")])
async def test_a_stock_item_shows_its_count_task_and_whose_it_is(api: Api, chinese: bool, task: str) -> None:
    for path in ("/stock?sku=84406B", "/stock/84406B/main"):
        assert task in Shown((await api.page(path, chinese=chinese)).text).text


@pytest.mark.parametrize(
    ("role", "board"), [(Role.PURCHASING, "purchasing"), (Role.CUSTOMER_SERVICE, "customer-service")]
)
async def test_the_menu_begins_with_a_persons_own_board(api: Api, role: Role, board: str) -> None:
    links = [link for link in Shown((await api.page("/stock", role)).text).links if link.startswith("/boards/")]
    assert links[0] == f"/boards/{board}"
    assert len(links) == len(BOARDS)


async def test_purchasing_is_led_from_its_board_to_the_articles_that_orders_wait_for(api: Api) -> None:
    page = Shown((await api.page("/boards/purchasing", Role.PURCHASING)).text)
    assert "/stock?waiting=yes" in page.links
    awaited = Shown((await api.page("/stock?waiting=yes", Role.PURCHASING)).text).text
    assert "Orders waiting" in awaited
    assert "Longest wait" in awaited


async def test_every_page_says_as_of_when_it_is(api: Api) -> None:
    read_from_no_view = {"/", "/orders/new", "/orders/new/drafts"}
    for path in STAFF_PAGES:
        assert path in read_from_no_view or "As of" in (await api.page(path)).text, path


class Untouched:
    """Codes that nobody may use up."""

    async def new_code(self, actor: str, role: Role | None) -> str:
        raise AssertionError(actor, role)

    async def look(self, _: str) -> tuple[str, Role | None]:
        return ("ada", Role.SALES)

    async def redeem(self, code: str) -> tuple[str, Role | None]:
        raise AssertionError(code)


async def test_opening_a_sign_in_link_shows_a_button_and_leaves_the_code_alone(shop_url: str) -> None:
    sign_in = SignIn(Untouched(), SESSIONS)
    async with api_on(shop_url, sign_in=sign_in) as api:
        page = await api.page('/sign-in?code="><script>', None, chinese=True)
    assert page.status_code == 200
    assert 'name="code" value="&#34;&gt;&lt;script&gt;"' in page.text
    assert "登录" in page.text
