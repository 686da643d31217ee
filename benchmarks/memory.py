"""What server and projector hold in memory after many events: whether it stays small, and whether it stays flat.

Decides: that orders come at a rate that the workflow keeps up with, so that what is measured is what stays, not a
backlog. Must not know: how a company is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks.company import PARTS
from benchmarks.figures import Amount, Goal

if TYPE_CHECKING:
    from benchmarks.bench import Length
    from benchmarks.company import RunningCompany

MOST_MB: Final = 300
MOST_GROWTH: Final = 1.1
"""Flat means: no more than this between the first look and the last."""
EVENTS: Final = 9
"""Of an order of three lines until it is sent to the warehouse."""
SLOWER: Final = 4.0
"""A machine that needs this many times as long as was offered is too slow to be asked."""


async def measure(company: RunningCompany, length: Length) -> list[Amount]:
    """Look at both processes each time that everything placed so far is shown."""
    looks: list[tuple[int, dict[str, float]]] = []
    for orders in length.remembered:
        due = orders - company.orders
        await company.place(SLOWER * due / length.remembered_per_s, per_s=length.remembered_per_s, most=due)
        await company.shown()
        looks.append((company.orders * EVENTS, company.resident_mb()))
    return [figure for part in PARTS for figure in figures(part, looks)]


def figures(part: str, looks: list[tuple[int, dict[str, float]]]) -> list[Amount]:
    """An amount for every look (events, MB by part), and one for the growth from the first to the last."""
    (first, before), (last, after) = looks[0], looks[-1]
    amounts = [
        Amount(f"memory of the {part} after {events:,} events", "MB", Goal(MOST_MB, at_least=False))
        for events, _ in looks
    ]
    for amount, (events, resident) in zip(amounts, looks, strict=True):
        amount.add(resident[part], events=events)
    growth = Amount(f"memory of the {part}: growth", "times", Goal(MOST_GROWTH, at_least=False))
    growth.add(after[part] / before[part], first_events=first, last_events=last)
    return [*amounts, growth]
