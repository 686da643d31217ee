"""While an order is entered the page says what can be had, suggests what is known, and warns of a reference used before."""

import gzip
import json
import re
from pathlib import Path

import pytest

from domain.order.commands import PlaceOrder
from domain.roles import Role
from domain.values import MOST_LINES
from projections.order import document
from query_api.entry_form import MOST_ROWS, fields_of_order, readable, with_pasted_rows
from query_api.rendering import STATIC
from tests.query_api.conftest import FORMS, PAGE, Api
from tests.query_api.shop import LONG_LINES, NASTY, shop
from tests.query_api.test_new_order import shown, turned
from web.forms import Fields, document_of, shape_of
from web.kept_forms import KeptForm
from web.pasted_lines import PASTED

SHOP = shop()
LARGEST_SCRIPTS = 40_000


def line(row: int, sku: str, quantity: str, name: str = "", price: str = "") -> Fields:
    values = {"sku": sku, "name": name, "quantity": quantity, "unit_price.amount": price}
    return tuple((f"lines.{row}.{field}", text) for field, text in values.items())


TERMS: Fields = (
    ("location", "main"),
    ("partial_shipment", "yes"),
    ("backorder", "yes"),
    ("lines.*.unit_price.currency", "GBP"),
)


async def entered(api: Api, *fields: Fields, chinese: bool = False) -> str:
    """The page with this typed into the form."""
    kept = KeptForm("ada", tuple(pair for part in (TERMS, *fields) for pair in part), {})
    answer = await api.page(f"/orders/new?form={await FORMS.keep(kept)}", Role.SALES, chinese=chinese)
    assert answer.status_code == 200, answer.text
    return answer.text


def beside(page: str, row: str) -> str:
    """What stands beside a line, without markup."""
    found = re.search(rf'id="can-{row}" data-checked>(.*?)</p>', page, flags=re.DOTALL)
    assert found
    return re.sub(r"<[^>]+>", "", found[1]).strip()


async def test_each_line_says_what_can_be_had_now(api: Api) -> None:
    lines = (
        line(0, "71053", "3"),
        line(1, " 22633 ", "5"),
        line(2, "unheard", "1"),
        line(3, "71053", "1000"),
        line(4, "71053", "x"),
    )
    page = await entered(api, *lines)
    assert beside(page, "0").startswith("✓ All here now (")
    assert beside(page, "1").startswith("◇ None here now: no date yet")
    assert beside(page, "2").startswith("◇ Not known at this location: no date yet")
    assert re.search(r"◇ \d+ of 1,000 here now; the rest: no date yet", beside(page, "3"))
    assert beside(page, "4") == ""
    assert "the rest would wait for stock" in page
    assert "尚无日期" in beside(await entered(api, *lines, chinese=True), "1")


@pytest.mark.parametrize(
    ("partial", "backorder", "said"),
    [
        ("yes", "yes", "the rest would wait for stock"),
        ("no", "yes", "nothing would be sent before it can"),
        ("yes", "no", "the rest would be cancelled"),
        ("no", "no", "the whole order would be cancelled"),
    ],
)
async def test_what_becomes_of_what_cannot_be_had_follows_from_the_terms(
    api: Api, partial: str, backorder: str, said: str
) -> None:
    page = await entered(api, line(0, "22633", "5"), (("partial_shipment", partial), ("backorder", backorder)))
    assert said in page
    assert ("would be cancelled" in beside(page, "0")) is (backorder == "no")


async def test_stock_of_another_location_is_not_promised(api: Api) -> None:
    assert "Not known at this location" in beside(
        await entered(api, line(0, "71053", "3"), (("location", "north"),)), "0"
    )
    assert "Not known at this location" in beside(
        await entered(api, line(0, "71053", "3"), (("location", "?? "),)), "0"
    )


async def test_articles_of_the_customer_and_of_the_stock_are_suggested(api: Api) -> None:
    page = await entered(api, (("customer.id", "13047"),))
    options = re.findall(
        r'<option value="([^"]+)">([^<]*)</option>', page.partition('id="articles"')[2].partition("</datalist>")[0]
    )
    assert [sku for sku, _ in options[:2]] == ["22633", "84406B"]
    assert ("85123A", "White hanging heart T-light holder") in options, "somebody ordered it lately"
    assert ("71053", "") in options, "it is in stock"


async def test_an_article_that_is_not_known_suggests_those_that_begin_with_it(api: Api) -> None:
    assert 'value="LONG0"' in await entered(api, line(0, "LONG", "1"))


async def test_check_fills_in_what_is_known_and_nobody_wrote(api: Api) -> None:
    await api.sign_in(Role.SALES)
    mine = (
        ("customer.id", "13047"),
        *TERMS,
        *line(0, "84406b", "2"),
        *line(1, "21730", "1", name="My own words"),
        *line(2, "22752", "1"),
    )
    page = await shown(api, await turned(api, (*mine, ("check", "yes"))))
    assert 'name="lines.0.name" value="Cream cupid hearts coat hanger"' in page
    assert 'name="lines.0.unit_price.amount" value="2.75"' in page
    assert 'name="lines.1.name" value="My own words"' in page
    assert "This article is known as: Glass star frosted T-light holder" in page
    assert 'name="lines.2.name" value="Set 7 babushka nesting boxes"' in page
    assert 'name="lines.2.unit_price.amount" value=""' in page, "what others paid is not this customer's price"
    other = await shown(api, await turned(api, (*mine, ("lines.*.unit_price.currency", "EUR"))))
    assert 'name="lines.0.unit_price.amount" value=""' in other, "a price in another currency is no price"


