"""English: one word or phrase for every code a person can meet. Must not know: pages, rows."""

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

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

HEADLINES = {
    Headline.PENDING: "Pending",
    Headline.PROCESSING: "Processing",
    Headline.SHIPPED: "Shipped",
    Headline.DELIVERED: "Delivered",
    Headline.COMPLETED: "Completed",
    Headline.CANCELLED: "Cancelled",
}
BADGES = {
    BadgeKind.PART_SHIPPED: "Part shipped {count}/{of}",
    BadgeKind.BACKORDERED: "Backordered {count}",
    BadgeKind.ON_HOLD: "On hold ({detail})",
    BadgeKind.PROBLEM: "Problem ({detail})",
    BadgeKind.LOST: "Lost {count}",
    BadgeKind.SENT_BACK: "Sent back {count}",
}
NEXT_STEPS = {
    NextAction.LIFT_HOLD: "Resume",
    NextAction.RESOLVE_EXCEPTION: "Solve the problem",
    NextAction.ANSWER_STOCK: "Check stock",
    NextAction.CONFIRM: "Confirm",
    NextAction.SEND_TO_WAREHOUSE: "Send to warehouse",
    NextAction.PICK: "Pick",
    NextAction.PACK: "Pack",
    NextAction.HAND_OVER: "Hand over",
    NextAction.RECEIVE_STOCK: "Receive stock",
    NextAction.DELIVER: "Deliver",
    NextAction.COMPLETE: "Complete",
    NextAction.NOTHING: "Nothing to do",
}
PARTIES = {
    Party.SALES: "Sales",
    Party.WAREHOUSE: "Warehouse",
    Party.LOGISTICS: "Logistics",
    Party.FINANCE: "Finance",
    Party.CUSTOMER_SERVICE: "Customer service",
    Party.PURCHASING: "Purchasing",
    Party.CUSTOMER: "Customer",
    Party.CARRIER: "Carrier",
    Party.SYSTEM: "Ordertrail",
    Party.NOBODY: "Nobody",
}
ROLES = {
    Role.SALES: "Sales",
    Role.SALES_LEAD: "Sales lead",
    Role.WAREHOUSE: "Warehouse",
    Role.WAREHOUSE_LEAD: "Warehouse lead",
    Role.LOGISTICS: "Logistics",
    Role.FINANCE: "Finance",
    Role.CUSTOMER_SERVICE: "Customer service",
    Role.PURCHASING: "Purchasing",
    Role.CARRIER: "Carrier",
    Role.AUDITOR: "Auditor",
    Role.ANALYST: "Analyst",
    Role.ADMIN: "Administrator",
    Role.WORKFLOW: "automatic",
}
MILESTONES = {
    Milestone.ORDERED: "Ordered",
    Milestone.CONFIRMED: "Confirmed",
    Milestone.BEING_PREPARED: "Being prepared",
    Milestone.SHIPPED: "Shipped",
    Milestone.OUT_FOR_DELIVERY: "Out for delivery",
    Milestone.RECEIVED: "Received",
}
HOLDS = {
    HoldType.CREDIT: "Credit",
    HoldType.PAYMENT: "Payment",
    HoldType.FRAUD: "Fraud check",
    HoldType.ADDRESS: "Address",
    HoldType.STOCK: "Stock",
    HoldType.PRICE: "Price",
    HoldType.APPROVAL: "Approval",
    HoldType.CUSTOMER_REQUEST: "Customer request",
    HoldType.COMPLIANCE: "Compliance",
    HoldType.DATE_UNKNOWN: "Date unknown",
    HoldType.MANUAL: "Manual",
}
STEPS = {
    Step.CONFIRM: "Confirm",
    Step.RESERVE: "Reserve",
    Step.SEND: "Send to warehouse",
    Step.HAND_OVER: "Hand over",
}
EXCEPTIONS = {
    ExceptionCode.EXCESS: "Surplus units",
    ExceptionCode.SHORT_PICK: "Short pick",
    ExceptionCode.UNKNOWN_PARCEL: "Unknown parcel",
    ExceptionCode.HANDED_OVER_ON_HOLD: "Handed over while on hold",
    ExceptionCode.HANDED_OVER_INCOMPLETE: "Handed over incomplete",
    ExceptionCode.ATTEMPT_FAILED: "Delivery attempt failed",
    ExceptionCode.CARRIER_EXCEPTION: "Problem at the carrier",
    ExceptionCode.RETURN_TO_SENDER: "On its way back to us",
    ExceptionCode.LOST: "Lost",
    ExceptionCode.WORKFLOW_REFUSED: "Automatic step refused",
    ExceptionCode.UNITS_MISSING: "Units of a confirmed order are missing",
    ExceptionCode.PICKED_IN_VAIN: "Picked, and nobody wants it any more",
}
WORKFLOW_COMMANDS = {
    "Want": "Ask stock for units",
    "Stage": "Tell stock what was picked",
    "WriteOff": "Tell stock what was not found",
    "Issue": "Tell stock what has left",
    "TakeExcess": "Tell stock what was picked in excess",
    "Close": "Tell stock that the order is over",
    "Allocate": "Serve waiting orders",
    "TakeStockAnswer": "Take stock's answer",
    "ConfirmIfReady": "Confirm the order",
    "SendIfReady": "Send the order to the warehouse",
    "CompleteOrder": "Complete the order",
}
"""By name; of commands that the log names and nobody sends any more, the name is shown."""
WORKFLOW_REFUSALS = {
    "unknown-order": "there is no such order",
    "command-too-large": "it is larger than one record of the log may be",
    "internal-error": "a fault of the program; its log says more",
}
"""By code, as far as the workflow meets them; others are shown as they are."""
OUTCOMES = {
    Outcome.UNDER_WAY: "still under way",
    Outcome.LOST: "lost",
    Outcome.RETURNED: "returned to us",
}
PARCELS = {
    ParcelStatus.CREATED: "Label made",
    ParcelStatus.PRE_TRANSIT: "Announced to the carrier",
    ParcelStatus.IN_TRANSIT: "On its way",
    ParcelStatus.OUT_FOR_DELIVERY: "Out for delivery",
    ParcelStatus.PICKUP_READY: "Ready to be collected",
    ParcelStatus.ATTEMPT_FAILED: "Delivery attempt failed",
    ParcelStatus.DELIVERED: "Delivered",
    ParcelStatus.EXCEPTION: "Problem at the carrier",
    ParcelStatus.RETURNING: "On its way back to us",
    ParcelStatus.RETURNED: "Back with us",
    ParcelStatus.LOST: "Lost",
}
EVIDENCE = {
    Evidence.CARRIER_SCAN: "the carrier's scan",
    Evidence.OWN_VAN: "our own van",
    Evidence.COUNTER: "collected at the counter",
    Evidence.SILENT_CARRIER: "the customer's word, without a scan",
}
STAGES = {
    Bucket.OPEN: "Not yet reserved",
    Bucket.BACKORDERED: "Backordered",
    Bucket.RESERVED: "Reserved",
    Bucket.SENT: "Sent to warehouse",
    Bucket.PICKED: "Picked",
    Bucket.PACKED: "Packed",
    Bucket.HANDED_OVER: "Handed to carrier",
    Bucket.RECEIVED: "Received",
    Bucket.RETURNED: "Returned",
    Bucket.LOST: "Lost",
    Bucket.CANCELLED: "Cancelled",
    Bucket.EXCESS: "Surplus",
}
CAUSES = {
    CancelCause.CUSTOMER: "the customer asked for it",
    CancelCause.US: "we decided it",
    CancelCause.NO_STOCK: "there is no stock",
}
CHANNELS = {
    Channel.PHONE: "by phone",
    Channel.EMAIL: "by e-mail",
    Channel.CHAT: "by chat",
    Channel.IN_PERSON: "in person",
    Channel.OTHER: "in another way",
}
AUDIENCES = {Audience.INTERNAL: "internal", Audience.CUSTOMER: "for the customer"}
SOURCES = {
    DateSource.ORDER: "as requested in the order",
    DateSource.PERSON: "promised by our staff",
    DateSource.CARRIER: "according to the carrier",
}
KINDS = {
    LineKind.GOODS: "Goods",
    LineKind.SERVICE: "Service",
    LineKind.CHARGE: "Charge",
    LineKind.DISCOUNT: "Discount",
}
TRACKED_UNITS = {
    UnitState.BEING_ARRANGED: "Being arranged",
    UnitState.WAITING_FOR_STOCK: "Waiting for stock",
    UnitState.BEING_PREPARED: "Being prepared",
    UnitState.ON_THE_WAY: "On the way",
    UnitState.RECEIVED: "Received",
    UnitState.RETURNED: "Returned",
    UnitState.LOST: "Lost",
    UnitState.CANCELLED: "Cancelled",
}
TRACKED_PROBLEMS = {
    TrackedProblem.ON_HOLD: "We are looking into something before your order can continue. You do not have to do anything; we will contact you if we need you.",
    TrackedProblem.ADDRESS_NEEDED: "We need your complete address before your order can continue. Please send it to us.",
    TrackedProblem.PAYMENT_NEEDED: "We need your payment before your order can continue. If you have paid already, please tell us.",
    TrackedProblem.CUSTOMER_WAITS: "Your order waits because you asked for it. Please tell us when it should continue.",
    TrackedProblem.ATTEMPT_FAILED: "The carrier tried to deliver and nobody was there. The carrier will try again.",
    TrackedProblem.CARRIER_EXCEPTION: "The carrier reports a problem. We are looking into it.",
    TrackedProblem.RETURN_TO_SENDER: "The parcel is on its way back to us. We will contact you.",
    TrackedProblem.LOST: "The carrier cannot find the parcel. We will contact you.",
}

MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR


def day(of: date) -> str:
    """`23 Nov 2026`."""
    return f"{of.day} {MONTHS[of.month - 1]} {of.year}"


def counted(number: int, noun: str) -> str:
    """`1 unit`, `1,234 units`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def units(number: int) -> str:
    """`1 unit`, `2 units`."""
    return counted(number, "unit")


def more_articles(number: int) -> str:
    """`and 1 more article`, `and 2 more articles`."""
    return f"and {counted(number, 'more article')}"


def duration(span: timedelta) -> str:
    """`3 h`, `2 days`; the largest unit alone."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < MINUTES_PER_HOUR:
        return f"{minutes} min"
    if minutes < 2 * MINUTES_PER_DAY:
        return f"{minutes // MINUTES_PER_HOUR} h"
    return f"{minutes // MINUTES_PER_DAY} days"
