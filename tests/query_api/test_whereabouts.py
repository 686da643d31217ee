"""The sentence that says where an order is: every form of it, and that it never says more than the document knows."""

import re
from collections import Counter
from datetime import UTC, date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.event_values import DateSource, LineKind
from domain.order.commands import (
    ConfirmOrder,
    HandOver,
    Hold,
    HoldTerms,
    PromiseDates,
    RequestCancel,
    ResolveException,
    Resume,
)
from domain.order.terms import HoldType, Outcome, ParcelStatus, Step
from domain.roles import Role
from domain.values import PromisePortion, Units
from projections.tracking import tracking_row
from projections.tracking_document import HELD, TrackedProblem, TrackingDocument, UnitState
from projections.view import Folded
from query_api.sentences import LANGUAGES, Language
from query_api.sentences.en_whereabouts import whereabouts as english
from query_api.sentences.whereabouts import Whereabouts, together
from query_api.sentences.zh_whereabouts import whereabouts as chinese
from tests.domain.laws.play import history
from tests.life import Life, delivered, line, pack, pick, send_off, terms, with_stock
from tests.query_api.conftest import Api
from tests.query_api.shop import shop
from tests.query_api.test_pages import Shown
from tests.query_api.test_tracked_parcels import resolve, scan

SHOP = shop()
LATER = date(2026, 3, 9)


def document(life: Life, stream: str) -> TrackingDocument:
    row = tracking_row(Folded(stream, len(life.streams[stream]), life.order(stream), life.streams[stream][-1]))
    assert row is not None
    return row.document


def told(life: Life, stream: str) -> tuple[str, str]:
    found = document(life, stream)
    return english(found, UTC), chinese(found, UTC)


def placed(quantity: int, stock: int, **changes: object) -> tuple[Life, str]:
    life = with_stock(Life(), MUG=stock) if stock else Life()
    return life, life.place(line("MUG", quantity), order=terms(**changes))


def hold(kind: HoldType) -> tuple[HoldTerms, ...]:
    return (HoldTerms(type=kind, reason="see the file"),)


def test_without_goods_nothing_is_to_be_sent() -> None:
    life = Life()
    stream = life.place(line("ENGRAVING", 1, LineKind.SERVICE))
    assert told(life, stream) == ("There are no goods to be sent.", "没有需要发出的货品。")


@pytest.mark.parametrize(
    ("kind", "said", "in_chinese"),
    [
        (HoldType.ADDRESS, "until you give us your complete address", "订单暂停，等您提供完整的地址"),
        (HoldType.PAYMENT, "until we have your payment", "订单暂停，等收到您的付款"),
        (HoldType.CUSTOMER_REQUEST, "as you asked, until you tell us to go on", "订单按您的要求暂停，等您通知我们继续"),
        *(
            (kind, "while we look into something", "订单暂停，我们正在核对一些情况")
            for kind in HoldType
            if kind not in (HoldType.ADDRESS, HoldType.PAYMENT, HoldType.CUSTOMER_REQUEST)
        ),
    ],
)
def test_ordered_and_on_hold(kind: HoldType, said: str, in_chinese: str) -> None:
    life, stream = placed(10, 10, holds=hold(kind))
    assert told(life, stream) == (
        f"All 10 units ordered on 2 Mar 2026, not confirmed yet; on hold {said}.",
        f"全部 10 件已于2026年3月2日下单，尚未确认；{in_chinese}。",
    )


def test_several_holds_are_each_told_once() -> None:
    life, stream = placed(1, 1, holds=(*hold(HoldType.FRAUD), *hold(HoldType.PAYMENT), *hold(HoldType.PRICE)))
    assert told(life, stream)[0] == (
        "1 unit ordered on 2 Mar 2026, not confirmed yet; on hold while we look into something; "
        "on hold until we have your payment."
    )


def test_who_has_to_do_something_is_not_told_to_do_nothing() -> None:
    ours = {TrackedProblem.ON_HOLD}
    for words, nothing in (
        (LANGUAGES[Language.EN], "do not have to do anything"),
        (LANGUAGES[Language.ZH], "无需操作"),
    ):
        assert {code for code in HELD if nothing in words.tracked_problems[code]} == ours


def test_confirmed_is_not_yet_being_prepared() -> None:
    stop = HoldTerms(type=HoldType.CUSTOMER_REQUEST, reason="not before May", blocks=(Step.SEND,))
    assert told(*placed(10, 10, holds=(stop,))) == (
        "All 10 units confirmed on 2 Mar 2026; on hold as you asked, until you tell us to go on.",
        "全部 10 件已于2026年3月2日确认；订单按您的要求暂停，等您通知我们继续。",
    )


def test_being_prepared() -> None:
    assert told(*placed(10, 10)) == ("All 10 units being prepared.", "全部 10 件备货中。")


def test_part_shipped_and_the_rest_waits_without_a_date() -> None:
    life, stream = placed(10, 6)
    send_off(life, stream, 6)
    assert told(life, stream) == (
        "6 of 10 shipped on 2 Mar 2026 with DHL; 4 wait for stock, no date yet.",
        "共 10 件：6 件已于2026年3月2日由 DHL 发出；4 件等待到货，日期未定。",
    )


