"""Several orders of a board at once: what would become of each is shown, asked for once, done, and told."""

import html
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import httpx
import pytest

from domain.decider import Context
from domain.offering import Act, Offer, Rank
from domain.offers import order_offers
from domain.order.commands import Hold, Pack, Pick, PickedUnits
from domain.order.events import ExceptionOpened, HandedOver, Picked
from domain.order.terms import HoldType
from domain.roles import Role
from domain.stock.commands import ReceiveStock
from domain.stream_names import name_of, stock_stream
from domain.values import MAIN, Units
from projections.order import OrderRow, order_row
from projections.registry import BOARDS
from projections.view import Folded
from query_api.sentences import LANGUAGES, Language
from query_api.several import MOST_BYTES_TOGETHER, Selected, acts_on, selected, written
from tests.life import Life, line
from tests.query_api.both import HIDDEN, Both, both_on
from tests.query_api.conftest import PAGE, Filled, api_on, token
from web.command_addresses import MOST_COMMANDS

SEVERAL = "/boards/warehouse/several"
MANY = 200
EN = LANGUAGES[Language.EN]


class Desk:
    """Two hundred orders to pick, one that is packed in two parcels, one in one, one on hold."""

    def __init__(self) -> None:
        life = self.life = Life()
        life.do(stock_stream("MUG", MAIN), ReceiveStock(quantity=5_000), role=Role.WAREHOUSE)
        self.to_pick = [life.place(line("MUG", number % 3 + 1)) for number in range(MANY)]
        self.packed = [life.place(line("MUG", 4)), life.place(line("MUG", 2))]
        for stream, units in zip(self.packed, ((3, 1), (2,)), strict=True):
            life.do(stream, Pick(units=(PickedUnits(line=1, quantity=sum(units)),)), role=Role.WAREHOUSE)
            for count in units:
                life.do(stream, Pack(contents=(Units(line=1, quantity=count),)), role=Role.WAREHOUSE)
        self.held = life.place(line("MUG", 1))
        life.do(self.held, Pick(units=(PickedUnits(line=1, quantity=1),)), role=Role.WAREHOUSE)
        life.do(self.held, Pack(contents=(Units(line=1, quantity=1),)), role=Role.WAREHOUSE)
        life.do(self.held, Hold(type=HoldType.FRAUD, reason="looks odd"), role=Role.FINANCE)

    def number(self, stream: str) -> str:
        return self.life.order(stream).number


@cache
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def desk_url(filled: Filled) -> Iterator[str]:
    """A database with all views of the desk."""
    with filled(desk().life) as url:
        yield url


class AtTheDesk(Both):
    """On the boards of this test's company."""

    async def page(self, act: str, *streams: str, chinese: bool = False) -> str:
        asked = {"act": act, "order": [desk().number(stream) for stream in streams]}
        language = {"Accept-Language": "zh"} if chinese else {}
        answer = await self.api.client.get(SEVERAL, params=asked, headers={**PAGE, **language})
        assert answer.status_code == 200, answer.text
        return answer.text

    async def confirm(self, page: str) -> httpx.Response:
        """Press the button of the page that asks; the page to which it leads."""
        return await self.led_to(await self.press(page))


@pytest.fixture
async def both(desk_url: str) -> AsyncIterator[AtTheDesk]:
    async with both_on(desk_url, desk().life) as made:
        yield AtTheDesk(**vars(made))


async def test_a_board_has_a_box_for_each_row_and_what_its_reader_may_do_to_several(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    page = (await both.api.client.get("/boards/warehouse", headers=PAGE)).text
    number = desk().number(desk().to_pick[0])
    assert f'<input type="checkbox" name="order" value="{number}" form="several"' in page
    assert re.findall(r'name="act" value="([^"]+)"', page) == ["start-pick", "pick", "pack", "hand-over"]
    assert "limit=200" in page
    await both.sign_in(Role.LOGISTICS)
    page = (await both.api.client.get("/boards/logistics", headers=PAGE)).text
    assert re.findall(r'name="act" value="([^"]+)"', page) == ["hand-over"]
    await both.sign_in(Role.AUDITOR)
    assert 'type="checkbox"' not in (await both.api.client.get("/boards/warehouse", headers=PAGE)).text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WORKFLOW])
async def test_each_role_reaches_what_it_may_do_to_several_and_no_more(both: AtTheDesk, role: Role) -> None:
    for board in BOARDS:
        for act in Act:
            answer = await both.api.get(f"/boards/{board.name}/several?act={act}", role)
            assert answer.status_code == (200 if act in acts_on(board, role) else 403), (board.name, act)


