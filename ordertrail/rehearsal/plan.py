"""What is to be played: which invoices, how far each goes, and how scarce stock is at first.

Decides: all of it from the invoices and a seed, so that two runs play the same. Must not know: HTTP, the log.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from domain.event_values import LineKind
from domain.values import Units
from ordertrail.rehearsal import retail
from ordertrail.rehearsal.retail import CreditNote, Document, Invoice, LeftOut

SEED: Final = 20101201
SCARCE_SHARE: Final = 0.05
"""Of all SKUs; one order in five waits then, for invoices of 27 lines."""
SCARCE_SUPPLY: Final = 0.7
"""Share of the whole demand that is there at the start for a scarce SKU."""


class LeftAt(IntEnum):
    """How far an order is taken."""

    PLACED = 0
    PICKED = 1
    PACKED = 2
    HANDED_OVER = 3
    IN_TRANSIT = 4
    RECEIVED = 5


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """One order to be played: `cancel` is taken back before picking, `until` is where it is left."""

    invoice: Invoice
    cancel: tuple[Units, ...] = ()
    until: LeftAt = LeftAt.RECEIVED


@dataclass(frozen=True, slots=True)
class Plan:
    """Orders in order of their invoices, units to receive at the start by SKU, and what could not be used."""

    orders: tuple[PlannedOrder, ...]
    supply: Mapping[str, int]
    left_out: Counter[str] = field(default_factory=Counter)
    """Lines of the invoices played, and whole invoices, by reason."""


def plan(documents: Sequence[Document], orders: int, seed: int = SEED) -> Plan:
    """The first usable invoices, as many as asked for, with every credit note that concerns them."""
    cancelled = retail.matched(documents)
    planned: list[PlannedOrder] = []
    left_out: Counter[str] = Counter()
    for document in documents:
        if len(planned) == orders:
            break
        match document:
            case Invoice():
                planned.append(PlannedOrder(document, cancelled.get(document.number, ())))
                left_out.update(document.left_out)
            case LeftOut():
                left_out["invoice without a usable line"] += 1
            case CreditNote():
                pass
    return Plan(tuple(planned), supply(planned, seed), left_out)


def supply(orders: Sequence[PlannedOrder], seed: int = SEED) -> dict[str, int]:
    """Units to receive before the first order, by SKU; SKUs that start with none are left out."""
    demand: Counter[str] = Counter()
    for order in orders:
        for line in order.invoice.lines:
            if line.kind is LineKind.GOODS:
                demand[line.sku] += line.quantity
    chance = random.Random(seed)
    first = {sku: _first(demand[sku], chance) for sku in sorted(demand)}
    return {sku: units for sku, units in first.items() if units}


def _first(demand: int, chance: random.Random) -> int:
    return int(demand * SCARCE_SUPPLY) if chance.random() < SCARCE_SHARE else demand
