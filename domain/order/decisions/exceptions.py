"""How a decision makes trouble visible: as an exception with an owner and an end, never as a refused fact.

Decides: number and owner of an exception, that the same trouble is not opened twice, and which trouble is over
without anybody having dealt with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.order.events import ExceptionOpened, ExceptionResolved
from domain.order.ledger import UNRESERVED
from domain.order.parcels import parcel_of
from domain.order.terms import EXCEPTION_OWNERS, ExceptionCode
from domain.roles import Role

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.event_terms import TroubleFacts
    from domain.order.state import OpenException, Order

ENDED_BY_RECEIPT: Final = frozenset({ExceptionCode.ATTEMPT_FAILED, ExceptionCode.CARRIER_EXCEPTION, ExceptionCode.LOST})
"""Trouble with a parcel that is none any more once the customer has it."""


def opened(order: Order, code: ExceptionCode, about: TroubleFacts, context: Context) -> ExceptionOpened:
    """The next exception of the order: what somebody has to look at, and what it is about."""
    return ExceptionOpened(
        occurred_at=context.occurred_at,
        number=order.exceptions_opened + 1,
        code=code,
        owner=EXCEPTION_OWNERS[code],
        about=about,
    )


def is_open(order: Order, code: ExceptionCode, parcel: int) -> bool:
    """Whether somebody is looking at such trouble with this parcel."""
    return any(known.code is code and known.about.parcel == parcel for known in order.exceptions)


def opened_once(
    order: Order, code: ExceptionCode, about: TroubleFacts, context: Context
) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the same code is open for the same parcel, or of the same facts without one."""
    if about.parcel is not None and is_open(order, code, about.parcel):
        return ()
    return opened_unless_known(order, code, about, context)


def opened_unless_known(
    order: Order, code: ExceptionCode, about: TroubleFacts, context: Context
) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the same is open: a fact that fits nowhere is looked at, but not twice."""
    if any((known.code, known.about) == (code, about) for known in order.exceptions):
        return ()
    return (opened(order, code, about, context),)


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
    parcel = None if trouble.about.parcel is None else parcel_of(order, trouble.about.parcel)
    return trouble.code in ENDED_BY_RECEIPT and parcel is not None and parcel.received_at is not None


def _is_known_now(order: Order, trouble: OpenException) -> bool:
    """Whether the parcel that somebody spoke of has become one of the order's that left."""
    return any(
        (parcel.handed_over_at is not None or parcel.received_at is not None)
        and trouble.about.parcel in {None, parcel.number}
        and trouble.about.tracking_number in {None, parcel.tracking_number}
        for parcel in order.parcels
        if parcel.contents
    )
