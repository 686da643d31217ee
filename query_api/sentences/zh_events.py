"""Chinese: one sentence for every event. One line a case. Must not know: pages, rows."""

from __future__ import annotations

from domain.catalogue import AnyEvent
from domain.order import events as order
from domain.person.events import PersonEvent
from domain.roles import Party
from query_api.sentences import zh_people, zh_stock
from query_api.sentences.words import Amounts, Naming, by_day, joined, named, total
from query_api.sentences.zh_troubles import trouble
from query_api.sentences.zh_words import (
    AUDIENCES,
    CAUSES,
    CHANNELS,
    EVIDENCE,
    EXCEPTIONS,
    HOLDS,
    OUTCOMES,
    PARCELS,
    PARTIES,
    STEPS,
    day,
)


def _units(units: Amounts, naming: Naming) -> str:
    return named(units, naming) or _summed(units)


def _summed(units: Amounts) -> str:
    return f"{len(units):,} 行共 {total(units):,} 件" if units else "0 件"


def _placed(event: order.OrderPlaced) -> str:
    who = event.customer.name or event.customer.id or "散客"
    held = "，暂停（" + "、".join(HOLDS[hold.type] for hold in event.holds) + "）" if event.holds else ""
    wished = f"，期望日期 {day(event.requested_date)}" if event.requested_date else ""
    return f"为 {who} 下单 {event.number}，共 {len(event.lines):,} 行{wished}{held}。"


def _dates(event: order.DatesPromised, naming: Naming) -> str:
    return "；".join(f"{day(on)}：{_units(portions, naming)}" for on, portions in by_day(event.promises))


def _wanted(event: order.CancelRequested, naming: Naming) -> str:
    what = _units(event.lines, naming) if event.lines else "整个订单"
    return f"申请取消{what}（{CAUSES[event.cause]}）。"


def _asked(event: order.StockAsked) -> str:
    return "、".join(f"{total(want.lines):,} × {want.sku}{'（稍后）' if want.deferred else ''}" for want in event.wants)


def _handed_over(event: order.HandedOver, naming: Naming) -> str:
    number = f"，运单号 {event.tracking_number}" if event.tracking_number else ""
    return f"包裹 {event.parcel} 已交运给 {event.carrier}{number}：{_units(event.units, naming)}。"


def _checkpoint(event: order.CheckpointRecorded) -> str:
    parcel = f"包裹 {event.parcel}" if event.parcel else f"运单 {event.tracking_number}（不属于本订单的任何包裹）"
    place = f"，{event.place}" if event.place else ""
    when = f"，预计到达 {day(event.expected_on)}" if event.expected_on else ""
    return f"{event.carrier} 报告{parcel}：{PARCELS[event.status]}{place}{when}。"


def _receipt(event: order.ReceiptConfirmed, naming: Naming) -> str:
    by = f"由 {event.received_by} " if event.received_by else ""
    return f"包裹 {event.parcel} 已{by}签收（{EVIDENCE[event.evidence]}）：{_units(event.units, naming)}。"


def _opened(event: order.ExceptionOpened) -> str:
    what = joined(EXCEPTIONS[event.code], trouble(event.code, event.about), by="。")
    return f"异常 {event.number}，由{PARTIES[event.owner]}处理：{what}。"


def _noted(event: order.NoteAdded) -> str:
    asked = f"给{PARTIES[Party(event.department)]}的" if event.department else ""
    kind = f"{asked}留言 {event.number}" if event.number else "备注"
    return f"{kind}（{AUDIENCES[event.audience]}）：{event.text}"


def _taken(event: order.Taken) -> str:
    return f"{PARTIES[Party(event.department)]}：{event.person} 正在处理{_from(event.taken_from)}。"


def _from(colleague: str | None) -> str:
    return f"（从 {colleague} 处接手）" if colleague else ""


def sentence(event: AnyEvent, naming: Naming) -> str:
    """One event as one sentence."""
    match event:
        case order.OrderPlaced():
            return _placed(event)
        case order.OrderConfirmed():
            return "订单已确认。"
        case order.DatesPromised():
            return f"承诺{_dates(event, naming)}。"
        case order.Held(hold=hold):
            return f"订单暂停（{HOLDS[hold.type]}），停止：{'、'.join(STEPS[step] for step in hold.blocks)}。"
        case order.Resumed():
            return f"暂停 {event.hold} 已解除。"
        case order.CancelRequested():
            return _wanted(event, naming)
        case order.UnitsCancelled():
            return f"已取消 {_units(event.units, naming)}（{CAUSES[event.cause]}）。"
        case order.OrderCancelled():
            return "订单已取消：没有需要交付的货品。"
        case order.OrderCompleted():
            return "订单已完成：对客户没有未结事项。"
        case order.StockAsked():
            return f"向库存申请 {_asked(event)}。"
        case order.UnitsReserved():
            return f"已预留 {_units(event.units, naming)}。"
        case order.UnitsBackordered():
            return f"缺货待补 {_units(event.units, naming)}：等待 {event.sku} 到货。"
        case order.StockReconfirmed():
            return f"{event.sku} 的库存已答复，数量不变。"
        case order.SentToWarehouse():
            return f"已下发仓库 {event.location}：{_units(event.units, naming)}。"
        case order.RecalledFromWarehouse():
            purpose = "（将取消）" if event.for_cancellation else ""
            return f"已从仓库撤回{purpose}：{_units(event.units, naming)}。"
        case order.PickStarted():
            return f"{event.picker} 开始拣货{_from(event.taken_from)}。"
        case order.Picked():
            extra = f"多出 {sum(part.quantity for part in event.excess):,} 件。" if event.excess else ""
            return f"已拣货 {_units(event.picked, naming)}。{extra}"
        case order.ShortPicked():
            return f"缺拣：货架上没有 {_units(event.units, naming)}。"
        case order.Packed():
            return f"已打包到包裹 {event.parcel}：{_units(event.units, naming)}。"
        case order.Unpacked():
            return f"包裹 {event.parcel} 已重新打开：{_units(event.units, naming)}。"
        case order.HandedOver():
            return _handed_over(event, naming)
        case order.CheckpointRecorded():
            return _checkpoint(event)
        case order.ReceiptConfirmed():
            return _receipt(event, naming)
        case order.NoteAdded():
            return _noted(event)
        case order.NoteAnswered():
            return f"{PARTIES[Party(event.department)]}已答复留言 {event.note}：{event.text}"
        case order.ContactLogged():
            return f"客户通过{CHANNELS[event.channel]}询问：{event.question} — 答复：{event.answer}"
        case order.ExceptionOpened():
            return _opened(event)
        case order.ExceptionResolved():
            outcome = f"结果：{OUTCOMES[event.outcome]}。" if event.outcome else ""
            return f"异常 {event.exception} 已处理。{outcome}"
        case order.Taken():
            return _taken(event)
        case order.PassedOn():
            return f"{PARTIES[Party(event.department)]}：{event.taken_from} 转交给 {event.person}。"
        case order.GivenBack():
            return f"{PARTIES[Party(event.department)]}：{event.taken_from} 不再处理。"
        case PersonEvent():
            return zh_people.sentence(event)
        case _:
            return zh_stock.sentence(event)
