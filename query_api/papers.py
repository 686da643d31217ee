"""The papers that go with goods, as tables: the delivery note, and the list that a picker walks by.

Decides: which units of a line are here, still to come, to be picked, and who may have which paper. Must not know: HTTP,
words, how a paper looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.access import Sight
from domain.event_values import LineKind
from domain.order.state import Parcel
from projections.order import LineDocument, OrderDocument


class Paper(StrEnum):
    """What can be printed of an order."""

    DELIVERY_NOTE = "delivery-note"
    PICK_LIST = "pick-list"


HERE = ("picked", "packed")
"""Stages of units that lie ready to leave."""
YET_TO_COME = ("open", "backordered", "reserved", "sent")
"""Stages of units that are not picked."""


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of goods on a paper."""

    number: int
    customer_line: str | None
    """The customer's own number of it."""
    sku: str
    name: str
    unit: str
    ordered: int
    here: int
    """What the receiver finds."""
    to_come: int
    """What is neither here nor with the customer already."""
    to_pick: int
    lot: str | None
    serial: str | None


def papers_for(seen: frozenset[Sight]) -> list[Paper]:
    """Which papers somebody with these sights may have: on a delivery note stands to whom it goes."""
    return [paper for paper in Paper if paper is not Paper.DELIVERY_NOTE or Sight.DELIVERY in seen]


def parcel_meant(order: OrderDocument) -> Parcel | None:
    """Which parcel a delivery note is of where none is named: the latest, once nothing lies ready to leave."""
    ready = any(_count(line, HERE) for line in order.lines)
    return None if ready else next((parcel for parcel in reversed(order.parcels) if parcel.contents), None)


def lines_of(order: OrderDocument, parcel: Parcel | None = None) -> tuple[PaperLine, ...]:
    """The goods of an order. With a parcel, what is in it counts as here; else all that lies ready to leave."""
    packed = {} if parcel is None else {units.line: units.quantity for units in parcel.contents}
    return tuple(_line(line, parcel, packed) for line in order.lines if line.line.kind is LineKind.GOODS)


def _line(line: LineDocument, parcel: Parcel | None, packed: dict[int, int]) -> PaperLine:
    ready, missing = _count(line, HERE), _count(line, YET_TO_COME)
    here = ready if parcel is None else packed.get(line.number, 0)
    still_here = 0 if parcel is not None and parcel.handed_over_at else here
    return PaperLine(
        number=line.number,
        customer_line=line.line.customer_line,
        sku=line.line.sku,
        name=line.line.name,
        unit=line.line.unit,
        ordered=line.line.quantity,
        here=here,
        to_come=missing + ready - still_here,
        to_pick=_count(line, ("sent",)),
        lot=line.line.lot,
        serial=line.line.serial,
    )


def _count(line: LineDocument, stages: tuple[str, ...]) -> int:
    return sum(line.units.get(stage, 0) for stage in stages)
