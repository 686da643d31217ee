"""Chinese: one word or phrase for every code a person can meet. Must not know: pages, rows."""

from __future__ import annotations

from datetime import date, timedelta

from domain.event_values import DateSource, LineKind
from domain.order.status import BadgeKind, Headline, Milestone, NextAction
from domain.order.terms import (
    Audience,
    Bucket,
    CancelCause,
    Channel,
    Evidence,
    ExceptionCode,
    HoldType,
    Outcome,
    ParcelStatus,
    Step,
)
from domain.roles import Party, Role
from projections.tracking_document import TrackedProblem, UnitState

HEADLINES = {
    Headline.PENDING: "待处理",
    Headline.PROCESSING: "处理中",
    Headline.SHIPPED: "已发货",
    Headline.DELIVERED: "已送达",
    Headline.COMPLETED: "已完成",
    Headline.CANCELLED: "已取消",
}
BADGES = {
    BadgeKind.PART_SHIPPED: "部分发货 {count}/{of}",
    BadgeKind.BACKORDERED: "缺货待补 {count}",
    BadgeKind.ON_HOLD: "暂停（{detail}）",
    BadgeKind.PROBLEM: "异常（{detail}）",
    BadgeKind.LOST: "丢失 {count}",
    BadgeKind.SENT_BACK: "退回 {count}",
}
NEXT_STEPS = {
    NextAction.LIFT_HOLD: "恢复",
    NextAction.RESOLVE_EXCEPTION: "处理异常",
    NextAction.ANSWER_STOCK: "查库存",
    NextAction.CONFIRM: "确认",
    NextAction.SEND_TO_WAREHOUSE: "下发仓库",
    NextAction.PICK: "拣货",
    NextAction.PACK: "打包",
    NextAction.HAND_OVER: "交运",
    NextAction.RECEIVE_STOCK: "收货",
    NextAction.DELIVER: "派送",
    NextAction.COMPLETE: "完成订单",
    NextAction.NOTHING: "无需操作",
}
PARTIES = {
    Party.SALES: "销售",
    Party.WAREHOUSE: "仓库",
    Party.LOGISTICS: "物流",
    Party.FINANCE: "财务",
    Party.CUSTOMER_SERVICE: "客服",
    Party.PURCHASING: "采购",
    Party.CUSTOMER: "客户",
    Party.CARRIER: "承运商",
    Party.SYSTEM: "系统",
    Party.NOBODY: "无",
}
ROLES = {
    Role.SALES: "销售",
    Role.SALES_LEAD: "销售主管",
    Role.WAREHOUSE: "仓库",
    Role.WAREHOUSE_LEAD: "仓库主管",
    Role.LOGISTICS: "物流",
    Role.FINANCE: "财务",
    Role.CUSTOMER_SERVICE: "客服",
    Role.PURCHASING: "采购",
    Role.CARRIER: "承运商",
    Role.AUDITOR: "审计",
    Role.ANALYST: "分析",
    Role.ADMIN: "管理员",
    Role.WORKFLOW: "自动",
}
MILESTONES = {
    Milestone.ORDERED: "已下单",
    Milestone.CONFIRMED: "已确认",
    Milestone.BEING_PREPARED: "备货中",
    Milestone.SHIPPED: "已发货",
    Milestone.OUT_FOR_DELIVERY: "派送中",
    Milestone.RECEIVED: "已签收",
}
HOLDS = {
    HoldType.CREDIT: "信用",
    HoldType.PAYMENT: "付款",
    HoldType.FRAUD: "欺诈核查",
    HoldType.ADDRESS: "地址",
    HoldType.STOCK: "库存",
    HoldType.PRICE: "价格",
    HoldType.APPROVAL: "审批",
    HoldType.CUSTOMER_REQUEST: "客户要求",
    HoldType.COMPLIANCE: "合规",
    HoldType.DATE_UNKNOWN: "日期未定",
    HoldType.MANUAL: "人工",
}
STEPS = {
    Step.CONFIRM: "确认",
    Step.RESERVE: "预留",
    Step.SEND: "下发仓库",
    Step.HAND_OVER: "交运",
}
EXCEPTIONS = {
    ExceptionCode.EXCESS: "多出的件数",
    ExceptionCode.SHORT_PICK: "缺拣",
    ExceptionCode.UNKNOWN_PARCEL: "未知包裹",
    ExceptionCode.HANDED_OVER_ON_HOLD: "暂停期间已交运",
    ExceptionCode.HANDED_OVER_INCOMPLETE: "未配齐已交运",
    ExceptionCode.ATTEMPT_FAILED: "派送未成功",
    ExceptionCode.CARRIER_EXCEPTION: "承运商报告异常",
    ExceptionCode.RETURN_TO_SENDER: "正在退回",
    ExceptionCode.LOST: "丢失",
    ExceptionCode.WORKFLOW_REFUSED: "自动步骤被拒绝",
    ExceptionCode.UNITS_MISSING: "已确认订单缺货",
    ExceptionCode.PICKED_IN_VAIN: "已拣但不再需要",
}
WORKFLOW_COMMANDS = {
    "Want": "向库存请求数量",
    "Stage": "告知库存已拣数量",
    "WriteOff": "告知库存未找到的数量",
    "Issue": "告知库存已发出的数量",
    "TakeExcess": "告知库存多拣的数量",
    "Close": "告知库存订单已结束",
    "Allocate": "供给等待中的订单",
    "TakeStockAnswer": "接收库存答复",
    "ConfirmIfReady": "确认订单",
    "SendIfReady": "下发仓库",
    "CompleteOrder": "完成订单",
}
"""By name; of commands that the log names and nobody sends any more, the name is shown."""
WORKFLOW_REFUSALS = {
    "unknown-order": "没有这个订单",
    "command-too-large": "超出日志单条记录的上限",
    "internal-error": "程序出错，详见程序日志",
}
"""By code, as far as the workflow meets them; others are shown as they are."""
OUTCOMES = {
    Outcome.UNDER_WAY: "仍在途中",
    Outcome.LOST: "已丢失",
    Outcome.RETURNED: "已退回",
}
PARCELS = {
    ParcelStatus.CREATED: "已制面单",
    ParcelStatus.PRE_TRANSIT: "已通知承运商",
    ParcelStatus.IN_TRANSIT: "运输中",
    ParcelStatus.OUT_FOR_DELIVERY: "派送中",
    ParcelStatus.PICKUP_READY: "待自提",
    ParcelStatus.ATTEMPT_FAILED: "派送未成功",
    ParcelStatus.DELIVERED: "已送达",
    ParcelStatus.EXCEPTION: "承运商报告异常",
    ParcelStatus.RETURNING: "正在退回",
    ParcelStatus.RETURNED: "已退回",
    ParcelStatus.LOST: "丢失",
}
EVIDENCE = {
    Evidence.CARRIER_SCAN: "承运商扫描",
    Evidence.OWN_VAN: "自有车辆送达",
    Evidence.COUNTER: "柜台自提",
    Evidence.SILENT_CARRIER: "客户告知，无扫描记录",
}
STAGES = {
    Bucket.OPEN: "未预留",
    Bucket.BACKORDERED: "缺货待补",
    Bucket.RESERVED: "已预留",
    Bucket.SENT: "已下发仓库",
    Bucket.PICKED: "已拣货",
    Bucket.PACKED: "已打包",
    Bucket.HANDED_OVER: "已交运",
    Bucket.RECEIVED: "已签收",
    Bucket.RETURNED: "已退回",
    Bucket.LOST: "丢失",
    Bucket.CANCELLED: "已取消",
    Bucket.EXCESS: "多出",
}
CAUSES = {
    CancelCause.CUSTOMER: "客户要求",
    CancelCause.US: "我方决定",
    CancelCause.NO_STOCK: "无库存",
}
CHANNELS = {
    Channel.PHONE: "电话",
    Channel.EMAIL: "电子邮件",
    Channel.CHAT: "在线聊天",
    Channel.IN_PERSON: "当面",
    Channel.OTHER: "其他方式",
}
AUDIENCES = {Audience.INTERNAL: "内部", Audience.CUSTOMER: "给客户"}
SOURCES = {
    DateSource.ORDER: "订单要求",
    DateSource.PERSON: "我方人员承诺",
    DateSource.CARRIER: "承运商告知",
}
KINDS = {
    LineKind.GOODS: "货品",
    LineKind.SERVICE: "服务",
    LineKind.CHARGE: "费用",
    LineKind.DISCOUNT: "折扣",
}
TRACKED_UNITS = {
    UnitState.BEING_ARRANGED: "安排中",
    UnitState.WAITING_FOR_STOCK: "等待到货",
    UnitState.BEING_PREPARED: "备货中",
    UnitState.ON_THE_WAY: "运输中",
    UnitState.RECEIVED: "已签收",
    UnitState.RETURNED: "已退回",
    UnitState.LOST: "丢失",
    UnitState.CANCELLED: "已取消",
}
TRACKED_PROBLEMS = {
    TrackedProblem.ON_HOLD: "我们正在核对一些情况，之后订单会继续。您无需操作；如有需要，我们会联系您。",
    TrackedProblem.ADDRESS_NEEDED: "我们需要您提供完整的地址，订单才能继续。请告诉我们。",
    TrackedProblem.PAYMENT_NEEDED: "我们需要收到您的付款，订单才能继续。如果您已付款，请告诉我们。",
    TrackedProblem.CUSTOMER_WAITS: "订单按您的要求暂停。需要继续时请告诉我们。",
    TrackedProblem.ATTEMPT_FAILED: "承运商上门时无人签收，将再次派送。",
    TrackedProblem.CARRIER_EXCEPTION: "承运商报告了异常，我们正在跟进。",
    TrackedProblem.RETURN_TO_SENDER: "包裹正在退回，我们会与您联系。",
    TrackedProblem.LOST: "承运商找不到包裹，我们会与您联系。",
}

MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR


def day(of: date) -> str:
    """`2026年11月23日`."""
    return f"{of.year}年{of.month}月{of.day}日"


def units(number: int) -> str:
    """`2 件`."""
    return f"{number:,} 件"


def more_articles(number: int) -> str:
    """`另有 2 种货品`."""
    return f"另有 {number:,} 种货品"


def duration(span: timedelta) -> str:
    """`3 小时`, `2 天`; the largest unit alone."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < MINUTES_PER_HOUR:
        return f"{minutes} 分钟"
    if minutes < 2 * MINUTES_PER_DAY:
        return f"{minutes // MINUTES_PER_HOUR} 小时"
    return f"{minutes // MINUTES_PER_DAY} 天"
