"""Papers to print: what stands on them, in which language, and who may have them."""

import re
from datetime import UTC

import pytest

from domain.decider import Command
from domain.order.commands import HandOver, Pack, Pick, PickedUnits, PlaceOrder, Unpack
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import stock_stream
from domain.values import MAIN, Address, Customer, CustomerReference, Units
from projections.order import OrderRow, document, order_row
from projections.view import Folded
from query_api.codes import order_in, parcel_code, qr
from query_api.paper_page import Printer
from query_api.papers import ADDRESSED, OF_ONE_PARCEL, Paper, lines_of, sheets_of
from query_api.sentences import LANGUAGES, Language
from tests.life import Life
from tests.query_api.conftest import CHINESE, PAGE, Api
from tests.query_api.shop import NASTY, line, shop

SHOP = shop()
PACKERS = (Role.WAREHOUSE, Role.WAREHOUSE_LEAD, Role.LOGISTICS)
UNITS = ("ordered", "here", "to_come")


def address(stream: str, paper: Paper, query: str = "") -> str:
    return f"/orders/{SHOP.number(stream)}/papers/{paper}{query}"


async def only_sheet(api: Api, where: str) -> dict[str, object]:
    told = (await api.get(where)).json()
    assert len(told["sheets"]) == 1
    return dict(told["sheets"][0])


def units(sheet: dict[str, object]) -> list[tuple[int, ...]]:
    lines = sheet["lines"]
    assert isinstance(lines, list)
    return [tuple(each[name] for name in UNITS) for each in lines]


@pytest.mark.parametrize("role", PACKERS)
async def test_who_packs_has_papers_with_the_address_as_long_as_the_order_is_in_the_house(api: Api, role: Role) -> None:
    for paper in ADDRESSED:
        assert (await api.get(address(SHOP.picking, paper), role)).status_code == 200
        assert (await api.get(address(SHOP.completed, paper), role)).status_code == 403
        assert (await api.get(address(SHOP.completed, paper), Role.SALES)).status_code == 200


@pytest.mark.parametrize("role", [Role.PURCHASING, Role.ANALYST])
async def test_who_never_reads_addresses_has_no_paper_with_one(api: Api, role: Role) -> None:
    for paper in ADDRESSED:
        assert (await api.get(address(SHOP.picking, paper), role)).status_code == 403
    assert (await api.get(address(SHOP.picking, Paper.PICK_LIST), role)).status_code == 200


async def test_a_delivery_note_tells_what_was_ordered_what_is_here_and_what_is_to_come(api: Api) -> None:
    assert units(await only_sheet(api, address(SHOP.part_shipped, Paper.DELIVERY_NOTE, "?parcel=1"))) == [
        (20, 0, 20),
        (8, 8, 0),
    ]
    assert units(await only_sheet(api, address(SHOP.short, Paper.DELIVERY_NOTE))) == [(12, 9, 3)]


async def test_a_delivery_note_is_of_the_latest_parcel_once_nothing_lies_ready(api: Api) -> None:
    told = await only_sheet(api, address(SHOP.completed, Paper.DELIVERY_NOTE))
    assert told["parcel"] == 1
    assert units(told) == [(6, 6, 0), (6, 6, 0)]
    assert (await only_sheet(api, address(SHOP.short, Paper.DELIVERY_NOTE)))["parcel"] is None


async def test_the_page_of_an_order_leads_to_the_papers_of_each_parcel(api: Api) -> None:
    page = (await api.page(f"/orders/{SHOP.number(SHOP.completed)}")).text
    for paper in ADDRESSED:
        assert address(SHOP.completed, paper, "?parcel=1") in page


async def test_a_pick_list_has_the_lines_that_are_to_be_picked_and_no_address(api: Api) -> None:
    page = (await api.page(address(SHOP.picking, Paper.PICK_LIST), Role.WAREHOUSE)).text
    assert ">POPPY 6</th>" in page
    assert "Leeds" not in page
    assert "There is nothing to pick now." in (await api.page(address(SHOP.completed, Paper.PICK_LIST))).text


async def test_a_parcel_that_is_not_there_has_no_paper(api: Api) -> None:
    for paper in ADDRESSED:
        assert (await api.get(address(SHOP.completed, paper, "?parcel=7"))).status_code == 404
    assert (await api.get(f"/orders/{SHOP.number(SHOP.picking)}/papers/invoice")).status_code == 422


