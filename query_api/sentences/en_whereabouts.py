"""English: one sentence that says where an order is. Must not know: pages, rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from projections.tracking_document import TrackedProblem, TrackingDocument
from query_api.sentences.en_words import day
from query_api.sentences.whereabouts import UnitsTogether, Whereabouts, holds_told, together
from query_api.sentences.words import joined

PLACES_TOLD = {
    Whereabouts.RECEIVED: "received{on}",
    Whereabouts.OUT_FOR_DELIVERY: "out for delivery{by}{expected}",
    Whereabouts.TO_COLLECT: "ready for you to collect{by}",
    Whereabouts.SHIPPED: "shipped{on}{by}{expected}",
    Whereabouts.COMING_BACK: "on the way back to us{by}",
    Whereabouts.NOT_FOUND: "missing on the way{by}",
    Whereabouts.SENT_BACK: "back with us",
    Whereabouts.LOST: "lost",
    Whereabouts.BEING_PREPARED: "being prepared",
    Whereabouts.CONFIRMED: "confirmed{on}",
    Whereabouts.WAITING: "{wait} for stock, {promised}",
    Whereabouts.ORDERED: "ordered{on}, not confirmed yet",
    Whereabouts.BEING_ARRANGED: "being arranged",
    Whereabouts.CANCELLED: "cancelled",
    Whereabouts.REFUSED: "cancelled for lack of stock",
}
HOLDS_TOLD = {
    TrackedProblem.ON_HOLD: "on hold while we look into something",
    TrackedProblem.ADDRESS_NEEDED: "on hold until you give us your complete address",
    TrackedProblem.PAYMENT_NEEDED: "on hold until we have your payment",
    TrackedProblem.CUSTOMER_WAITS: "on hold as you asked, until you tell us to go on",
}


def whereabouts(document: TrackingDocument, zone: tzinfo) -> str:
    """`6 of 10 shipped on 2 Mar 2026 with Royal Mail; 4 wait for stock, no date yet.`"""
    parts = together(document, zone)
    if not parts:
        return "There are no goods to be sent."
    said = [f"{_counted(parts)} {_place(parts[0])}", *(f"{part.units:,} {_place(part)}" for part in parts[1:])]
    return "; ".join([*said, *(HOLDS_TOLD[code] for code in holds_told(document))]) + "."


def _counted(parts: Sequence[UnitsTogether]) -> str:
    of = sum(part.units for part in parts)
    if len(parts) > 1:
        return f"{parts[0].units:,} of {of:,}"
    return "1 unit" if of == 1 else f"All {of:,} units"


def _place(part: UnitsTogether) -> str:
    return PLACES_TOLD[part.where].format(
        on=_on(part),
        by=f" with {_listed(part.carriers)}" if part.carriers else "",
        expected=f", expected on {day(part.expected)}" if part.expected else "",
        wait="waits" if part.units == 1 else "wait",
        promised=f"promised for {day(part.expected)}" if part.expected else "no date yet",
    )


def _on(part: UnitsTogether) -> str:
    if part.day is None:
        return ""
    return f" (the last on {day(part.day)})" if part.several_days else f" on {day(part.day)}"


def _listed(names: Sequence[str]) -> str:
    return joined(", ".join(names[:-1]), names[-1], by=" and ")
