"""Chinese: what is wrong with an order, from the facts that an exception names. Must not know: pages, rows."""

from __future__ import annotations

from domain.order.event_terms import Excess, TroubleFacts
from domain.order.terms import ExceptionCode
from query_api.sentences.words import unnamed
from query_api.sentences.zh_words import EVIDENCE, HOLDS


def trouble(code: ExceptionCode, about: TroubleFacts) -> str:
    """One sentence, without its full stop; empty where the code alone says everything."""
    match code:
        case ExceptionCode.EXCESS:
            return "；".join(map(_surplus, about.excess)) + _more(about)
        case ExceptionCode.SHORT_PICK:
            lines = "，".join(f"第 {part.line} 行 {part.quantity} 件" for part in about.excess)
            return f"报告缺失，但并无拣货任务：{lines}{_more(about)}"
        case ExceptionCode.UNKNOWN_PARCEL:
            return _unknown(about)
        case ExceptionCode.HANDED_OVER_ON_HOLD:
            return f"包裹 {about.parcel} 在暂停（{HOLDS[about.hold]}）期间发出" if about.hold else ""
        case ExceptionCode.HANDED_OVER_INCOMPLETE:
            return f"包裹 {about.parcel} 已发出，但同批还缺 {about.units or 0} 件"
        case ExceptionCode.WORKFLOW_REFUSED:
            return f"{about.command}：{about.refusal}"
        case ExceptionCode.UNITS_MISSING:
            return "客户不愿等待补货"
        case ExceptionCode.PICKED_IN_VAIN:
            return f"订单要求全部或不要，其余缺货，已拣 {about.units or 0} 件"
        case _:
            return f"包裹 {about.parcel}，{about.carrier}：{about.message}"


def _surplus(part: Excess) -> str:
    where = "不在订单中" if part.line is None else f"超出第 {part.line} 行"
    return f"{part.sku or '未知商品'} {part.quantity} 件{where}"


def _more(about: TroubleFacts) -> str:
    more = unnamed(about)
    return f"；另有 {more} 件" if more else ""


def _unknown(about: TroubleFacts) -> str:
    if about.evidence is not None:
        known = f"（{EVIDENCE[about.evidence]}）"
        if about.parcel is None:
            return f"报告已签收{known}，但没有包裹发出"
        return f"包裹 {about.parcel} 报告已签收{known}，但尚未打包"
    if about.parcel is None:
        return f"没有包裹的运单号是 {about.tracking_number}"
    number = f"（{about.tracking_number}）" if about.tracking_number else ""
    return f"包裹 {about.parcel} 已交运{about.carrier}{number}，但尚未打包"
