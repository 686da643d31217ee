"""Papers of many orders at once: on one page, each on sheets of its own, with one look at all of them."""

import re

import pytest

from domain.roles import Role
from query_api.papers import Paper
from query_api.routes import printing
from tests.query_api.conftest import Api
from tests.query_api.shop import shop

SHOP = shop()
BOARD = "/boards/warehouse/papers"


def asked(paper: Paper, *streams: str, board: str = BOARD, more: str = "") -> str:
    return f"{board}?paper={paper}{more}" + "".join(f"&order={SHOP.number(stream)}" for stream in streams)


async def test_selected_orders_are_printed_in_the_order_in_which_they_were_selected(api: Api) -> None:
    chosen = (SHOP.waiting[3], SHOP.picking, SHOP.waiting[0])
    told = (await api.get(asked(Paper.PICK_LIST, *chosen, SHOP.waiting[3]), Role.WAREHOUSE)).json()
    assert [sheet["number"] for sheet in told["sheets"]] == [SHOP.number(stream) for stream in chosen]
    page = (await api.page(asked(Paper.PICK_LIST, *chosen), Role.WAREHOUSE)).text
    assert re.findall(r"<figcaption>(.*?)</figcaption>", page) == [SHOP.number(stream) for stream in chosen]


async def test_without_a_selection_all_that_the_board_s_filter_lets_through_are_printed(api: Api) -> None:
    board = (await api.get("/boards/warehouse?queue=to-pick&limit=500", Role.WAREHOUSE)).json()
    told = (await api.get(asked(Paper.PICK_LIST, more="&queue=to-pick"), Role.WAREHOUSE)).json()
    assert len(told["sheets"]) > 20
    assert [sheet["number"] for sheet in told["sheets"]] == [row["number"] for row in board["orders"]]
    told = (await api.get(asked(Paper.PICK_LIST, more="&queue=to-pick&customer=14688"), Role.WAREHOUSE)).json()
    assert told["sheets"] == []


async def test_an_order_with_nothing_for_the_paper_is_named_as_one_that_is_left_out(api: Api) -> None:
    told = (await api.get(asked(Paper.PICK_LIST, SHOP.completed, SHOP.picking, more="&order=NONE"))).json()
    assert [sheet["number"] for sheet in told["sheets"]] == [SHOP.number(SHOP.picking)]
    assert sorted(told["without"]) == sorted(["NONE", SHOP.number(SHOP.completed)])
    page = (await api.page(asked(Paper.PICK_LIST, SHOP.completed))).text
    assert f'href="/orders/{SHOP.number(SHOP.completed)}"' in page


async def test_a_delivery_note_with_which_nothing_comes_is_left_out_of_many(api: Api) -> None:
    told = (await api.get(asked(Paper.DELIVERY_NOTE, SHOP.picking, SHOP.short))).json()
    assert [sheet["number"] for sheet in told["sheets"]] == [SHOP.number(SHOP.short)]
    assert told["without"] == [SHOP.number(SHOP.picking)]


async def test_who_packs_prints_no_address_of_an_order_that_has_left_the_house(api: Api) -> None:
    both = asked(Paper.DELIVERY_NOTE, SHOP.completed, SHOP.short)
    told = (await api.get(both, Role.WAREHOUSE)).json()
    assert told["not_permitted"] == [SHOP.number(SHOP.completed)]
    assert [sheet["number"] for sheet in told["sheets"]] == [SHOP.number(SHOP.short)]
    assert "Leeds" in (await api.page(both, Role.WAREHOUSE)).text
    assert "Leeds" not in (await api.page(asked(Paper.DELIVERY_NOTE, SHOP.completed), Role.WAREHOUSE)).text
    assert (await api.get(both, Role.SALES)).json()["not_permitted"] == []
    assert (await api.get(both, Role.ANALYST)).json()["sheets"] == []


async def test_what_is_too_much_for_one_page_is_left_for_the_next_and_one_order_always_fits(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "MOST_LINES_PRINTED", 3)
    chosen = (SHOP.long, SHOP.picking, SHOP.short)
    told = (await api.get(asked(Paper.PICK_LIST, *chosen), Role.WAREHOUSE)).json()
    assert told["later"] == [SHOP.number(stream) for stream in chosen[1:]]
    page = (await api.page(asked(Paper.PICK_LIST, *chosen, more="&queue=to-pick"), Role.WAREHOUSE)).text
    for stream in chosen[1:]:
        assert f'<input type="hidden" name="order" value="{SHOP.number(stream)}">' in page


async def test_no_more_than_a_page_of_a_board_is_asked_for(api: Api) -> None:
    assert (await api.get(f"{BOARD}?paper=pick-list" + "&order=X" * 500, Role.WAREHOUSE)).status_code == 200
    assert (await api.get(f"{BOARD}?paper=pick-list" + "&order=X" * 501, Role.WAREHOUSE)).status_code == 422
    assert (await api.get(f"{BOARD}?paper=invoice", Role.WAREHOUSE)).status_code == 422


@pytest.mark.parametrize(
    ("board", "role", "papers"),
    [
        ("warehouse", Role.WAREHOUSE, list(Paper)),
        ("logistics", Role.LOGISTICS, [Paper.PACKING_SLIP, Paper.PARCEL_LABEL, Paper.DELIVERY_NOTE]),
        ("warehouse", Role.AUDITOR, []),
        ("logistics", Role.PURCHASING, []),
        ("sales", Role.SALES, []),
    ],
)
async def test_a_board_offers_the_papers_of_its_steps_to_those_who_take_them(
    api: Api, board: str, role: Role, papers: list[Paper]
) -> None:
    page = (await api.page(f"/boards/{board}", role)).text
    assert re.findall(rf'name="paper" value="([a-z-]+)" formaction="/boards/{board}/papers"', page) == papers