def test_all_shipped_with_several_carriers_on_several_days() -> None:
    life, stream = placed(10, 10)
    send_off(life, stream, 6)
    life.now += timedelta(days=2)
    life.do(stream, pick(4), pack(4), HandOver(parcel=2, carrier="Royal Mail", tracking_number="T-2"))
    assert told(life, stream) == (
        "All 10 units shipped (the last on 4 Mar 2026) with DHL and Royal Mail.",
        "全部 10 件已分批（最后一批于2026年3月4日）由 DHL、Royal Mail 发出。",
    )


def test_on_its_way_with_a_day_out_for_delivery_and_to_collect() -> None:
    life, stream = placed(2, 2)
    send_off(life, stream, 2)
    life.do(stream, scan(ParcelStatus.IN_TRANSIT, expected=LATER))
    assert told(life, stream) == (
        "All 2 units shipped on 2 Mar 2026 with DHL, expected on 9 Mar 2026.",
        "全部 2 件已于2026年3月2日由 DHL 发出，预计2026年3月9日到达。",
    )
    life.do(stream, scan(ParcelStatus.OUT_FOR_DELIVERY))
    assert told(life, stream) == (
        "All 2 units out for delivery with DHL, expected on 9 Mar 2026.",
        "全部 2 件正由 DHL 派送，预计2026年3月9日到达。",
    )
    life.do(stream, scan(ParcelStatus.PICKUP_READY))
    assert told(life, stream) == (
        "All 2 units ready for you to collect with DHL.",
        "全部 2 件已由 DHL 送到自提点，待您自提。",
    )


def test_received_in_part_and_all() -> None:
    life, stream = placed(5, 5)
    send_off(life, stream, 2)
    life.do(stream, delivered(1))
    assert told(life, stream) == (
        "2 of 5 received on 2 Mar 2026; 3 being prepared.",
        "共 5 件：2 件已于2026年3月2日签收；3 件备货中。",
    )
    send_off(life, stream, 3)
    life.do(stream, delivered(2))
    assert told(life, stream) == ("All 5 units received on 2 Mar 2026.", "全部 5 件已于2026年3月2日签收。")


@pytest.mark.parametrize(("promised", "dated"), [(10, True), (9, False)])
def test_waiting_for_stock_has_a_date_where_all_of_it_is_promised(promised: int, dated: bool) -> None:
    life, stream = placed(10, 0, holds=hold(HoldType.DATE_UNKNOWN))
    assert told(life, stream)[0].startswith("All 10 units wait for stock, no date yet; on hold")
    life.submit(stream, Resume(hold=1, reason="the supplier has answered"))
    promise = PromisePortion(line=1, quantity=promised, on=LATER, source=DateSource.PERSON)
    life.submit(stream, ConfirmOrder(promises=(promise,)))
    life.settle()
    when = ("promised for 9 Mar 2026", "承诺日期 2026年3月9日") if dated else ("no date yet", "日期未定")
    assert told(life, stream) == (f"All 10 units wait for stock, {when[0]}.", f"全部 10 件等待到货，{when[1]}。")


@pytest.mark.parametrize(("promised", "dated"), [(4, True), (3, False)])
def test_the_rest_has_a_date_once_somebody_promises_all_that_is_still_to_come(promised: int, dated: bool) -> None:
    life, stream = placed(10, 6)
    send_off(life, stream, 6)
    assert told(life, stream)[0].endswith("; 4 wait for stock, no date yet.")
    life.submit(stream, PromiseDates(promises=(PromisePortion(line=1, quantity=promised, on=LATER),)))
    life.settle()
    when = ("promised for 9 Mar 2026", "承诺日期 2026年3月9日") if dated else ("no date yet", "日期未定")
    english_told, chinese_told = told(life, stream)
    assert english_told.endswith(f"; 4 wait for stock, {when[0]}.")
    assert chinese_told.endswith(f"4 件等待到货，{when[1]}。")


def test_one_unit_waits() -> None:
    life, stream = placed(2, 1)
    assert told(life, stream)[0] == "1 of 2 being prepared; 1 waits for stock, no date yet."


def test_refused_for_lack_of_stock_is_not_cancelled_by_the_customer() -> None:
    life, stream = placed(10, 6, backorder=False)
    assert told(life, stream) == (
        "6 of 10 being prepared; 4 cancelled for lack of stock.",
        "共 10 件：6 件备货中；4 件因缺货取消。",
    )
    life.do(stream, RequestCancel(lines=(Units(line=1, quantity=1),), reason="one less"))
    assert told(life, stream)[0] == "5 of 10 being prepared; 1 cancelled; 4 cancelled for lack of stock."