async def test_the_script_reads_the_same_page_and_nothing_is_kept_for_it(api: Api) -> None:
    await api.sign_in(Role.SALES)
    kept = len(FORMS._kept)
    csrf = re.search(r'name="csrf" value="([^"]+)"', (await api.client.get("/orders/new", headers=PAGE)).text)
    assert csrf
    answer = await api.client.post(
        "/orders/new/check", data={"csrf": csrf[1], **dict(line(0, "21730", "3"))}, headers=PAGE
    )
    assert answer.status_code == 200
    assert 'name="lines.0.name" value="Glass star frosted T-light holder"' in answer.text
    assert len(FORMS._kept) == kept
    assert (await api.client.post("/orders/new/check", data={"csrf": "forged"}, headers=PAGE)).status_code == 403
    await api.sign_in(Role.WAREHOUSE)
    assert (await api.client.post("/orders/new/check", data={"csrf": csrf[1]}, headers=PAGE)).status_code == 403


async def test_the_last_addresses_of_the_customer_can_be_chosen(api: Api) -> None:
    page = await entered(api, (("customer.id", "13047"),))
    button = re.search(r'name="use" value="([^"]+)"', page)
    assert button
    await api.sign_in(Role.SALES)
    typed = (*TERMS, ("ship_to.country", "Nowhere"), ("ship_to.street", "Old Lane 1"), ("use", button[1]))
    taken = await shown(api, await turned(api, typed))
    assert 'name="ship_to.country" value="United Kingdom"' in taken
    assert 'name="ship_to.city" value="Leeds"' in taken
    assert 'name="ship_to.street" value=""' in taken
    for wrong in ("nonsense", "00000000-0000-0000-0000-000000000000"):
        answer = await turned(api, (*typed[:-1], ("use", wrong)))
        assert answer.status_code == 404 or 'value="Nowhere"' in await shown(api, answer)


async def test_a_reference_that_this_customer_used_before_is_shown_beside_the_new_order(api: Api) -> None:
    used = (("customer_reference.number", "ML-2209"), *line(0, "71053", "3", name="Lantern"))
    page = await entered(api, used, (("customer.id", "13047"),))
    assert '<input type="checkbox" name="another" value="yes" required>' in page
    sides = page.partition('id="twice"')[2].partition("</fieldset>")[0]
    assert f"/orders/{SHOP.number(SHOP.part_shipped)}" in sides
    assert "20 × 22633" in sides
    assert "3 × 71053 Lantern" in sides
    assert "used before" not in await entered(api, used, (("customer.id", "17850"),))
    assert "used before" not in await entered(api, used, (("customer.name", "Mill Lane Store"),)), (
        "13047 is known by its number"
    )
    assert "used before" in await entered(
        api, (("customer_reference.number", NASTY), ("customer.id", NASTY)), line(0, NASTY, NASTY, NASTY, NASTY)
    )


async def test_whatever_is_typed_is_shown_as_text(api: Api) -> None:
    nasty = await entered(
        api, (("customer.id", NASTY), (PASTED, NASTY), ("customer_reference.number", NASTY)), line(0, NASTY, "1")
    )
    assert "<script>alert" not in nasty


async def test_a_line_is_removed_with_all_that_it_carries(api: Api) -> None:
    await api.sign_in(Role.SALES)
    page = await shown(
        api, await turned(api, (*line(0, "A", "1"), ("lines.0.unit", "box"), *line(1, "B", "2"), ("remove", "0")))
    )
    assert "lines.0." not in page
    assert 'name="lines.1.sku" value="B"' in page


async def test_check_turns_a_paste_into_lines_to_correct(api: Api) -> None:
    await api.sign_in(Role.SALES)
    pasted = "货号\t数量\t备注\t币种\n21730\t1,200\tfragile\tGBP\n=1+1\t2\t\tGBP"
    page = await shown(
        api, await turned(api, (("lines.*.unit_price.currency", "EUR"), *line(0, "", ""), (PASTED, pasted)))
    )
    assert 'name="lines.0.sku" value="21730"' in page
    assert 'name="lines.0.quantity" value="1200"' in page
    assert 'name="lines.0.name" value="Glass star frosted T-light holder"' in page
    assert 'name="lines.1.sku" value="=1+1"' in page
    assert '<option value="GBP" selected>' in page
    assert "Columns that were left out: 备注." in page


