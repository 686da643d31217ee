"""What of an order that is being entered can be promised now, line by line.

Decides: that lines of one article share what is available, the first ones first. A promise it is not: the stock answers
when the order is placed. Must not know: HTTP, words on screen, where the figures come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedUnits:
    """Units of one line; the SKU as stock calls it."""

    row: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Availability:
    """How many of a line's units are here and free."""

    wanted: WantedUnits
    now: int
    available: int | None
    """What is free of the article altogether; None where nothing is known of it."""

    @property
    def short(self) -> int:
        """Units that cannot be had now."""
        return self.wanted.quantity - self.now


def availability(wanted: Iterable[WantedUnits], free: Mapping[str, int]) -> Iterator[Availability]:
    """Of each line; `free` are units by SKU, negative ones where more was promised than is there."""
    left = {sku: max(0, units) for sku, units in free.items()}
    for line in wanted:
        now = min(line.quantity, left.get(line.sku, 0))
        if now:
            left[line.sku] -= now
        yield Availability(line, now, free.get(line.sku))
