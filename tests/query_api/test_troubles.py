"""What is wrong with an order is told from facts, in either language: no English of ours lies in the log."""

import pytest

from commands.workflow_lanes import INTERNAL_ERROR
from domain.access import PERMISSIONS
from domain.decider import UnknownOrder
from domain.order.commands import ReportRefusal
from domain.order.event_terms import HoldInTheWay, NamedUnits, TroubleFacts
from domain.order.events import ExceptionOpened
from domain.order.terms import EXCEPTION_OWNERS, Evidence, ExceptionCode, HoldType, Misfit
from domain.person.commands import AdmitPerson
from domain.roles import Role
from query_api.sentences import LANGUAGES, Language, en_words, zh_words
from streams.writing.errors import CommandTooLarge
from tests.spec import NOW

EN, ZH = LANGUAGES[Language.EN], LANGUAGES[Language.ZH]
COUNTER = Evidence.COUNTER
LOST = TroubleFacts(parcel=1, carrier="DHL", tracking_number="T-1", code="X17", message="Damaged at the hub.")
TOLD_LOST = ("Parcel 1, DHL T-1, code X17: Damaged at the hub", "包裹 1，DHL T-1，代码 X17：Damaged at the hub")
TOLD = [
    (
        ExceptionCode.EXCESS,
        TroubleFacts(
            parts=(
                NamedUnits(line=1, sku="MUG", quantity=3000),
                NamedUnits(sku="CUP", quantity=1, misfit=Misfit.NOT_IN_ORDER),
            ),
            units=3001,
        ),
        "3,000 of MUG too many for line 1; 1 of CUP, which is not in the order",
        "MUG 3,000 件超出第 1 行；CUP 1 件，不在订单中",
    ),
    (
        ExceptionCode.EXCESS,
        TroubleFacts(
            parts=(
                NamedUnits(quantity=1, misfit=Misfit.NO_SUCH_LINE, named_line=9),
                NamedUnits(sku="MUG", quantity=1, misfit=Misfit.LINE_NOT_NAMED),
            ),
            units=5002,
        ),
        (
            "1 of an unknown article, for line 9, which is no goods line of the order; "
            "1 of MUG, picked without naming its line; and 5,000 more units"
        ),
        "未知商品 1 件，订单中第 9 行不是货品行；MUG 1 件，拣货时未指明所属行；另有 5,000 件",
    ),
    (
        ExceptionCode.SHORT_PICK,
        TroubleFacts(
            parts=(
                NamedUnits(line=1, sku="MUG", quantity=2000),
                NamedUnits(quantity=1, misfit=Misfit.NO_SUCH_LINE, named_line=7),
            ),
            units=2001,
        ),
        (
            "Reported missing although nobody was to pick them: 2,000 of MUG on line 1; "
            "1 of an unknown article, for line 7, which is no goods line of the order"
        ),
        "报告缺失，但并无拣货任务：MUG 2,000 件属第 1 行；未知商品 1 件，订单中第 7 行不是货品行",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(parcel=2, carrier="DHL", service="Express", tracking_number="T-1"),
        "Parcel 2 was handed over to DHL (Express) as T-1 while it was not packed",
        "包裹 2 报告已交运 DHL Express（T-1），当时尚未打包",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(parcel=2, carrier="DHL"),
        "Parcel 2 was handed over to DHL while it was not packed",
        "包裹 2 报告已交运 DHL，当时尚未打包",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(carrier="DHL", tracking_number="T-9"),
        "DHL spoke of tracking number T-9, which no parcel has",
        "DHL 提到的运单号 T-9 不属于任何包裹",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(parcel=4, evidence=COUNTER, received_by="Mrs Miller"),
        f"Parcel 4 was received by Mrs Miller ({EN.evidence[COUNTER]}) while it was not packed",
        f"包裹 4 报告已由 Mrs Miller 签收（{ZH.evidence[COUNTER]}），当时尚未打包",
    ),
    (
        ExceptionCode.UNKNOWN_PARCEL,
        TroubleFacts(evidence=COUNTER),
        f"Goods were received ({EN.evidence[COUNTER]}) before any parcel had left",
        f"报告货品已签收（{ZH.evidence[COUNTER]}），当时没有包裹发出",
    ),
    (
        ExceptionCode.HANDED_OVER_ON_HOLD,
        TroubleFacts(
            parcel=1,
            holds=(HoldInTheWay(number=1, type=HoldType.ADDRESS), HoldInTheWay(number=3, type=HoldType.FRAUD)),
        ),
        f"Parcel 1 left in spite of hold 1 ({EN.holds[HoldType.ADDRESS]}), hold 3 ({EN.holds[HoldType.FRAUD]})",
        f"包裹 1 在暂停 1（{ZH.holds[HoldType.ADDRESS]}）、暂停 3（{ZH.holds[HoldType.FRAUD]}）期间发出",
    ),
    (
        ExceptionCode.HANDED_OVER_INCOMPLETE,
        TroubleFacts(parcel=1, units=1000),
        "Parcel 1 left without 1,000 units of the same delivery",
        "包裹 1 已发出，但同批还缺 1,000 件",
    ),
    (ExceptionCode.ATTEMPT_FAILED, LOST, *TOLD_LOST),
    (ExceptionCode.CARRIER_EXCEPTION, LOST, *TOLD_LOST),
    (ExceptionCode.RETURN_TO_SENDER, LOST, *TOLD_LOST),
    (ExceptionCode.LOST, LOST, *TOLD_LOST),
    (
        ExceptionCode.LOST,
        LOST.model_copy(update={"message": None}),
        "Parcel 1, DHL T-1, code X17",
        "包裹 1，DHL T-1，代码 X17",
    ),
    (
        ExceptionCode.WORKFLOW_REFUSED,
        TroubleFacts(command="SendIfReady", refusal="internal-error"),
        "Send the order to the warehouse: a fault of the program; its log says more",
        "下发仓库：程序出错，详见程序日志",
    ),
    (
        ExceptionCode.WORKFLOW_REFUSED,
        TroubleFacts(command="OfAnotherTime", refusal="no-code-of-today"),
        "OfAnotherTime: no-code-of-today",
        "OfAnotherTime：no-code-of-today",
    ),
    (
        ExceptionCode.UNITS_MISSING,
        TroubleFacts(parts=(NamedUnits(line=1, sku="MUG", quantity=1234),), units=1234),
        "The customer does not want to wait for units that were confirmed and are missing now: 1,234 of MUG on line 1",
        "已确认的货品现在缺货，客户不愿等待：MUG 1,234 件属第 1 行",
    ),
    (
        ExceptionCode.PICKED_IN_VAIN,
        TroubleFacts(units=5000),
        "5,000 units picked for an order that wants all or nothing, and the rest is not to be had",
        "订单要求全部或不要，其余缺货，已拣 5,000 件",
    ),
]

