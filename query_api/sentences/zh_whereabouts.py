"""Chinese: one sentence that says where an order is. Must not know: pages, rows."""

from __future__ import annotations

from datetime import tzinfo

from projections.tracking_document import TrackedProblem, TrackingDocument
from query_api.sentences.whereabouts import UnitsTogether, Whereabouts, holds_told, together
from query_api.sentences.zh_words import day

PLACES_TOLD = {
    Whereabouts.RECEIVED: "已{on}签收",
    Whereabouts.OUT_FOR_DELIVERY: "正{by}派送{expected}",
    Whereabouts.TO_COLLECT: "已{by}送到自提点，待您自提",
    Whereabouts.SHIPPED: "已{on}{by}发出{expected}",
    Whereabouts.COMING_BACK: "正{by}退回",
    Whereabouts.NOT_FOUND: "{by}运输途中下落不明",
    Whereabouts.SENT_BACK: "已退回",
    Whereabouts.LOST: "丢失",
    Whereabouts.BEING_PREPARED: "备货中",
    Whereabouts.CONFIRMED: "已{on}确认",
    Whereabouts.WAITING: "等待到货，{promised}",
    Whereabouts.ORDERED: "已{on}下单，尚未确认",
    Whereabouts.BEING_ARRANGED: "安排中",
    Whereabouts.CANCELLED: "已取消",
    Whereabouts.REFUSED: "因缺货取消",
}
HOLDS_TOLD = {
    TrackedProblem.ON_HOLD: "订单暂停，我们正在核对一些情况",
    TrackedProblem.ADDRESS_NEEDED: "订单暂停，等您提供完整的地址",
    TrackedProblem.PAYMENT_NEEDED: "订单暂停，等收到您的付款",
    TrackedProblem.CUSTOMER_WAITS: "订单按您的要求暂停，等您通知我们继续",
}


def whereabouts(document: TrackingDocument, zone: tzinfo) -> str:
    """`共 10 件：6 件已于2026年3月2日由 Royal Mail 发出；4 件等待到货，日期未定。`"""
    parts = together(document, zone)
    if not parts:
        return "没有需要发出的货品。"
    of = sum(part.units for part in parts)
    before = f"共 {of:,} 件：" if len(parts) > 1 else "全部 " if of > 1 else ""
    said = [f"{part.units:,} 件{_place(part)}" for part in parts]
    return before + "；".join([*said, *(HOLDS_TOLD[code] for code in holds_told(document))]) + "。"


def _place(part: UnitsTogether) -> str:
    return PLACES_TOLD[part.where].format(
        on=_on(part),
        by=f"由 {'、'.join(part.carriers)} " if part.carriers else "",
        expected=f"，预计{day(part.expected)}到达" if part.expected else "",
        promised=f"承诺日期 {day(part.expected)}" if part.expected else "日期未定",
    )


def _on(part: UnitsTogether) -> str:
    if part.day is None:
        return ""
    return f"分批（最后一批于{day(part.day)}）" if part.several_days else f"于{day(part.day)}"