async def test_200_are_looked_at_asked_for_once_and_done_and_7_that_somebody_else_picked_are_refused(
    both: AtTheDesk,
) -> None:
    await both.sign_in(Role.WAREHOUSE)
    page = await both.page("pick", *desk().to_pick)
    assert "Pick · 200 selected" in page
    assert "Pick (200)" in page
    assert "Preview (nothing recorded yet)" in page
    assert await both.events(Picked) == [each.event for each in desk().life.log if isinstance(each.event, Picked)]
    before = len(await both.events(Picked))
    for stream in desk().to_pick[:7]:
        units = {"units": [{"line": 1, "quantity": desk().life.order(stream).lines[1].line.quantity}]}
        taken = await both.commands.post(
            f"/commands/orders/{name_of(stream)}/pick",
            json=units,
            headers={"Authorization": f"Bearer {token(Role.WAREHOUSE, 'bo')}"},
        )
        assert taken.status_code == 200
    told = (await both.confirm(page)).text
    assert "Recorded: 193." in told
    refused = told.partition('class="refused"')[2].partition("</details>")[0]
    assert re.findall(r">(\S+)</a> · Somebody else was quicker", refused) == [
        desk().number(stream) for stream in desk().to_pick[:7]
    ]
    assert len(await both.events(Picked)) - before == MANY
    assert await both.events(ExceptionOpened) == []
    again = (await both.confirm(page)).text
    assert "Recorded: 193." in again
    assert len(await both.events(Picked)) - before == MANY


