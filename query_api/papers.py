"""The papers that go with goods, as sheets: which there are of an order, which units stand on each, who may have them.

Decides: which units of a line are here, still to come, to be picked; which parcels a paper is of, what its code says.
Must not know: HTTP, words, how a paper looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.access import Sight, sights
from domain.event_values import LineKind
from domain.order.state import Parcel
from domain.order.status import NextAction
from domain.roles import Role
from projections.board import Board
from projections.order import LineDocument, OrderDocument, OrderRow
from query_api.codes import parcel_code


class Paper(StrEnum):
    """What can be printed of an order."""

    PICK_LIST = "pick-list"
    PACKING_SLIP = "packing-slip"
    PARCEL_LABEL = "parcel-label"
    DELIVERY_NOTE = "delivery-note"


ADDRESSED: Final = frozenset({Paper.PACKING_SLIP, Paper.PARCEL_LABEL, Paper.DELIVERY_NOTE})
"""Papers on which stands to whose door it goes."""
FOR_CUSTOMER: Final = frozenset({Paper.PACKING_SLIP, Paper.DELIVERY_NOTE})
"""Papers that the customer reads, and so in the customer's language."""
OF_ONE_PARCEL: Final = frozenset({Paper.PACKING_SLIP, Paper.PARCEL_LABEL})
"""Papers of which each parcel has its own."""

PRINTED_AT: Final[Mapping[NextAction, tuple[Paper, ...]]] = {
    NextAction.PICK: (Paper.PICK_LIST,),
    NextAction.PACK: (Paper.PACKING_SLIP, Paper.PARCEL_LABEL),
    NextAction.HAND_OVER: (Paper.PACKING_SLIP, Paper.PARCEL_LABEL, Paper.DELIVERY_NOTE),
}
"""Papers that a step needs of many orders: boards with a queue for the step offer them."""

HERE: Final = ("picked", "packed")
"""Stages of units that lie ready to leave."""
LEFT_THE_HOUSE: Final = ("handed-over", "received", "returned", "lost")
"""Stages of units that were sent."""
YET_TO_COME: Final = ("open", "backordered", "reserved", "sent")
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
    sent_before: int
    """What left the house with other parcels."""
    to_come: int
    """What is neither here nor with the customer already."""
    to_pick: int
    lot: str | None
    serial: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper of one order."""

    paper: Paper
    code: str
    """What a scanner reads."""
    lines: tuple[PaperLine, ...] = ()
    parcel: Parcel | None = None
    place: int = 0
    """Which of the order's parcels it is, those that were unpacked left out; 0 where it is of none."""
    places: int = 0
    """How many of them there are so far."""
    more: bool = False
    """Whether units are yet to be packed."""

    @property
    def goes_with_nothing(self) -> bool:
        """Whether it is a delivery note with which no goods come."""
        return self.paper is Paper.DELIVERY_NOTE and not any(line.here for line in self.lines)


def papers_for(seen: frozenset[Sight]) -> list[Paper]:
    """Which papers somebody with these sights may have."""
    return [paper for paper in Paper if paper not in ADDRESSED or Sight.DELIVERY in seen]


def printed_on(board: Board, role: Role) -> list[Paper]:
    """What can be printed there of several orders by somebody who may have it of orders in the house."""
    wanted = {paper for step in board.queues.values() if step for paper in PRINTED_AT.get(step, ())}
    return [paper for paper in papers_for(sights(role, in_the_house=True)) if paper in wanted]


def sheets_of(order: OrderRow, paper: Paper, parcel: int | None = None) -> tuple[Sheet, ...]:
    """The sheets of a paper, of one parcel where one is named; none where there is nothing for it.

    Of papers of one parcel: for those that have not left, or all once none is here.
    """
    packed = _packed(order.state)
    named = [one for one in packed if one.number == parcel]
    if parcel is not None and not named:
        return ()
    if paper in OF_ONE_PARCEL:
        meant = named or [one for one in packed if not one.handed_over_at] or packed
        return tuple(_of_parcel(order, paper, one, packed) for one in meant)
    return tuple(_of_order(order, paper, named))


def _packed(order: OrderDocument) -> list[Parcel]:
    return [parcel for parcel in order.parcels if parcel.contents]


def _of_parcel(order: OrderRow, paper: Paper, parcel: Parcel, packed: Sequence[Parcel]) -> Sheet:
    slip = paper is Paper.PACKING_SLIP
    return Sheet(
        paper,
        code=order.number if slip else parcel_code(order.number, parcel),
        lines=tuple(line for line in lines_of(order.state, parcel) if line.here) if slip else (),
        parcel=parcel,
        place=1 + packed.index(parcel),
        places=len(packed),
        more=any(_count(line, (*YET_TO_COME, "picked")) for line in order.state.lines),
    )


def _of_order(order: OrderRow, paper: Paper, named: Sequence[Parcel]) -> Iterator[Sheet]:
    if paper is Paper.DELIVERY_NOTE:
        parcel = named[0] if named else _parcel_meant(order.state)
        yield Sheet(paper, order.number, lines_of(order.state, parcel), parcel)
    elif lines := tuple(line for line in lines_of(order.state) if line.to_pick):
        yield Sheet(paper, order.number, lines)


def _parcel_meant(order: OrderDocument) -> Parcel | None:
    """Which parcel a delivery note is of where none is named: the latest, once nothing lies ready to leave."""
    ready = any(_count(line, HERE) for line in order.lines)
    return None if ready else next(reversed(_packed(order)), None)


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
        sent_before=_count(line, LEFT_THE_HOUSE) - (here - still_here),
        to_come=missing + ready - still_here,
        to_pick=_count(line, ("sent",)),
        lot=line.line.lot,
        serial=line.line.serial,
    )


def _count(line: LineDocument, stages: tuple[str, ...]) -> int:
    return sum(line.units.get(stage, 0) for stage in stages)
