"""Papers to print: what stands on them, and who may have them."""

import pytest

from domain.roles import Role
from query_api.papers import Paper, lines_of
from query_api.sentences import LANGUAGES, Language
from tests.query_api.conftest import PAGE, Api
from tests.query_api.shop import shop

SHOP = shop()
PACKERS = (Role.WAREHOUSE, Role.WAREHOUSE_LEAD, Role.LOGISTICS)


def address(stream: str, paper: Paper, query: str = "") -> str:
    return f"/orders/{SHOP.number(stream)}/papers/{paper}{query}"


@pytest.mark.parametrize("role", PACKERS)
async def test_who_packs_has_the_delivery_note_as_long_as_the_order_is_in_the_house(api: Api, role: Role) -> None:
    assert (await api.get(address(SHOP.picking, Paper.DELIVERY_NOTE), role)).status_code == 200
    assert (await api.get(address(SHOP.completed, Paper.DELIVERY_NOTE), role)).status_code == 403
    assert (await api.get(address(SHOP.completed, Paper.DELIVERY_NOTE), Role.SALES)).status_code == 200


@pytest.mark.parametrize("role", [Role.PURCHASING, Role.ANALYST])
async def test_who_never_reads_addresses_has_no_delivery_note(api: Api, role: Role) -> None:
    assert (await api.get(address(SHOP.picking, Paper.DELIVERY_NOTE), role)).status_code == 403


async def test_a_delivery_note_tells_what_was_ordered_what_is_here_and_what_is_to_come(api: Api) -> None:
    told = (await api.get(address(SHOP.part_shipped, Paper.DELIVERY_NOTE, "?parcel=1"))).json()
    assert [(line["ordered"], line["here"], line["to_come"]) for line in told["lines"]] == [(20, 0, 20), (8, 8, 0)]
    told = (await api.get(address(SHOP.short, Paper.DELIVERY_NOTE))).json()
    assert [(line["ordered"], line["here"], line["to_come"]) for line in told["lines"]] == [(12, 9, 3)]


async def test_a_delivery_note_is_of_the_latest_parcel_once_nothing_lies_ready(api: Api) -> None:
    told = (await api.get(address(SHOP.completed, Paper.DELIVERY_NOTE))).json()
    assert told["parcel"] == 1
    assert [(line["ordered"], line["here"], line["to_come"]) for line in told["lines"]] == [(6, 6, 0), (6, 6, 0)]
    assert (await api.get(address(SHOP.short, Paper.DELIVERY_NOTE))).json()["parcel"] is None


async def test_the_page_of_an_order_leads_to_the_delivery_note_of_each_parcel(api: Api) -> None:
    page = (await api.page(f"/orders/{SHOP.number(SHOP.completed)}")).text
    assert address(SHOP.completed, Paper.DELIVERY_NOTE, "?parcel=1") in page


async def test_a_pick_list_has_the_lines_that_are_to_be_picked_and_no_address(api: Api) -> None:
    page = (await api.page(address(SHOP.picking, Paper.PICK_LIST), Role.WAREHOUSE)).text
    assert ">POPPY 6</th>" in page
    assert "Leeds" not in page
    assert "There is nothing to pick now." in (await api.page(address(SHOP.completed, Paper.PICK_LIST))).text


async def test_a_parcel_that_is_not_there_has_no_paper(api: Api) -> None:
    assert (await api.get(address(SHOP.completed, Paper.DELIVERY_NOTE, "?parcel=7"))).status_code == 404
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


def test_every_unit_of_an_order_is_here_to_come_or_gone() -> None:
    from projections.order import document

    for stream in (stream for stream in SHOP.life.streams if stream.startswith("order-")):
        order = document(SHOP.life.order(stream))
        for parcel in (None, *order.parcels):
            for line in lines_of(order, parcel):
                units = next(one.units for one in order.lines if one.number == line.number)
                left = sum(
                    units.get(stage, 0) for stage in ("handed-over", "received", "returned", "lost", "cancelled")
                )
                gone_with_it = line.here if parcel is not None and parcel.handed_over_at else 0
                assert line.here + line.to_come + left - gone_with_it == line.ordered