def test_cancelled_in_part_and_all() -> None:
    life, stream = placed(5, 5)
    life.do(stream, RequestCancel(lines=(Units(line=1, quantity=2),), reason="too many"))
    assert told(life, stream)[0] == "3 of 5 being prepared; 2 cancelled."
    life.do(stream, RequestCancel(reason="ordered twice"))
    assert told(life, stream) == ("All 5 units cancelled.", "全部 5 件已取消。")


@pytest.mark.parametrize(
    ("status", "outcome", "asked", "found"),
    [
        (ParcelStatus.LOST, Outcome.LOST, "missing on the way with DHL", "lost"),
        (ParcelStatus.RETURNING, Outcome.RETURNED, "on the way back to us with DHL", "back with us"),
    ],
)
def test_lost_or_on_its_way_back(status: ParcelStatus, outcome: Outcome, asked: str, found: str) -> None:
    life, stream = placed(5, 5)
    send_off(life, stream, 2)
    life.do(stream, scan(status))
    assert told(life, stream)[0] == f"2 of 5 {asked}; 3 being prepared."
    life.do(stream, resolve(outcome))
    assert told(life, stream)[0] == f"2 of 5 {found}; 3 being prepared."


def test_a_mixture() -> None:
    life, stream = placed(12, 9)
    for units in (2, 1, 3):
        send_off(life, stream, units)
    life.do(stream, delivered(1), scan(ParcelStatus.LOST, "T-2"))
    life.do(stream, ResolveException(exception=1, outcome=Outcome.LOST, reason="asked the carrier"))
    life.do(stream, Hold(type=HoldType.PAYMENT, reason="second half"), role=Role.FINANCE)
    assert told(life, stream) == (
        (
            "2 of 12 received on 2 Mar 2026; 3 shipped on 2 Mar 2026 with DHL; 1 lost; 3 being prepared; "
            "3 wait for stock, no date yet; on hold until we have your payment."
        ),
        (
            "共 12 件：2 件已于2026年3月2日签收；3 件已于2026年3月2日由 DHL 发出；1 件丢失；3 件备货中；"
            "3 件等待到货，日期未定；订单暂停，等收到您的付款。"
        ),
    )


def test_what_has_left_is_not_on_hold() -> None:
    life, stream = placed(1, 1)
    send_off(life, stream, 1)
    life.do(stream, Hold(type=HoldType.MANUAL, reason="asks"), role=Role.SALES)
    assert "hold" not in told(life, stream)[0]


IN_STATE = {
    UnitState.RECEIVED: {Whereabouts.RECEIVED},
    UnitState.ON_THE_WAY: {
        Whereabouts.SHIPPED,
        Whereabouts.OUT_FOR_DELIVERY,
        Whereabouts.TO_COLLECT,
        Whereabouts.COMING_BACK,
        Whereabouts.NOT_FOUND,
    },
    UnitState.LOST: {Whereabouts.LOST},
    UnitState.RETURNED: {Whereabouts.SENT_BACK},
    UnitState.WAITING_FOR_STOCK: {Whereabouts.WAITING},
    UnitState.CANCELLED: {Whereabouts.CANCELLED, Whereabouts.REFUSED},
}


def assert_it_contradicts_nothing(life: Life, streams: list[str]) -> None:
    for stream in streams:
        found = document(life, stream)
        said, states = together(found, UTC), Counter[UnitState]()
        for one in found.lines:
            states.update(one.states)
        assert all(part.units > 0 for part in said)
        assert sum(part.units for part in said) == sum(states.values())
        for state, places in IN_STATE.items():
            assert sum(part.units for part in said if part.where in places) == states[state], (state, found)
        carriers = {parcel.carrier for parcel in found.parcels if parcel.where is UnitState.ON_THE_WAY}
        assert {name for part in said for name in part.carriers} <= carriers
        for sentence, received in ((english(found, UTC), "received"), (chinese(found, UTC), "签收")):
            assert (received in sentence) == (found.units_received > 0)
            assert len(re.findall(r"[.。]$", sentence)) == 1


def test_whatever_happens_it_contradicts_nothing() -> None:
    @given(st.randoms(use_true_random=False))
    @settings(max_examples=settings().max_examples // 2)
    def holds(luck: Random) -> None:
        history(luck, assert_it_contradicts_nothing)

    holds()


async def test_customer_service_reads_what_the_customer_reads(api: Api) -> None:
    sentence = "8 of 28 shipped on 2 Mar 2026 with Parcelforce; "
    customers = Shown((await api.page(f"/track/{SHOP.token(SHOP.part_shipped)}", None)).text).text
    assert sentence in customers
    page = f"/orders/{SHOP.number(SHOP.part_shipped)}"
    for role in (Role.SALES, Role.SALES_LEAD, Role.CUSTOMER_SERVICE, Role.FINANCE, Role.ADMIN):
        assert sentence in Shown((await api.page(page, role)).text).text
    for role in (Role.WAREHOUSE, Role.LOGISTICS, Role.AUDITOR):
        assert "The customer reads" not in (await api.page(page, role)).text
    assert "客户看到：" in (await api.page(page, chinese=True)).text
    assert "The customer reads" not in (await api.page(f"{page}?version=1")).text
