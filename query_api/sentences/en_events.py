"""English: one sentence for every event. One line a case. Must not know: pages, rows."""

from __future__ import annotations

from domain.catalogue import AnyEvent
from domain.order import events as order
from domain.person.events import PersonEvent
from domain.roles import Party
from query_api.sentences import en_people, en_stock
from query_api.sentences.en_troubles import trouble
from query_api.sentences.en_words import (
    AUDIENCES,
    CAUSES,
    CHANNELS,
    EVIDENCE,
    EXCEPTIONS,
    HOLDS,
    OUTCOMES,
    PARCELS,
    PARTIES,
    STEPS,
    counted,
    day,
)
from query_api.sentences.words import Amounts, Naming, by_day, joined, named, total


def _units(units: Amounts, naming: Naming) -> str:
    return named(units, naming) or _summed(units)


def _summed(units: Amounts) -> str:
    return f"{counted(total(units), 'unit')} on {counted(len(units), 'line')}" if units else "no units"


def _placed(event: order.OrderPlaced) -> str:
    who = event.customer.name or event.customer.id or "a guest"
    held = ", on hold (" + ", ".join(HOLDS[hold.type] for hold in event.holds) + ")" if event.holds else ""
    wished = f", requested for {day(event.requested_date)}" if event.requested_date else ""
    return f"Order {event.number} placed for {who}: {counted(len(event.lines), 'line')}{wished}{held}."


def _dates(event: order.DatesPromised, naming: Naming) -> str:
    return "; ".join(f"{_units(portions, naming)} for {day(on)}" for on, portions in by_day(event.promises))


def _wanted(event: order.CancelRequested, naming: Naming) -> str:
    what = _units(event.lines, naming) if event.lines else "the whole order"
    return f"Cancellation requested for {what}, because {CAUSES[event.cause]}."


def _asked(event: order.StockAsked) -> str:
    return ", ".join(f"{total(want.lines):,} × {want.sku}{' later' if want.deferred else ''}" for want in event.wants)


def _handed_over(event: order.HandedOver, naming: Naming) -> str:
    number = f", tracking number {event.tracking_number}" if event.tracking_number else ""
    return f"Parcel {event.parcel} handed to {event.carrier}{number}: {_units(event.units, naming)}."


def _checkpoint(event: order.CheckpointRecorded) -> str:
    parcel = (
        f"parcel {event.parcel}" if event.parcel else f"{event.tracking_number}, which is none of this order's parcels"
    )
    place = f" in {event.place}" if event.place else ""
    when = f", expected arrival {day(event.expected_on)}" if event.expected_on else ""
    return f"{event.carrier} says of {parcel}: {PARCELS[event.status]}{place}{when}."


def _receipt(event: order.ReceiptConfirmed, naming: Naming) -> str:
    by = f" by {event.received_by}" if event.received_by else ""
    return f"Parcel {event.parcel} received{by} ({EVIDENCE[event.evidence]}): {_units(event.units, naming)}."


def _opened(event: order.ExceptionOpened) -> str:
    what = joined(EXCEPTIONS[event.code], trouble(event.code, event.about), by=". ")
    return f"Problem {event.number}, {PARTIES[event.owner]} is looking into it: {what}."


def _noted(event: order.NoteAdded) -> str:
    asked = f" to {PARTIES[Party(event.department)]}" if event.department else ""
    kind = f"Message {event.number}{asked}" if event.number else "Note"
    return f"{kind} ({AUDIENCES[event.audience]}): {event.text}"


def _taken(event: order.Taken) -> str:
    return f"{PARTIES[Party(event.department)]}: {event.person} is on it{_from(event.taken_from)}."


def _from(colleague: str | None) -> str:
    return f", taken over from {colleague}" if colleague else ""


def sentence(event: AnyEvent, naming: Naming) -> str:
    """One event as one sentence."""
    match event:
        case order.OrderPlaced():
            return _placed(event)
        case order.OrderConfirmed():
            return "Order confirmed."
        case order.DatesPromised():
            return f"Promised {_dates(event, naming)}."
        case order.Held(hold=hold):
            return f"Put on hold ({HOLDS[hold.type]}); stops: {', '.join(STEPS[step] for step in hold.blocks)}."
        case order.Resumed():
            return f"Hold {event.hold} lifted."
        case order.CancelRequested():
            return _wanted(event, naming)
        case order.UnitsCancelled():
            return f"Cancelled {_units(event.units, naming)}, because {CAUSES[event.cause]}."
        case order.OrderCancelled():
            return "Order cancelled: nothing is left to deliver."
        case order.OrderCompleted():
            return "Order completed: nothing is open for the customer."
        case order.StockAsked():
            return f"Stock asked for {_asked(event)}."
        case order.UnitsReserved():
            return f"Reserved {_units(event.units, naming)}."
        case order.UnitsBackordered():
            return f"Backordered {_units(event.units, naming)}: waiting for stock of {event.sku}."
        case order.StockReconfirmed():
            return f"Stock of {event.sku} answered; no units moved."
        case order.SentToWarehouse():
            return f"Sent to warehouse {event.location}: {_units(event.units, naming)}."
        case order.RecalledFromWarehouse():
            purpose = " to be cancelled" if event.for_cancellation else ""
            return f"Recalled from the warehouse{purpose}: {_units(event.units, naming)}."
        case order.PickStarted():
            return f"{event.picker} began to pick{_from(event.taken_from)}."
        case order.Picked():
            extra = f" Surplus: {counted(sum(part.quantity for part in event.excess), 'unit')}." if event.excess else ""
            return f"Picked {_units(event.picked, naming)}.{extra}"
        case order.ShortPicked():
            return f"Short pick: {_units(event.units, naming)} not on the shelf."
        case order.Packed():
            return f"Packed into parcel {event.parcel}: {_units(event.units, naming)}."
        case order.Unpacked():
            return f"Parcel {event.parcel} unpacked: {_units(event.units, naming)}."
        case order.HandedOver():
            return _handed_over(event, naming)
        case order.CheckpointRecorded():
            return _checkpoint(event)
        case order.ReceiptConfirmed():
            return _receipt(event, naming)
        case order.NoteAdded():
            return _noted(event)
        case order.NoteAnswered():
            return f"{PARTIES[Party(event.department)]} answered message {event.note}: {event.text}"
        case order.ContactLogged():
            return f"The customer asked {CHANNELS[event.channel]}: {event.question} — Answer: {event.answer}"
        case order.ExceptionOpened():
            return _opened(event)
        case order.ExceptionResolved():
            outcome = f" Outcome: {OUTCOMES[event.outcome]}." if event.outcome else ""
            return f"Problem {event.exception} solved.{outcome}"
        case order.Taken():
            return _taken(event)
        case order.PassedOn():
            return f"{PARTIES[Party(event.department)]}: {event.taken_from} passed on to {event.person}."
        case order.GivenBack():
            return f"{PARTIES[Party(event.department)]}: {event.taken_from} is no longer on it."
        case PersonEvent():
            return en_people.sentence(event)
        case _:
            return en_stock.sentence(event)