FULL = TroubleFacts(
    parcel=1,
    tracking_number="T-1",
    carrier="DHL",
    service="Express",
    code="X17",
    message="Damaged!",
    evidence=COUNTER,
    received_by="Kim",
    holds=(HoldInTheWay(number=1, type=HoldType.FRAUD),),
    parts=(NamedUnits(line=1, sku="MUG", quantity=1),),
    units=3,
    command="SendIfReady",
    refusal="On hold.",
)


@pytest.mark.parametrize(("code", "about", "english", "chinese"), TOLD)
def test_trouble_is_told_by_what_it_is_about(
    code: ExceptionCode, about: TroubleFacts, english: str, chinese: str
) -> None:
    assert EN.trouble(code, about) == english
    assert ZH.trouble(code, about) == chinese


def test_every_trouble_is_told_here() -> None:
    assert {code for code, *_ in TOLD} == set(ExceptionCode)


@pytest.mark.parametrize("code", list(ExceptionCode))
def test_what_is_not_known_is_not_told_and_every_sentence_ends_once(code: ExceptionCode) -> None:
    known = TroubleFacts.model_fields
    some = [TroubleFacts(), FULL]
    some += [TroubleFacts(**{name: getattr(FULL, name)}) for name in known]
    some += [FULL.model_copy(update={name: known[name].default}) for name in known]
    for about in some:
        opened = ExceptionOpened(occurred_at=NOW, number=1, code=code, owner=EXCEPTION_OWNERS[code], about=about)
        for words, stop in ((EN, "."), (ZH, "。")):
            told = words.sentence(opened, str)
            assert told.endswith(stop)
            assert not told.removesuffix(stop).endswith((stop, ".", "!", "：", ":", " ", "，", "；"))
            for gap in ("None", "  ", ". .", "。。", ": :", "()", "（）", ", ,"):
                assert gap not in told, told


def test_all_facts_are_tried_here() -> None:
    assert all(getattr(FULL, name) != field.default for name, field in TroubleFacts.model_fields.items())


def test_every_command_of_the_workflow_and_the_same_refusals_have_words_in_both_languages() -> None:
    ours = {command.__name__ for command, roles in PERMISSIONS.items() if roles == {Role.WORKFLOW}}
    sent = ours - {ReportRefusal.__name__, AdmitPerson.__name__}  # no rule sends these because of an event
    assert en_words.WORKFLOW_COMMANDS.keys() == zh_words.WORKFLOW_COMMANDS.keys() == sent
    codes = {UnknownOrder.code(), CommandTooLarge.code(), INTERNAL_ERROR}
    assert en_words.WORKFLOW_REFUSALS.keys() == zh_words.WORKFLOW_REFUSALS.keys() == codes
