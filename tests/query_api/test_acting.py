"""The pages of orders and stock show what their reader may do now, and a refused form with all that was typed."""

import re

import httpx
import pytest

from domain.offering import Act
from domain.roles import Role
from query_api.sentences import LANGUAGES, Language
from tests.query_api.conftest import FORMS, Api
from tests.query_api.shop import LONG_LINES, NASTY, shop
from web.kept_forms import KeptForm

SHOP = shop()
NOTE = {"occurred_at": "2026-03-02T09:30:00Z", "author": "ada", "audience": "internal", "text": "Ring twice"}
PICKING = f"/orders/{SHOP.number(SHOP.picking)}"


async def seen(api: Api, path: str, role: Role, *, chinese: bool = False) -> str:
    answer = await api.page(path, role, chinese=chinese)
    assert answer.status_code == 200, answer.text
    return answer.text


def first_button(page: str) -> str:
    """The word of the first thing that can be done."""
    acts = page.partition('class="acts"')[2]
    found = re.search(r"<(?:a|button)[^>]*>([^<]+)<", acts)
    return found[1].strip() if found else ""


async def test_the_next_step_is_the_first_button_of_who_takes_it(api: Api) -> None:
    assert first_button(await seen(api, PICKING, Role.WAREHOUSE)) == "Pick"
    assert first_button(await seen(api, PICKING, Role.WAREHOUSE, chinese=True)) == "拣货"
    held = f"/orders/{SHOP.number(SHOP.nasty)}"
    assert first_button(await seen(api, held, Role.SALES)).startswith("Resume")
    failed = f"/orders/{SHOP.number(SHOP.failed)}"
    assert first_button(await seen(api, failed, Role.CUSTOMER_SERVICE)).startswith("Resolve problem")


async def test_who_only_reads_has_nothing_to_press(api: Api) -> None:
    assert 'class="acts"' not in await seen(api, PICKING, Role.AUDITOR)


async def test_a_past_state_offers_nothing(api: Api) -> None:
    assert 'class="acts"' not in await seen(api, f"{PICKING}?version=2", Role.WAREHOUSE)


async def test_a_form_opens_filled_in_with_what_is_likely(api: Api) -> None:
    page = await seen(api, f"{PICKING}?act=pick", Role.WAREHOUSE)
    order = SHOP.life.order(SHOP.picking)
    assert f'action="/commands/orders/{order.order_id}/pick"' in page
    assert f'name="version" value="{order.version}"' in page
    assert re.search(r'name="units\.1\.quantity" value="4"', page)
    assert re.search(r'name="units\.2\.quantity" value="2"', page)
    assert 'name="key" value="' in page


async def test_a_boards_button_opens_the_form_of_the_next_step(api: Api) -> None:
    board = await seen(api, "/boards/warehouse", Role.WAREHOUSE)
    assert f'href="{PICKING}?act=next#act"' in board
    assert f"/orders/{SHOP.life.order(SHOP.picking).order_id}/pick" in await seen(
        api, f"{PICKING}?act=next", Role.WAREHOUSE
    )
    assert "?act=next" not in await seen(api, "/boards/warehouse", Role.SALES)
    assert "taken by somebody else" in await seen(api, f"{PICKING}?act=next", Role.SALES)


async def test_a_form_names_no_day_that_is_over(api: Api) -> None:
    page = await seen(api, f"/orders/{SHOP.number(SHOP.waiting[0])}?act=promise-dates", Role.SALES)
    least = re.search(r'name="promises\.\d+\.on"[^>]* type="date" min="([^"]+)"', page)
    assert least
    assert least[1] == SHOP.life.now.date().isoformat()


async def test_an_act_that_is_not_offered_opens_nothing(api: Api) -> None:
    for act in ("confirm-receipt.1", "nonsense", NASTY):
        page = await seen(api, str(httpx.URL(PICKING, params={"act": act})), Role.WAREHOUSE)
        assert 'id="act"' not in page
        assert "<script>alert" not in page


