"""How a decision makes trouble visible: as an exception with an owner and an end, never as a refused fact.

Decides: number, owner and text of an exception, that the same trouble is not opened twice, and which trouble is over
without anybody having dealt with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.order.events import ExceptionOpened, ExceptionResolved
from domain.order.ledger import UNRESERVED
from domain.order.parcels import parcel_of
from domain.order.terms import EXCEPTION_OWNERS, ExceptionCode
from domain.roles import Role

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.state import OpenException, Order

LONGEST_DETAIL: Final = 200

ENDED_BY_RECEIPT: Final = frozenset({ExceptionCode.ATTEMPT_FAILED, ExceptionCode.CARRIER_EXCEPTION, ExceptionCode.LOST})
"""Trouble with a parcel that is none any more once the customer has it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What somebody has to look at; `parcel` and `tracking_number` are what it is about, if anything."""

    code: ExceptionCode
    detail: str
    parcel: int | None = None
    tracking_number: str | None = None


def opened(order: Order, trouble: Trouble, context: Context) -> ExceptionOpened:
    """The next exception of the order."""
    return ExceptionOpened(
        occurred_at=context.occurred_at,
        number=order.exceptions_opened + 1,
        code=trouble.code,
        owner=EXCEPTION_OWNERS[trouble.code],
        detail=trouble.detail[:LONGEST_DETAIL],
        parcel=trouble.parcel,
        tracking_number=trouble.tracking_number,
    )


def is_open(order: Order, code: ExceptionCode, parcel: int) -> bool:
    """Whether somebody is looking at such trouble with this parcel."""
    return any(known.code is code and known.parcel == parcel for known in order.exceptions)


def opened_once(order: Order, trouble: Trouble, context: Context) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the same code is open for the same parcel, or with the same text without one."""
    for known in order.exceptions:
        same = known.parcel == trouble.parcel and (trouble.parcel or known.detail == trouble.detail[:LONGEST_DETAIL])
        if known.code is trouble.code and same:
            return ()
    return (opened(order, trouble, context),)


def opened_unless_known(order: Order, trouble: Trouble, context: Context) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the same words are open: a fact that fits nowhere is looked at, but not twice."""
    words = (trouble.code, trouble.parcel, trouble.detail[:LONGEST_DETAIL])
    if any((known.code, known.parcel, known.detail) == words for known in order.exceptions):
        return ()
    return (opened(order, trouble, context),)


def overtaken(order: Order, context: Context) -> tuple[ExceptionResolved, ...]:
    """The end of all trouble that other events have overtaken."""
    return tuple(
        ExceptionResolved(occurred_at=context.occurred_at, exception=trouble.number, resolved_by=Role.WORKFLOW.value)
        for trouble in order.exceptions
        if _is_over(order, trouble)
    )


def _is_over(order: Order, trouble: OpenException) -> bool:
    if trouble.code is ExceptionCode.UNKNOWN_PARCEL:
        return _is_known_now(order, trouble)
    if trouble.code is ExceptionCode.UNITS_MISSING:
        return order.count(*UNRESERVED) == 0
    parcel = None if trouble.parcel is None else parcel_of(order, trouble.parcel)
    return trouble.code in ENDED_BY_RECEIPT and parcel is not None and parcel.received_at is not None


def _is_known_now(order: Order, trouble: OpenException) -> bool:
    """Whether the parcel that somebody spoke of has become one of the order's that left."""
    return any(
        (parcel.handed_over_at is not None or parcel.received_at is not None)
        and trouble.parcel in {None, parcel.number}
        and trouble.tracking_number in {None, parcel.tracking_number}
        for parcel in order.parcels
        if parcel.contents
    )