async def test_what_cannot_be_done_now_says_why_in_the_readers_language_and_is_not_sent(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    page = await both.page("pick", desk().to_pick[0], desk().packed[0])
    assert "Will not be done" in page
    assert "Not now. Waiting on: Logistics. Next step: Hand over." in page
    assert page.count('name="line"') == 1
    chinese = await both.page("pick", desk().to_pick[0], desk().packed[0], chinese=True)
    assert "现在不能执行" in chinese
    assert "已选 2" in chinese
    answer = await both.api.client.get(f"{SEVERAL}?act=pick&order=OT-1", headers=PAGE)
    assert "There is no such order." in answer.text
    assert 'name="line"' not in answer.text
    assert "No order is selected" in await both.page("pick")


async def test_an_order_that_is_selected_twice_is_done_once(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    assert (await both.page("pick", *[desk().to_pick[0]] * 2)).count('name="line"') == 1


async def test_start_pick_is_done_to_several(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    assert "Recorded: 2." in (await both.confirm(await both.page("start-pick", *desk().to_pick[:2]))).text


def typed(**fields: Any) -> dict[str, Any]:
    streams = [*desk().packed, desk().held]
    return {"act": "hand-over", "order": [desk().number(stream) for stream in streams], **fields}


async def say(both: AtTheDesk, page: str, **fields: Any) -> str:
    """Fill in what is asked for the parcels; a browser sends every field, empty ones too."""
    csrf = dict(HIDDEN.findall(page))["csrf"]
    gone = [name for name in fields if name.startswith("tracking.") and name not in page]
    beside = {name: fields.get(name, "") for name in (*gone, *re.findall(r'name="(tracking\.[^"]+)"', page))}
    sent_in_order = {**beside, **typed(**fields)}
    answer = await both.api.client.post(SEVERAL, data={"csrf": csrf, **sent_in_order}, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def sent(page: str) -> list[dict[str, Any]]:
    return [json.loads(html.unescape(value)) for name, value in HIDDEN.findall(page) if name == "line"]


async def test_parcels_are_handed_over_to_one_carrier_with_numbers_that_are_pasted_or_typed(both: AtTheDesk) -> None:
    await both.sign_in(Role.LOGISTICS)
    first = await both.api.client.get("/boards/logistics/several", params=typed(), headers=PAGE)
    assert first.text.count('name="tracking.') == 3
    assert "Will not be done (1)" in first.text
    await both.sign_in(Role.WAREHOUSE)
    page = await both.page("hand-over", *desk().packed, desk().held)
    assert sent(page) == []
    one = desk().number(desk().packed[0])
    shown = await say(both, page, carrier="DHL", pasted="T-1\n\nT-3\n\n", **{f"tracking.{one}.1": " T-9 "})
    bodies = [each["body"] for each in sent(shown)]
    assert bodies == [
        {"parcel": 1, "carrier": "DHL", "tracking_number": "T-9"},
        {"parcel": 2, "carrier": "DHL"},
        {"parcel": 1, "carrier": "DHL", "tracking_number": "T-3"},
    ]
    assert await both.events(HandedOver) == []
    assert "Recorded: 3." in (await both.confirm(shown)).text
    assert [event.tracking_number for event in await both.events(HandedOver)] == ["T-9", None, "T-3"]


async def test_what_is_typed_for_parcels_is_checked_and_can_be_changed(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    page = await both.page("hand-over", *desk().packed, desk().held)
    shown = await say(both, page, carrier=" ", pasted="1\n2\n3\n4")
    assert "Say who takes the parcels." in shown
    assert "Lines: 4. Parcels: 3." in shown
    assert sent(shown) == []
    nasty = "<script>alert(1)</script>"
    back = await say(both, page, carrier=nasty, pasted=nasty, edit="yes")
    assert nasty not in back
    assert html.escape(nasty) in back
    assert sent(back) == []
    shown = await say(both, page, carrier=nasty, pasted="1")
    assert "Change carrier or numbers" in shown
    assert "Parcels without a tracking number: 2" in shown


async def test_a_pasted_number_belongs_to_the_parcel_that_was_shown_whatever_left_meanwhile(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    page = await both.page("hand-over", desk().packed[0], desk().packed[1])
    first, second = (desk().number(stream) for stream in desk().packed)
    names = re.findall(r'name="(tracking\.[^"]+)"', page)
    assert names == [f"tracking.{first}.1", f"tracking.{first}.2", f"tracking.{second}.1"]
    gone = [f"tracking.{desk().number(desk().to_pick[0])}.1", *names]  # was shown, and has left the house since
    shown = await say(both, page, carrier="DHL", pasted="T-0\nT-1\nT-2", **dict.fromkeys(gone, ""))
    assert [each["body"].get("tracking_number") for each in sent(shown)] == ["T-1", "T-2", None]
    again = dict(HIDDEN.findall(shown))
    assert [again[name] for name in gone] == ["T-0", "T-1", "T-2", ""], "they stay where they belong when changed"
    assert again["pasted"] == ""


async def test_one_number_for_parcels_of_two_orders_is_refused_beside_both(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    page = await both.page("hand-over", *desk().packed)
    shown = await say(both, page, carrier="DHL", pasted="T-1\nT-2\nt -1")
    assert sent(shown) == []
    assert shown.count("This number stands at a parcel of another order too.") == 2
    shown = await say(both, page, carrier="DHL", pasted="T-1\nT-1\nT-2")
    assert [each["body"]["tracking_number"] for each in sent(shown)] == ["T-1", "T-1", "T-2"]


async def test_a_selection_is_bounded_and_ours(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    for query in ("", "act=fly", "act=pick&" + "order=X&" * 501, "act=pick&order=" + "X" * 41):
        assert (await both.api.client.get(f"{SEVERAL}?{query}", headers=PAGE)).status_code == 422
    forged = {"csrf": "forged", **typed(carrier="DHL")}
    assert (await both.api.client.post(SEVERAL, data=forged, headers=PAGE)).status_code == 403


def likely() -> tuple[OrderRow, Offer]:
    """An order that is to be picked, and the offer of it."""
    stream, life = desk().to_pick[0], desk().life
    state = life.order(stream)
    row = order_row(Folded(stream, state.version, state, life.streams[stream][-1]))
    assert row is not None
    who = Context(actor="ada", role=Role.WAREHOUSE, occurred_at=life.now, stream=stream)
    return row, next(offer for offer in order_offers(state, {}, who) if offer.act is Act.PICK)


@pytest.mark.parametrize(("rank", "done"), [(Rank.NEXT, True), (Rank.USUAL, True), (Rank.POSSIBLE, False)])
def test_what_nobody_planned_is_not_done_together(rank: Rank, *, done: bool) -> None:
    row, offer = likely()
    (item,) = selected(row, [replace(offer, rank=rank)], Act.PICK, EN)
    assert (item.offer is not None, bool(item.why)) == (done, not done)


def test_to_pick_is_begun_together_also_where_a_colleague_is_on_an_order_whom_the_page_names_and_it_says_so() -> None:
    row, offer = likely()
    (item,) = written(selected(row, [replace(offer, act=Act.TAKE_OVER_PICK)], Act.START_PICK, EN), "key", EN)
    assert '"seen_act":"take-over-pick"' in item.line
    assert [each.line for each in written(selected(row, [offer], Act.START_PICK, EN), "key", EN)] == [""]


@pytest.mark.parametrize(
    ("length", "number", "sent"), [(1, MOST_COMMANDS + 1, MOST_COMMANDS), (MOST_BYTES_TOGETHER // 3, 3, 2)]
)
def test_what_is_more_than_can_be_sent_at_once_is_left_and_says_so(length: int, number: int, sent: int) -> None:
    row, offer = likely()
    items = [Selected(f"OT-{n}", row, offer, {"reason": "x" * length}) for n in range(number)]
    made = written(items, "key", EN)
    assert [bool(item.line) for item in made] == [True] * sent + [False] * (number - sent)
    assert {item.why for item in made} == {"", EN.text("several_too_many")}


@pytest.mark.parametrize("number", [1, 2])
async def test_where_nobody_answers_what_would_become_of_orders_each_says_so(desk_url: str, number: int) -> None:
    asked = {"act": "pick", "order": [desk().number(stream) for stream in desk().to_pick[:number]]}
    async with api_on(desk_url) as api:
        await api.sign_in(Role.WAREHOUSE)
        answer = await api.client.get(SEVERAL, params=asked, headers=PAGE)
    assert (answer.status_code, answer.text.count("nobody answers")) == (200, number)
    assert 'name="line"' not in answer.text


async def test_an_outcome_is_told_to_nobody_else(both: AtTheDesk) -> None:
    await both.sign_in(Role.WAREHOUSE)
    told = await both.confirm(await both.page("start-pick", desk().to_pick[3]))
    other = {**PAGE, "Authorization": f"Bearer {token(Role.WAREHOUSE, 'bo')}"}
    both.api.client.cookies.clear()
    assert desk().number(desk().to_pick[3]) not in (await both.api.client.get(told.url, headers=other)).text
