"""What can be done with a stock item now: receive goods, count the shelf, teach a code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from domain.offering import Act, Offer, Rank
from domain.stock.commands import CountStock, ReceiveStock, TeachCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from domain.decider import Context


class Demand(Protocol):
    """What offers look at of a stock item; `StockItem` has it, and so has a row of a view."""

    @property
    def waiting(self) -> int:
        """Units orders wait for."""
        ...

    @property
    def count_asked_at(self) -> datetime | None:
        """Since when the warehouse is to count; None where nothing is in doubt."""
        ...


def possible_offers(item: Demand, version: int, context: Context) -> Iterator[Offer]:
    """All are always taken. A shelf in doubt is counted before anything else."""
    in_doubt = item.count_asked_at is not None
    awaited = item.waiting > 0 and not in_doubt
    yield Offer(Act.COUNT_STOCK, CountStock, context.stream, version, Rank.NEXT if in_doubt else Rank.USUAL)
    yield Offer(
        Act.RECEIVE_STOCK,
        ReceiveStock,
        context.stream,
        version,
        Rank.NEXT if awaited else Rank.USUAL,
        proposed={"quantity": item.waiting} if item.waiting else {},
    )
    yield Offer(Act.TEACH_CODE, TeachCode, context.stream, version, Rank.POSSIBLE, proposed={"factor": 1})
