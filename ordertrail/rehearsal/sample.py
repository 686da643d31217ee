"""The sample of a training company: about 60 real invoices, some received, some waiting at each department.

Decides: how far each goes and which one the tracking link shows. Must not know: how orders are played. The invoices are
from "Online Retail", D. Chen, UCI Machine Learning Repository, 2015, doi 10.24432/C5BW33, licence CC BY 4.0.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ordertrail.rehearsal import retail
from ordertrail.rehearsal.plan import LeftAt, PlannedOrder, plan
from ordertrail.rehearsal.playing import Playing

if TYPE_CHECKING:
    from ordertrail.rehearsal.staff import Staff

logger = logging.getLogger(__name__)

INVOICES: Final = Path(__file__).parent / "data" / "online-retail"
EVERY_INVOICE: Final = 10_000

TRACKED: Final = "536367"
"""The order whose tracking page is shown: on its way, but for one article that is short."""
SHORT: Final = {"22745": 2}

LEFT_AT: Final = (
    LeftAt.RECEIVED,
    LeftAt.RECEIVED,
    LeftAt.IN_TRANSIT,
    LeftAt.HANDED_OVER,
    LeftAt.PACKED,
    LeftAt.PICKED,
    LeftAt.PLACED,
)
"""Where one order after the other is left, again and again: every department finds some to do."""


class Sample:
    """The sample, played by the staff of the training company. Played again, it goes on where it was interrupted."""

    def __init__(self, staff: Staff) -> None:
        whole = plan(list(retail.read(INVOICES)), EVERY_INVOICE)
        orders = [replace(order, until=LEFT_AT[place % len(LEFT_AT)]) for place, order in enumerate(whole.orders)]
        self._tracked = next(replace(one, until=LeftAt.IN_TRANSIT) for one in orders if one.invoice.number == TRACKED)
        self._rest = [one for one in orders if one.invoice.number != TRACKED]
        self._supply = {**whole.supply, **SHORT}
        self._playing = Playing(staff)

    async def play_tracked(self) -> None:
        """Receive what the tracked order needs, place it and bring it on its way."""
        await self._receive(_skus(self._tracked))
        await self._playing.place_and_work([self._tracked])
        self._complain()

    async def play_rest(self) -> None:
        """All other orders, each as far as it should go. What stock lacks keeps waiting."""
        await self._receive(self._supply.keys() - _skus(self._tracked))
        await self._playing.place_and_work(self._rest)
        self._complain()

    async def _receive(self, skus: set[str]) -> None:
        supply = [(sku, units) for sku, units in self._supply.items() if sku in skus]
        await self._playing.receive(supply, "first-supply")

    def _complain(self) -> None:
        for one in self._playing.played:
            if one.failure:
                logger.warning("sample: %s", one.failure)


def _skus(order: PlannedOrder) -> set[str]:
    return {line.sku for line in order.invoice.lines}
