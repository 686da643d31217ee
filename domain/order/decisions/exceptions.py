"""How a decision makes trouble visible: as an exception with an owner, never as a refused fact.

Decides: number, owner and text of an exception, and that the same trouble is not opened twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from domain.order.events import ExceptionOpened
from domain.order.terms import EXCEPTION_OWNERS, ExceptionCode

if TYPE_CHECKING:
    from domain.decider import Context
    from domain.order.state import Order

LONGEST_DETAIL: Final = 200


@dataclass(frozen=True, slots=True)
class Trouble:
    """What somebody has to look at; `parcel` is the parcel it is about, if any."""

    code: ExceptionCode
    detail: str
    parcel: int | None = None


def opened(order: Order, trouble: Trouble, context: Context) -> ExceptionOpened:
    """The next exception of the order."""
    return ExceptionOpened(
        occurred_at=context.occurred_at,
        number=order.exceptions_opened + 1,
        code=trouble.code,
        owner=EXCEPTION_OWNERS[trouble.code],
        detail=trouble.detail[:LONGEST_DETAIL],
        parcel=trouble.parcel,
    )


def opened_once(order: Order, trouble: Trouble, context: Context) -> tuple[ExceptionOpened, ...]:
    """As `opened`, or nothing while the same code is open for the same parcel, or with the same text without one."""
    for known in order.exceptions:
        same = known.parcel == trouble.parcel and (trouble.parcel or known.detail == trouble.detail[:LONGEST_DETAIL])
        if known.code is trouble.code and same:
            return ()
    return (opened(order, trouble, context),)
