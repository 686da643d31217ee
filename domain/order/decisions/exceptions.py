"""How a decision makes trouble visible: as an exception with an owner and an end, never as a refused fact.

Decides: number and owner of an exception, that the same trouble is not opened twice, and which trouble is over
without anybody having dealt with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.order.event_terms import TroubleFacts
from domain.order.events import ExceptionOpened, ExceptionResolved
from domain.order.ledger import UNRESERVED
from domain.order.parcels import parcel_of, same_carrier
from domain.order.terms import EXCEPTION_OWNERS, NOT_TO_COME, ExceptionCode
from domain.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.decider import Context
    from domain.order.event_terms import NamedUnits
    from domain.order.state import OpenException, Order, Parcel

ENDED_BY_RECEIPT: Final = frozenset({ExceptionCode.ATTEMPT_FAILED, ExceptionCode.CARRIER_EXCEPTION, ExceptionCode.LOST})
"""Trouble with a parcel that is none any more once the customer has it."""


MOST_NAMED: Final = 20
"""Parts that an exception names."""


def about_units(parts: Sequence[NamedUnits]) -> TroubleFacts:
    """The first parts, and all units: who looks at it finds the rest in the event before."""
    return TroubleFacts(parts=tuple(parts[:MOST_NAMED]), units=sum(part.quantity for part in parts))


def opened(
    order: Order, code: ExceptionCode, about: TroubleFacts, context: Context, reason: str | None = None
) -> ExceptionOpened:
    """The next exception of the order: what somebody has to look at, and what it is about."""
    return ExceptionOpened(
        occurred_at=context.occurred_at,
        reason=reason,
        number=order.exceptions_opened + 1,
        code=code,
        owner=EXCEPTION_OWNERS[code],
        about=about,
    )


def is_open(order: Order, code: ExceptionCode, parcel: int) -> bool:
    """Whether somebody is looking at such trouble with this parcel."""
    return any(known.code is code and known.about.parcel == parcel for known in order.exceptions)


def opened_once_per_parcel(
    order: Order, code: ExceptionCode, about: TroubleFacts, context: Context
) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the same code is open for the parcel that it is about."""
    if about.parcel is not None and is_open(order, code, about.parcel):
        return ()
    return (opened(order, code, about, context),)


def opened_once_per_code(
    order: Order, code: ExceptionCode, about: TroubleFacts, context: Context
) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the code is open: who looks at it looks at the whole order."""
    if any(known.code is code for known in order.exceptions):
        return ()
    return (opened(order, code, about, context),)


def opened_once_per_facts(
    order: Order, code: ExceptionCode, about: TroubleFacts, context: Context, reason: str | None = None
) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the same is open: a fact that fits nowhere is looked at, but not twice."""
    if any(known.code is code and _is_same(known.about, about) for known in order.exceptions):
        return ()
    return (opened(order, code, about, context, reason),)


def _is_same(one: TroubleFacts, other: TroubleFacts) -> bool:
    alike = one.model_copy(update={"carrier": other.carrier})
    return alike == other and same_carrier(one.carrier or "", other.carrier or "")


def overtaken(before: Order, after: Order, context: Context) -> tuple[ExceptionResolved, ...]:
    """The end of all trouble that events between these states have overtaken: what was reported of a parcel that the
    customer had already is not over because of that.
    """
    return tuple(
        ExceptionResolved(occurred_at=context.occurred_at, exception=trouble.number, resolved_by=Role.WORKFLOW.value)
        for trouble in after.exceptions
        if _is_over(after, trouble) and not _is_over(before, trouble)
    )


def _is_over(order: Order, trouble: OpenException) -> bool:
    if trouble.code is ExceptionCode.UNKNOWN_PARCEL:
        return _is_known_now(order, trouble)
    if trouble.code is ExceptionCode.UNITS_MISSING:
        return order.count(*UNRESERVED) == 0
    parcel = None if trouble.about.parcel is None else parcel_of(order, trouble.about.parcel)
    return trouble.code in ENDED_BY_RECEIPT and parcel is not None and parcel.received_at is not None


def _is_known_now(order: Order, trouble: OpenException) -> bool:
    """Whether what somebody said of an unknown parcel is in the order by now."""
    return _is_received(order, trouble) if trouble.about.evidence is not None else _has_left(order, trouble)


def _is_received(order: Order, trouble: OpenException) -> bool:
    """Whether the parcel that was said to be received is; without a parcel, all that left and is still to come."""
    spoken_of = [
        parcel
        for parcel in order.parcels
        if parcel.contents and parcel.number == (trouble.about.parcel or parcel.number) and _is_gone(parcel)
    ]
    there = [parcel for parcel in spoken_of if parcel.received_at is not None]
    return bool(there) and all(parcel in there or parcel.outcome in NOT_TO_COME for parcel in spoken_of)


def _is_gone(parcel: Parcel) -> bool:
    return parcel.handed_over_at is not None or parcel.received_at is not None


def _has_left(order: Order, trouble: OpenException) -> bool:
    """Whether the parcel that somebody spoke of has become one of the order's that left."""
    return any(
        _is_gone(parcel)
        and trouble.about.parcel in {None, parcel.number}
        and trouble.about.tracking_number in {None, parcel.tracking_number}
        for parcel in order.parcels
        if parcel.contents
    )
