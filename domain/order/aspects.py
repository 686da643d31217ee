"""What of an order people ask after, each value by a name, and after which event it has been what it is.

Decides: which values have a name, and what changed one last. Must not know: words on screen, what caused an event.

A value may come back (held, resumed, held again), so that halving the history does not find its last change: each event
is folded once, and after it every value that is asked for is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

from domain.order.events import OrderEvent
from domain.order.evolve import evolve
from domain.order.parcels import parcel_of, status_told
from domain.order.state import LineState, Order, Parcel
from domain.order.status import BadgeKind, badges, headline, standing_holds, waiting
from domain.order.terms import BUCKET_OF_NAME, Bucket, HoldType

Aspect = Callable[[Order], object]
"""A value that an order shows; None where it has nothing of the kind."""
P = TypeVar("P")


class NoSuchAspect(ValueError):
    """Orders have no value of this name."""


PLAIN_ASPECTS: Final[dict[str, Aspect]] = {
    "headline": headline,
    "waiting-on": lambda order: waiting(order)[0],
    "next-step": lambda order: waiting(order)[1],
    "since": lambda order: order.waiting_since,
    "placed": lambda order: order.placed_at,
    "requested": lambda order: order.requested_date,
    "promise": lambda order: order.promises or None,
    "priority": lambda order: order.priority,
    "total": lambda order: order.total_minor,
    "surplus": lambda order: order.excess or None,
}


def _in_bucket(bucket: Bucket) -> Callable[[LineState], int]:
    return lambda line: line.buckets[bucket]


LINE_ASPECTS: Final[dict[str, Callable[[LineState], object]]] = {
    "ordered": lambda line: line.line.quantity,
    "price": lambda line: line.line.unit_price,
    **{name: _in_bucket(bucket) for name, bucket in BUCKET_OF_NAME.items()},
    "missing": lambda line: line.missing,
}

PARCEL_ASPECTS: Final[dict[str, Callable[[Parcel], object]]] = {
    "state": lambda parcel: (
        parcel.received_at is not None
        or status_told(parcel)
        or (parcel.handed_over_at is not None, bool(parcel.contents))
    ),
    "contents": lambda parcel: parcel.contents or None,
    "carrier": lambda parcel: parcel.carrier,
    "tracking-number": lambda parcel: parcel.tracking_number,
    "handed-over": lambda parcel: parcel.handed_over_at,
    "expected": lambda parcel: parcel.expected_on,
    "received": lambda parcel: parcel.received_at,
}


def aspects_of(name: str) -> dict[str, Aspect]:
    """The values that a name stands for: one, or all of a line or a parcel; `NoSuchAspect` where it stands for none.

    `headline`, `badge.part-shipped`, `badge.on-hold.credit`, `hold.1`, `problem.2`, `line.3`, `line.3.reserved`,
    `parcel.1`, `parcel.1.received`.
    """
    match name.split("."):
        case [plain] if plain in PLAIN_ASPECTS:
            return {name: PLAIN_ASPECTS[plain]}
        case ["badge", kind]:
            return {name: _badge(kind)}
        case ["badge", BadgeKind.ON_HOLD, hold]:
            return {name: _hold_badge(hold)}
        case ["hold", number]:
            return {name: _hold(_number(number))}
        case ["problem", number]:
            return {name: _problem(_number(number))}
        case ["line" | "parcel" as kind, number, *parts]:
            return _each(name, parts, _parts_of(kind, _number(number)))
        case _:
            raise NoSuchAspect(name)


def _number(text: str) -> int:
    if re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII) is None:
        raise NoSuchAspect(text)
    return int(text)


def _parts_of(kind: str, number: int) -> dict[str, Aspect]:
    if kind == "line":
        return {part: _of_line(number, look) for part, look in LINE_ASPECTS.items()}
    return {part: _of_parcel(number, look) for part, look in PARCEL_ASPECTS.items()}


def _each(name: str, parts: list[str], known: Mapping[str, Aspect]) -> dict[str, Aspect]:
    """All of them, or the one that is named."""
    match parts:
        case []:
            return {f"{name}.{part}": aspect for part, aspect in known.items()}
        case [part] if part in known:
            return {name: known[part]}
        case _:
            raise NoSuchAspect(name)


def _badge(kind: str) -> Aspect:
    if kind not in set(BadgeKind):
        raise NoSuchAspect(kind)
    return lambda order: tuple(badge for badge in badges(order) if badge.kind == kind) or None


def _hold_badge(hold: str) -> Aspect:
    """Each type of hold has a badge of its own."""
    if hold not in set(HoldType):
        raise NoSuchAspect(hold)
    shown = (BadgeKind.ON_HOLD, hold)
    return lambda order: tuple(badge for badge in badges(order) if (badge.kind, badge.detail) == shown) or None


def _hold(number: int) -> Aspect:
    return lambda order: next((hold for hold in standing_holds(order) if hold.number == number), None)


def _problem(number: int) -> Aspect:
    return lambda order: next((trouble for trouble in order.exceptions if trouble.number == number), None)


def _of_line(number: int, look: Callable[[LineState], object]) -> Aspect:
    def aspect(order: Order) -> object:
        line = order.lines.get(number)
        return None if line is None else look(line)

    return aspect


def _of_parcel(number: int, look: Callable[[Parcel], object]) -> Aspect:
    def aspect(order: Order) -> object:
        parcel = parcel_of(order, number)
        return None if parcel is None else look(parcel)

    return aspect


class LastChanges(Generic[P]):
    """Folds an order from nothing and keeps what changed each value last, by whatever the caller calls an event."""

    def __init__(self, asked: Mapping[str, Aspect]) -> None:
        self.asked = asked
        self.values: dict[str, object] = dict.fromkeys(asked)
        """As they are after the last event; None where there is nothing of the kind."""
        self.changed_by: dict[str, P] = {}
        """Without what the order never had."""
        self._order: Order | None = None

    def take(self, event: OrderEvent, called: P) -> None:
        """The next event of the order."""
        self._order = evolve(self._order, event)
        if self._order is None:
            return
        for name, aspect in self.asked.items():
            value = aspect(self._order)
            if value != self.values[name]:
                self.values[name] = value
                self.changed_by[name] = called