async def refused(api: Api, code: str, *fields: tuple[str, str], chinese: bool = False, actor: str = "ada") -> str:
    problem = {"code": code, "title": "It was refused.", "errors": [], "facts": {"seen": 2, "version": 7}}
    name = await FORMS.keep(KeptForm(actor, (("version", "2"), *fields), problem))
    return await seen(api, f"{PICKING}?form={name}", Role.WAREHOUSE, chinese=chinese)


async def test_a_refused_form_is_shown_again_as_it_was_typed(api: Api) -> None:
    typed = (("act", "pick"), ("units.1.quantity", "six"), ("reason", NASTY))
    page = await refused(api, "invalid", *typed)
    assert "It was refused." in page
    assert 'value="six"' in page
    assert "<script>alert" not in page
    assert LANGUAGES[Language.ZH].refusals["invalid"] in await refused(api, "invalid", *typed, chinese=True)


async def test_a_form_whose_outcome_is_unknown_is_sent_again_under_its_own_key(api: Api) -> None:
    page = await refused(api, "still-unknown", ("act", "pick"), ("key", "k4711"), ("units.1.quantity", "4"))
    opened = page.partition('id="act"')[2].partition("</form>")[0]
    assert 'name="key" value="k4711"' in opened


async def test_a_form_whose_key_was_used_for_something_else_is_sent_again_under_a_fresh_one(api: Api) -> None:
    page = await refused(api, "key-reused", ("act", "pick"), ("key", "k4711"), ("units.1.quantity", "4"))
    assert "k4711" not in page.partition('id="act"')[2].partition("</form>")[0]
    assert "This was sent and recorded before" in page


async def test_nobody_sees_what_another_person_typed(api: Api) -> None:
    assert "six" not in await refused(api, "invalid", ("act", "pick"), ("units.1.quantity", "six"), actor="bob")


@pytest.mark.parametrize("code", ["changed-meanwhile", "received-meanwhile"])
async def test_what_changed_meanwhile_can_be_recorded_all_the_same(api: Api, code: str) -> None:
    page = await refused(api, code, ("act", "pick"), ("units.1.line", "1"), ("units.1.quantity", "9"))
    assert "Changed meanwhile, please check." in page
    again = page.partition('class="again"')[2].partition("</form>")[0]
    assert re.findall(r'name="version" value="([^"]*)"', again) == ["7"]
    assert 'name="units.1.quantity" value="9"' in again


async def test_what_is_recorded_all_the_same_is_sent_under_a_key_of_its_own(api: Api) -> None:
    page = await refused(api, "changed-meanwhile", ("act", "pick"), ("key", "k4711"), ("back", "/"))
    again = page.partition('class="again"')[2].partition("</form>")[0]
    assert re.findall(r'name="key" value="([^"]*)"', again) == ["k4711again"]
    assert re.findall(r'name="back" value="([^"]*)"', again) == [PICKING]


async def test_what_nothing_undoes_is_not_recorded_all_the_same(api: Api) -> None:
    told = {"code": "changed-meanwhile", "title": "It changed.", "address": "/commands/orders/1/request-cancel"}
    name = await FORMS.keep(KeptForm("ada", (("act", "cancel-order"), ("reason", "Ordered twice")), told))
    page = await seen(api, f"{PICKING}?form={name}", Role.SALES)
    assert "Changed meanwhile, please check." in page
    assert 'class="again"' not in page


async def test_what_is_offered_no_longer_is_recorded_all_the_same_where_it_was_sent(api: Api) -> None:
    address = f"/commands/orders/{SHOP.life.order(SHOP.completed).order_id}/hand-over"
    told = {"code": "changed-meanwhile", "title": "Somebody else was quicker.", "address": address}
    name = await FORMS.keep(KeptForm("ada", (("act", "hand-over.1"), ("parcel", "1"), ("carrier", "DHL")), told))
    page = await seen(api, f"/orders/{SHOP.number(SHOP.completed)}?form={name}", Role.WAREHOUSE)
    assert f'<form method="post" action="{address}" class="again">' in page


