"""What is wrong with an order is told from facts, in either language: no English of ours lies in the log."""

import pytest

from domain.order.event_terms import Excess, TroubleFacts
from domain.order.terms import Evidence, ExceptionCode, HoldType
from query_api.sentences import LANGUAGES, Language

LOST = TroubleFacts(parcel=1, carrier="DHL", message="as it came")
TOLD = [
    (
        ExceptionCode.EXCESS,
        TroubleFacts(excess=(Excess(line=1, sku="MUG", quantity=3), Excess(sku="CUP", quantity=1)), units=4),
        "3 of MUG too many for line 1; 1 of CUP, which is not in the order",
        "MUG 3 件超出第 1 行；CUP 1 件不在订单中",
    ),
    (
        ExceptionCode.EXCESS,
        TroubleFacts(excess=(Excess(line=9, quantity=1),), units=8),
        "1 of an unknown article too many for line 9; and 7 more units",
        "未知商品 1 件超出第 9 行；另有 7 件",
    ),
    (
        ExceptionCode.SHORT_PICK,
        TroubleFacts(excess=(Excess(line=1, quantity=2), Excess(line=7, quantity=1)), units=3),
        "Reported missing although nobody was to pick them: 2 of line 1, 1 of line 7",
        "报告缺失，但并无拣货任务：第 1 行 2 件，第 7 行 1 件",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(parcel=2, carrier="DHL", tracking_number="T-1"),
        "Parcel 2 was handed over to DHL as T-1, but is not packed",
        "包裹 2 已交运DHL（T-1），但尚未打包",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(parcel=2, carrier="DHL"),
        "Parcel 2 was handed over to DHL, but is not packed",
        "包裹 2 已交运DHL，但尚未打包",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(tracking_number="T-9"),
        "No parcel has tracking number T-9",
        "没有包裹的运单号是 T-9",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(parcel=4, evidence=Evidence.COUNTER),
        f"Parcel 4 was received ({LANGUAGES[Language.EN].evidence[Evidence.COUNTER]}), but is not packed",
        f"包裹 4 报告已签收（{LANGUAGES[Language.ZH].evidence[Evidence.COUNTER]}），但尚未打包",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(evidence=Evidence.COUNTER),
        f"Goods were received ({LANGUAGES[Language.EN].evidence[Evidence.COUNTER]}), but no parcel has left",
        f"报告已签收（{LANGUAGES[Language.ZH].evidence[Evidence.COUNTER]}），但没有包裹发出",
    ),
    (
        ExceptionCode.HANDED_OVER_ON_HOLD,
        TroubleFacts(parcel=1, hold=HoldType.ADDRESS),
        f"Parcel 1 left in spite of a hold ({LANGUAGES[Language.EN].holds[HoldType.ADDRESS]})",
        f"包裹 1 在暂停（{LANGUAGES[Language.ZH].holds[HoldType.ADDRESS]}）期间发出",
    ),
    (
        ExceptionCode.HANDED_OVER_INCOMPLETE,
        TroubleFacts(parcel=1, units=1),
        "Parcel 1 left without 1 unit of the same delivery",
        "包裹 1 已发出，但同批还缺 1 件",
    ),
    (ExceptionCode.ATTEMPT_FAILED, LOST, "Parcel 1, DHL: as it came", "包裹 1，DHL：as it came"),
    (ExceptionCode.CARRIER_EXCEPTION, LOST, "Parcel 1, DHL: as it came", "包裹 1，DHL：as it came"),
    (ExceptionCode.RETURN_TO_SENDER, LOST, "Parcel 1, DHL: as it came", "包裹 1，DHL：as it came"),
    (ExceptionCode.LOST, LOST, "Parcel 1, DHL: as it came", "包裹 1，DHL：as it came"),
    (
        ExceptionCode.WORKFLOW_REFUSED,
        TroubleFacts(command="SendIfReady", refusal="on-hold"),
        "SendIfReady: on-hold",
        "SendIfReady：on-hold",
    ),
    (ExceptionCode.UNITS_MISSING, TroubleFacts(), "The customer does not want to wait", "客户不愿等待补货"),
    (
        ExceptionCode.PICKED_IN_VAIN,
        TroubleFacts(units=5),
        "5 units picked for an order that wants all or nothing, and the rest is not to be had",
        "订单要求全部或不要，其余缺货，已拣 5 件",
    ),
]


@pytest.mark.parametrize(("code", "about", "english", "chinese"), TOLD)
def test_trouble_is_told_by_what_it_is_about(
    code: ExceptionCode, about: TroubleFacts, english: str, chinese: str
) -> None:
    assert LANGUAGES[Language.EN].trouble(code, about) == english
    assert LANGUAGES[Language.ZH].trouble(code, about) == chinese


def test_every_trouble_is_told_here() -> None:
    assert {code for code, *_ in TOLD} == set(ExceptionCode)
