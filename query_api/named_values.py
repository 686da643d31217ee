"""What each value of an order that can be asked after is called and what it says, as the order's page shows it.

Must not know: HTTP, when a value has changed. Which names there are is decided in domain/order/aspects.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, TypeVar

from domain.order.terms import BUCKET_OF_NAME
from projections.order import OrderRow
from query_api.order_page import in_words
from query_api.sentences import Words

NOT_THERE: Final = "–"
"""What the order does not have, or not any more."""

LABELS: Final = {
    "headline": "state",
    "waiting-on": "waiting_on",
    "next-step": "next_step",
    "promise": "current_promise",
    "ordered": "quantity",
    "price": "unit_price",
    "missing": "not_on_the_shelf",
    "tracking-number": "tracking_number",
    "handed-over": "handed_over",
    "expected": "expected_arrival",
}
"""Keys of the words before a value, where they are not its name."""


class Numbered(Protocol):
    """A line, a parcel, a hold or a problem."""

    @property
    def number(self) -> int:
        """As the page shows it."""
        ...


N = TypeVar("N", bound=Numbered)


class ValuesInWords:
    """The values of an order as its reader may read them."""

    def __init__(self, order: OrderRow, words: Words) -> None:
        self._state = order.state
        self._badges = order.badges
        self._words = words
        self._page: dict[str, Any] = in_words(order, words)
        self._plain: dict[str, Callable[[], str]] = {
            "headline": lambda: words.headlines[order.headline],
            "waiting-on": lambda: words.parties[order.waiting_on],
            "next-step": lambda: words.next_steps[order.next_action],
            "since": lambda: words.moment(order.waiting_since),
            "placed": lambda: words.moment(order.placed_at),
            "requested": lambda: words.day(order.requested_date) if order.requested_date else "",
            "promise": lambda: self._page["promise"],
            "priority": lambda: str(order.state.priority),
            "total": lambda: self._page["total"],
            "surplus": lambda: words.units(sum(extra.quantity for extra in order.state.excess)),
        }
        self._grouped: dict[str, Callable[..., str]] = {
            "badge": self._badge,
            "hold": self._hold,
            "problem": self._problem,
            "line": self._line,
            "parcel": self._parcel,
        }

    def label(self, name: str) -> str:
        """The word before the value; a badge that is there needs none."""
        match name.split("."):
            case ["badge", *_]:
                return "" if self.said(name) != NOT_THERE else self._words.text("state")
            case ["hold" | "problem" as kind, number]:
                return f"{self._words.text(kind)} {number}"
            case ["line", _, last] if last in BUCKET_OF_NAME:
                return self._words.stages[BUCKET_OF_NAME[last]]
            case parts:
                return self._words.text(LABELS.get(parts[-1], parts[-1]))

    def said(self, name: str) -> str:
        """The value itself."""
        kind, *parts = name.split(".")
        return (self._grouped[kind](*parts) if parts else self._plain[kind]()) or NOT_THERE

    def title(self, name: str) -> str:
        """What was asked after: all of a line or a parcel is called by its number."""
        match name.split("."):
            case ["line", number, *_]:
                line = _numbered(self._state.lines, number)
                return f"{self._words.text('line')} {number}" + (f" · {line.line.sku}" if line else "")
            case ["parcel", number, *_]:
                return f"{self._words.text('parcel')} {number}"
            case _:
                return f"{self.label(name)} {self.said(name)}".strip()

    def _badge(self, kind: str, hold: str | None = None) -> str:
        found = (badge for badge in self._badges if badge.kind == kind and hold in {None, badge.detail})
        return " · ".join(map(self._words.badge, found))

    def _hold(self, number: str) -> str:
        hold = _numbered(self._state.holds, number)
        return self._words.holds[hold.type] if hold else ""

    def _problem(self, number: str) -> str:
        trouble = _numbered(self._state.exceptions, number)
        return self._words.exceptions[trouble.code] if trouble else ""

    def _line(self, number: str, part: str) -> str:
        line = _numbered(self._state.lines, number)
        if line is None:
            return ""
        if part == "price":
            return str(self._page["price"](line.line.unit_price))
        known = {"ordered": line.line.quantity, "missing": line.missing}
        return f"{known.get(part, line.units.get(part, 0)):,}"

    def _parcel(self, number: str, part: str) -> str:
        parcel = _numbered(self._state.parcels, number)
        if parcel is None:
            return ""
        told = {
            "state": self._page["parcel_state"](parcel),
            "contents": self._page["contents"](parcel.contents),
            "carrier": parcel.carrier,
            "tracking-number": parcel.tracking_number,
            "handed-over": parcel.handed_over_at and self._words.moment(parcel.handed_over_at),
            "expected": parcel.expected_on and self._words.day(parcel.expected_on),
            "received": parcel.received_at and self._words.moment(parcel.received_at),
        }
        return told[part] or ""


def _numbered(things: Iterable[N], number: str) -> N | None:
    return next((thing for thing in things if str(thing.number) == number), None)