@pytest.mark.parametrize("chinese", [True, False])
async def test_markup_stands_on_a_paper_as_it_was_written_in_either_language(api: Api, chinese: bool) -> None:
    page = (await api.page(address(SHOP.nasty, Paper.DELIVERY_NOTE), chinese=chinese)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert LANGUAGES[Language.ZH if chinese else Language.EN].text("signature") in page


async def test_an_order_s_page_leads_to_the_papers_that_its_reader_may_have(api: Api) -> None:
    for role, stream, there in (
        (Role.WAREHOUSE, SHOP.picking, True),
        (Role.WAREHOUSE, SHOP.completed, False),
        (Role.SALES, SHOP.completed, True),
    ):
        page = (await api.get(f"/orders/{SHOP.number(stream)}", role, headers=PAGE)).text
        assert (address(stream, Paper.DELIVERY_NOTE) in page) is there
        assert address(stream, Paper.PICK_LIST) in page


async def test_a_paper_may_be_had_in_the_other_language_and_the_reader_s_own_stays(api: Api) -> None:
    page = await api.page(address(SHOP.picking, Paper.DELIVERY_NOTE), chinese=True)
    assert "送货单" in page.text
    other = re.search(r'href="(\?[^"]*language=en[^"]*)"', page.text)
    assert other
    page = await api.get(address(SHOP.picking, Paper.DELIVERY_NOTE, other[1]), headers=CHINESE)
    assert 'class="paper" lang="en"' in page.text
    assert "系统状态" in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("paper", Paper)
async def test_no_paper_has_a_price_or_an_e_mail(api: Api, paper: Paper) -> None:
    for stream in (SHOP.part_shipped, SHOP.picking):
        page = (await api.page(address(stream, paper))).text
        assert "buyer@mill-lane.example" not in page
        assert "GBP" not in page


async def test_a_program_of_the_warehouse_reads_no_price_on_a_paper(api: Api) -> None:
    told = (await api.get(address(SHOP.picking, Paper.PICK_LIST), Role.WAREHOUSE)).text
    assert "price" not in told


def two_parcels(language: str | None = None, *since: Command) -> OrderRow:
    """An order of which one parcel was unpacked, two lie here, and a unit is yet to be picked; and what was done since."""
    life = Life()
    for sku in ("85123A", "71053"):
        life.do(stock_stream(sku, MAIN), ReceiveStock(quantity=50), by="Wen", role=Role.WAREHOUSE)
    stream = life.place(
        order=PlaceOrder(
            customer=Customer(name="Mill Lane", language=language),
            customer_reference=CustomerReference(number="ML-1"),
            ship_to=Address(country="Norway", name="Rosa", street="Lane 7", city="Oslo"),
            lines=(line("85123A", 5), line("71053", 3)),
        )
    )

    def pack(number: int, quantity: int) -> Pack:
        return Pack(contents=(Units(line=number, quantity=quantity),))

    picked = (PickedUnits(line=1, quantity=5), PickedUnits(line=2, quantity=2))
    packed = (pack(1, 5), Unpack(parcel=1, reason="Too heavy"), pack(1, 5), pack(2, 2))
    life.do(stream, Pick(units=picked), *packed, *since, by="Wen", role=Role.WAREHOUSE)
    row = order_row(Folded(stream, life.order(stream).version, life.order(stream), life.streams[stream][-1]))
    assert row is not None
    return row


def test_each_parcel_has_its_own_slip_and_label_that_say_which_of_how_many_it_is() -> None:
    order = two_parcels()
    for paper in (Paper.PACKING_SLIP, Paper.PARCEL_LABEL):
        sheets = sheets_of(order, paper)
        assert [(sheet.place, sheet.places, sheet.more) for sheet in sheets] == [(1, 2, True), (2, 2, True)]
        assert [sheet.place for sheet in sheets_of(order, paper, 3)] == [2]
        assert sheets_of(order, paper, 1) == ()
    assert [[(one.sku, one.here) for one in sheet.lines] for sheet in sheets_of(order, Paper.PACKING_SLIP)] == [
        [("85123A", 5)],
        [("71053", 2)],
    ]
    assert [sheet.code for sheet in sheets_of(order, Paper.PARCEL_LABEL)] == [f"{order.number}/2", f"{order.number}/3"]


def leaves(parcel: int) -> HandOver:
    return HandOver(parcel=parcel, carrier="DHL")


def test_slips_and_labels_are_of_the_parcels_that_are_here_and_of_all_once_none_is() -> None:
    for since, shown in (((), [2, 3]), ((leaves(2),), [3]), ((leaves(3), leaves(2)), [2, 3])):
        for paper in OF_ONE_PARCEL:
            sheets = sheets_of(two_parcels(None, *since), paper)
            assert [sheet.parcel.number for sheet in sheets if sheet.parcel] == shown


def test_more_is_to_come_until_what_was_picked_is_packed() -> None:
    picked = Pick(units=(PickedUnits(line=2, quantity=1),))
    for since, more in (((picked,), True), ((picked, Pack(contents=(Units(line=2, quantity=1),))), False)):
        sheets = sheets_of(two_parcels(None, *since), Paper.PACKING_SLIP)
        assert {sheet.more for sheet in sheets} == {more}


def test_a_delivery_note_goes_with_the_latest_of_the_parcels_that_have_left() -> None:
    (note,) = sheets_of(two_parcels(None, leaves(2), leaves(3)), Paper.DELIVERY_NOTE)
    assert note.parcel is not None
    assert (note.parcel.number, [line.here for line in note.lines]) == (3, [0, 2])


def test_the_code_of_a_parcel_leads_to_its_order_until_it_is_the_carrier_s() -> None:
    order = two_parcels()
    parcel = order.state.parcels[2]
    assert order_in(parcel_code(order.number, parcel)) == order.number
    assert order_in(parcel_code(order.number, parcel).lower()) == order.number.lower()
    assert [order_in(text) for text in ("PO/2", "12/12", "/1", "x")] == ["PO/2", "12/12", "/1", "x"]
    gone = SHOP.life.order(SHOP.completed).parcels[0]
    assert parcel_code("any", gone) == gone.tracking_number


def test_a_code_is_a_picture_without_style_or_script_whatever_is_in_it() -> None:
    for text in ("OT-2026-000123-45", NASTY, "运单" * 100):
        assert re.fullmatch(
            r'<svg aria-hidden="true" viewBox="[\d ]+" class="qr"><path stroke="#000" d="[-Mmhv\d. ]+"/></svg>',
            qr(text),
        )


async def test_a_scanned_label_leads_to_the_order(api: Api) -> None:
    found = await api.page(f"/search?q={SHOP.number(SHOP.short)}/3")
    assert found.headers["location"] == f"/orders/{SHOP.number(SHOP.short)}"


@pytest.mark.parametrize(
    ("customers", "chosen", "language"),
    [
        (None, None, Language.EN),
        ("zh-Hans-CN", None, Language.ZH),
        ("de", None, Language.EN),
        ("zh", Language.EN, Language.EN),
    ],
)
def test_a_customer_s_paper_is_in_the_customer_s_language_as_far_as_we_speak_it(
    customers: str | None, chosen: Language | None, language: Language
) -> None:
    order, printer = two_parcels(customers), Printer(Role.SALES, Language.EN, UTC, SHOP.life.now, chosen)
    for paper in Paper:
        expected = language if paper in {Paper.DELIVERY_NOTE, Paper.PACKING_SLIP} else chosen or Language.EN
        assert {sheet.words.language for sheet in printer.sheets(order, paper)} == {expected}


def test_every_unit_of_an_order_is_here_to_come_or_gone() -> None:
    for stream in (stream for stream in SHOP.life.streams if stream.startswith("order-")):
        order = document(SHOP.life.order(stream))
        for parcel in (None, *order.parcels):
            for one in lines_of(order, parcel):
                known = next(each.units for each in order.lines if each.number == one.number)
                left = sum(
                    known.get(stage, 0) for stage in ("handed-over", "received", "returned", "lost", "cancelled")
                )
                gone_with_it = one.here if parcel is not None and parcel.handed_over_at else 0
                assert one.here + one.to_come + left - gone_with_it == one.ordered
                assert one.sent_before == left - gone_with_it - known.get("cancelled", 0)