async def test_a_paste_that_cannot_be_read_stays_as_it_is_with_the_reason(api: Api) -> None:
    pasted = "SKU\tQuantity\tCurrency\nA\t1\tEUR\nB\t1\tUSD"
    page = await entered(api, ((PASTED, pasted),))
    assert 'id="f-pasted-error">line 3: another currency than before; an order has one' in page
    assert "B\t1\tUSD</textarea>" in page
    assert "第 3 行的币种与前面不同" in await entered(api, ((PASTED, pasted),), chinese=True)


def test_lines_that_were_typed_in_another_currency_are_not_mixed_with_pasted_ones() -> None:
    pasted = (PASTED, "SKU\tQuantity\tCurrency\nA\t1\tUSD")
    typed = (("lines.*.unit_price.currency", "EUR"), *line(0, "MUG", "1"), pasted)
    assert with_pasted_rows(typed) == typed
    empty = (("lines.*.unit_price.currency", "EUR"), *line(0, "", ""), pasted)
    assert dict(with_pasted_rows(empty))["lines.*.unit_price.currency"] == "USD"


def test_what_becomes_rows_is_the_same_order_as_before() -> None:
    fields = (
        ("lines.*.unit_price.currency", "EUR"),
        *line(0, "MUG", "1"),
        *line(1, "", ""),
        (PASTED, "CUP\t2\nPAN\t3"),
    )
    rows = with_pasted_rows(fields)
    assert PASTED not in dict(rows)
    assert document_of(shape_of(PlaceOrder), rows) == document_of(shape_of(PlaceOrder), readable(fields))


async def test_a_paste_of_more_lines_than_can_be_shown_goes_with_the_order_as_text(api: Api) -> None:
    await api.sign_in(Role.SALES)
    pasted = "SKU\tQuantity\n" + "71053\t1\n" * MOST_ROWS + "22633\t7\n"
    page = await shown(api, await turned(api, (*TERMS, (PASTED, pasted))))
    assert f"go with the order as they are: {MOST_ROWS + 1}." in page
    assert "22633\t7" in page
    assert re.search(r"<b>22633</b> None here now", page)
    assert "there are more lines than an order takes" in await entered(api, ((PASTED, "A\t1\n" * (MOST_LINES + 2)),))


async def test_a_reason_of_a_pasted_line_names_the_line_of_the_text(api: Api) -> None:
    errors = [{"field": "lines.1.quantity", "reason": "no number", "rule": "int_type"}]
    pasted = "SKU\tQuantity\n" + "71053\t1\n\n71053\t=1+1"
    kept = KeptForm("ada", (*TERMS, (PASTED, pasted)), {"code": "invalid", "title": "Bad.", "errors": errors})
    for chinese, said in (
        (False, "Pasted line 4, Quantity: must be a number"),
        (True, "粘贴的第 4 行，数量：须是数字"),
    ):
        page = await api.page(f"/orders/new?form={await FORMS.keep(kept)}", Role.SALES, chinese=chinese)
        assert said in page.text


async def test_an_order_can_be_ordered_again_with_all_but_its_reference(api: Api) -> None:
    number = SHOP.number(SHOP.part_shipped)
    assert f'href="/orders/new?from={number}"' in (await api.page(f"/orders/{number}", Role.SALES)).text
    assert "/orders/new" not in (await api.page(f"/orders/{number}", Role.WAREHOUSE)).text
    page = (await api.page(f"/orders/new?from={number}", Role.SALES)).text
    assert 'name="customer.id" value="13047"' in page
    assert 'name="customer.email" value="buyer@mill-lane.example"' in page
    assert 'name="lines.1.sku" value="84406B"' in page
    assert 'name="lines.1.unit_price.amount" value="2.75"' in page
    assert '<option value="GBP" selected>' in page
    assert "ML-2209" not in page
    assert (await api.page("/orders/new?from=OT-2026-000001-00", Role.SALES)).status_code == 404


async def test_a_very_long_order_is_ordered_again_as_pasted_text(api: Api) -> None:
    page = await api.page(f"/orders/new?from={SHOP.number(SHOP.long)}", Role.SALES)
    assert f"go with the order as they are: {LONG_LINES}." in page.text


@pytest.mark.parametrize("stream", [SHOP.part_shipped, SHOP.long, SHOP.nasty])
def test_ordering_again_orders_the_same(stream: str) -> None:
    order = SHOP.life.order(stream)
    placed = document(order)
    again = PlaceOrder.model_validate_json(
        json.dumps(document_of(shape_of(PlaceOrder), readable(fields_of_order(placed))))
    )
    assert list(again.lines) == [each.line for each in placed.lines]
    assert (again.customer, again.ship_to, again.customer_reference) == (order.customer, order.ship_to, None)


async def test_the_page_of_an_order_says_what_could_not_be_had(api: Api) -> None:
    number = SHOP.number(SHOP.part_shipped)
    assert "Not in stock, waiting: " in (await api.page(f"/orders/{number}", Role.SALES)).text
    assert "Not in stock" not in (await api.page(f"/orders/{SHOP.number(SHOP.completed)}", Role.SALES)).text


def test_all_scripts_together_are_small() -> None:
    scripts = b"".join(path.read_bytes() for path in sorted(Path(STATIC).glob("*.js")))
    assert len(gzip.compress(scripts)) <= LARGEST_SCRIPTS