async def test_what_nothing_undoes_is_carried_out_only_once_it_was_seen_what_it_does(api: Api) -> None:
    def buttons(page: str) -> list[str]:
        return re.findall(r"<button[^>]*>([^<]+)<", page.partition('id="act"')[2].partition("</form>")[0])

    form = f"{PICKING}?act=cancel-order"
    assert buttons(await seen(api, form, Role.SALES)) == ["Preview"]
    fields = (("act", "cancel-order"), ("reason", "Ordered twice"))
    for code, expected in (("preview", ["Cancel order", "Preview"]), ("invalid", ["Preview"])):
        name = await FORMS.keep(KeptForm("ada", fields, {"code": code, "title": "It was refused."}))
        page = await seen(api, f"{PICKING}?form={name}", Role.SALES)
        assert buttons(page) == expected
        assert (f'name="shown" value="{name}"' in page) is (code == "preview")
    assert buttons(await seen(api, f"{PICKING}?act=pick", Role.WAREHOUSE)) == ["Pick", "Preview"]


async def test_a_preview_says_in_words_what_the_form_would_do(api: Api) -> None:
    told = {
        "code": "preview",
        "events": [{"type": "ordertrail.order.NoteAdded.v1", "data": NOTE}],
        "state_before": {"headline": "processing", "badges": [], "waiting_on": "warehouse", "next_action": "pick"},
        "state_after": {"headline": "shipped", "badges": [], "waiting_on": "carrier", "next_action": "deliver"},
        "told": ["stock-POPPY 6@main"],
    }
    name = await FORMS.keep(KeptForm("ada", (("act", "pick"), ("units.1.quantity", "3")), told))
    english, chinese = [await seen(api, f"{PICKING}?form={name}", Role.WAREHOUSE, chinese=zh) for zh in (False, True)]
    assert "Preview (nothing recorded yet)" in english
    assert "Processing → <b>Shipped</b>" in english
    assert "This would change too: stock of POPPY 6" in english
    assert 'value="3"' in english
    assert "Not done." not in english
    assert "处理中 → <b>已发货</b>" in chinese


async def test_programs_are_told_the_same_offers(api: Api) -> None:
    told = (await api.get(f"{PICKING}/offers", Role.WAREHOUSE)).json()
    assert told["version"] == SHOP.life.order(SHOP.picking).version
    first = told["offers"][0]
    assert (first["act"], first["rank"], first["command"]) == (Act.PICK, "next", "Pick")
    assert first["limits"]["units"]["lines"][0] == {"line": 1, "sku": "POPPY 6", "most": 4, "likely": 4}
    assert (await api.get(f"{PICKING}/offers", Role.AUDITOR)).json()["offers"] == []
    assert (await api.get(f"{PICKING}/offers", Role.CARRIER)).status_code == 403


async def test_each_article_that_an_order_waits_for_has_a_form_of_its_own(api: Api) -> None:
    waits = f"/orders/{SHOP.number(SHOP.long)}"
    page = await seen(api, waits, Role.PURCHASING)
    for sku in ("LONG0", "LONG1"):
        assert f"?act=receive-stock.{sku}#act" in page
        opened = await seen(api, f"{waits}?act=receive-stock.{sku}", Role.PURCHASING)
        assert f'action="/commands/stock/{sku}/main/receive"' in opened


async def test_of_very_many_things_to_do_the_first_stand_in_front(api: Api) -> None:
    page = await seen(api, f"/orders/{SHOP.number(SHOP.long)}", Role.PURCHASING)
    front, _, behind = page.partition('class="acts"')[2].partition("<details")
    assert front.count("?act=receive-stock.") == 12
    assert behind.count("?act=receive-stock.") == LONG_LINES - 12


async def test_a_stock_item_is_received_and_counted_on_its_page(api: Api) -> None:
    page = await seen(api, "/stock/85123A/main?act=receive-stock.85123A", Role.WAREHOUSE)
    assert 'action="/commands/stock/85123A/main/receive"' in page
    assert 'name="quantity"' in page
    told = (await api.get("/stock/85123A/main/offers", Role.PURCHASING)).json()
    assert [offer["act"] for offer in told["offers"]] == ["receive-stock", "teach-code"]
    assert first_button(await seen(api, "/stock/85123A/main", Role.SALES)) == ""
