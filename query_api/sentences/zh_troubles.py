"""Chinese: what is wrong with an order, from the facts that an exception names. Must not know: pages, rows."""

from __future__ import annotations

from domain.order.event_terms import NamedUnits, TroubleFacts
from domain.order.terms import ExceptionCode, Misfit
from query_api.sentences.words import joined, unended, unnamed
from query_api.sentences.zh_words import EVIDENCE, HOLDS, WORKFLOW_COMMANDS, WORKFLOW_REFUSALS


def trouble(code: ExceptionCode, about: TroubleFacts) -> str:
    """One sentence, without its full stop, of the facts that are known; empty where there are none to add."""
    match code:
        case ExceptionCode.EXCESS:
            return _parts(about, "超出")
        case ExceptionCode.SHORT_PICK:
            return joined("报告缺失，但并无拣货任务", _parts(about, "属"), by="：")
        case ExceptionCode.UNKNOWN_PARCEL:
            return _unknown(about)
        case ExceptionCode.HANDED_OVER_ON_HOLD:
            return f"{_parcel(about)}在{_holds(about)}期间发出"
        case ExceptionCode.HANDED_OVER_INCOMPLETE:
            return f"{_parcel(about)}已发出，但同批还缺{_units(about)}"
        case (
            ExceptionCode.ATTEMPT_FAILED
            | ExceptionCode.CARRIER_EXCEPTION
            | ExceptionCode.RETURN_TO_SENDER
            | ExceptionCode.LOST
        ):
            return _carriers_news(about)
        case ExceptionCode.WORKFLOW_REFUSED:
            return _refused(about)
        case ExceptionCode.UNITS_MISSING:
            return joined("已确认的货品现在缺货，客户不愿等待", _parts(about, "属"), by="：")
        case ExceptionCode.PICKED_IN_VAIN:
            return f"订单要求全部或不要，其余缺货，已拣{_units(about)}"


def _parcel(about: TroubleFacts) -> str:
    return "包裹" if about.parcel is None else f"包裹 {about.parcel} "


def _refused(about: TroubleFacts) -> str:
    command, refusal = about.command or "", about.refusal or ""
    return joined(WORKFLOW_COMMANDS.get(command, command), unended(WORKFLOW_REFUSALS.get(refusal, refusal)), by="：")


def _units(about: TroubleFacts) -> str:
    return "货品" if about.units is None else f" {about.units:,} 件"


def _holds(about: TroubleFacts) -> str:
    return "、".join(f"暂停 {hold.number}（{HOLDS[hold.type]}）" for hold in about.holds) or "暂停"


def _parts(about: TroubleFacts, relation: str) -> str:
    more = unnamed(about)
    rest = f"另有 {more:,} 件" if more else ""
    return joined(*(_part(part, relation) for part in about.parts), rest, by="；")


def _part(part: NamedUnits, relation: str) -> str:
    units = f"{part.sku or '未知商品'} {part.quantity:,} 件"
    return joined(units, _place(part, relation), by="" if part.misfit is None else "，")


def _place(part: NamedUnits, relation: str) -> str:
    match part.misfit:
        case None:
            return "" if part.line is None else f"{relation}第 {part.line} 行"
        case Misfit.LINE_NOT_NAMED:
            return "拣货时未指明所属行"
        case Misfit.NO_SUCH_LINE:
            return f"订单中第 {part.named_line} 行不是货品行"
        case Misfit.NOT_IN_ORDER:
            return "不在订单中"


def _carriers_news(about: TroubleFacts) -> str:
    parcel = "" if about.parcel is None else f"包裹 {about.parcel}"
    code = f"代码 {about.code}" if about.code else ""
    who = joined(parcel, joined(about.carrier, about.tracking_number, by=" "), code, by="，")
    return joined(who, unended(about.message), by="：")


def _unknown(about: TroubleFacts) -> str:
    if about.evidence is not None:
        by = f"由 {about.received_by} " if about.received_by else ""
        known = f"（{EVIDENCE[about.evidence]}）"
        if about.parcel is None:
            return f"报告货品已{by}签收{known}，当时没有包裹发出"
        return f"{_parcel(about)}报告已{by}签收{known}，当时尚未打包"
    number = about.tracking_number or ""
    if about.parcel is None:
        return f"{about.carrier or '承运商'} 提到的{joined('运单号', number, by=' ')} 不属于任何包裹"
    carrier = joined(about.carrier, about.service, by=" ")
    known_as = f"（{number}）" if number else ""
    return f"{joined(f'{_parcel(about)}报告已交运', carrier, by=' ')}{known_as}，当时尚未打包"
