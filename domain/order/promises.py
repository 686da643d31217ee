"""What an order keeps of dates that people promised.

Decides: what a newer promise takes the place of. Must not know: who may promise, and how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.order.ledger import gone_to_date
from domain.replacing import replace

if TYPE_CHECKING:
    from domain.order.commands import PromiseDates
    from domain.order.events import DatesPromised, OrderConfirmed
    from domain.order.state import Order


def confirmed(order: Order, event: OrderConfirmed) -> Order:
    """The first promises are made with the confirmation."""
    return replace(
        order,
        confirmed_at=order.confirmed_at or event.occurred_at,
        promises=(*order.promises, *event.promises),
    )


def dates_promised(order: Order, event: DatesPromised) -> Order:
    """Of the lines that it names, nothing holds any more of what was promised before."""
    lines = {portion.line for portion in event.promises}
    others = tuple(portion for portion in order.promises if portion.line not in lines)
    gone = {line: gone_to_date(state) for line in lines if (state := order.lines.get(line)) is not None}
    return replace(
        order,
        promises=(*others, *event.promises),
        gone_before_promise={**order.gone_before_promise, **gone},
    )


def is_promised_so(order: Order, command: PromiseDates) -> bool:
    """Whether just this is promised of these lines already."""
    lines = {portion.line for portion in command.promises}
    known = ((one.line, one.quantity, one.on) for one in order.promises if one.line in lines)
    return sorted(known) == sorted((one.line, one.quantity, one.on) for one in command.promises)
