"""English: what is wrong with an order, from the facts that an exception names. Must not know: pages, rows."""

from __future__ import annotations

from domain.order.event_terms import NamedUnits, TroubleFacts
from domain.order.terms import ExceptionCode, Misfit
from query_api.sentences.en_words import EVIDENCE, HOLDS, WORKFLOW_COMMANDS, WORKFLOW_REFUSALS, counted
from query_api.sentences.words import joined, unended, unnamed


def trouble(code: ExceptionCode, about: TroubleFacts) -> str:
    """One sentence, without its full stop, of the facts that are known; empty where there are none to add."""
    match code:
        case ExceptionCode.EXCESS:
            return _parts(about, "too many for")
        case ExceptionCode.SHORT_PICK:
            return joined("Reported missing although nobody was to pick them", _parts(about, "on"), by=": ")
        case ExceptionCode.UNKNOWN_PARCEL:
            return _unknown(about)
        case ExceptionCode.HANDED_OVER_ON_HOLD:
            return f"{_parcel(about)} left in spite of {_holds(about)}"
        case ExceptionCode.HANDED_OVER_INCOMPLETE:
            return f"{_parcel(about)} left without {_units(about)} of the same delivery"
        case (
            ExceptionCode.ATTEMPT_FAILED
            | ExceptionCode.CARRIER_EXCEPTION
            | ExceptionCode.RETURN_TO_SENDER
            | ExceptionCode.LOST
        ):
            return _carriers_news(about)
        case ExceptionCode.WORKFLOW_REFUSED:
            return _refused(about)
        case ExceptionCode.UNITS_MISSING:
            missing = "The customer does not want to wait for units that were confirmed and are missing now"
            return joined(missing, _parts(about, "on"), by=": ")
        case ExceptionCode.PICKED_IN_VAIN:
            return f"{_units(about)} picked for an order that wants all or nothing, and the rest is not to be had"


def _parcel(about: TroubleFacts) -> str:
    return "A parcel" if about.parcel is None else f"Parcel {about.parcel}"


def _refused(about: TroubleFacts) -> str:
    command, refusal = about.command or "", about.refusal or ""
    return joined(WORKFLOW_COMMANDS.get(command, command), unended(WORKFLOW_REFUSALS.get(refusal, refusal)), by=": ")


def _units(about: TroubleFacts) -> str:
    return "units" if about.units is None else counted(about.units, "unit")


def _holds(about: TroubleFacts) -> str:
    return ", ".join(f"hold {hold.number} ({HOLDS[hold.type]})" for hold in about.holds) or "a hold"


def _parts(about: TroubleFacts, relation: str) -> str:
    more = unnamed(about)
    rest = f"and {counted(more, 'more unit')}" if more else ""
    return joined(*(_part(part, relation) for part in about.parts), rest, by="; ")


def _part(part: NamedUnits, relation: str) -> str:
    units = f"{part.quantity:,} of {part.sku or 'an unknown article'}"
    return joined(units, _place(part, relation), by=" " if part.misfit is None else ", ")


def _place(part: NamedUnits, relation: str) -> str:
    match part.misfit:
        case None:
            return "" if part.line is None else f"{relation} line {part.line}"
        case Misfit.LINE_NOT_NAMED:
            return "picked without naming its line"
        case Misfit.NO_SUCH_LINE:
            return f"for line {part.named_line}, which is no goods line of the order"
        case Misfit.NOT_IN_ORDER:
            return "which is not in the order"


def _carriers_news(about: TroubleFacts) -> str:
    parcel = "" if about.parcel is None else _parcel(about)
    code = f"code {about.code}" if about.code else ""
    who = joined(parcel, joined(about.carrier, about.tracking_number, by=" "), code, by=", ")
    return joined(who, unended(about.message), by=": ")


def _unknown(about: TroubleFacts) -> str:
    if about.evidence is not None:
        by = f"by {about.received_by}" if about.received_by else ""
        when = "before any parcel had left" if about.parcel is None else "while it was not packed"
        what = "Goods were" if about.parcel is None else f"{_parcel(about)} was"
        return joined(what, "received", by, f"({EVIDENCE[about.evidence]})", when, by=" ")
    number = about.tracking_number or ""
    if about.parcel is None:
        carrier = about.carrier or "A carrier"
        return f"{carrier} spoke of {joined('tracking number', number, by=' ')}, which no parcel has"
    to = f"to {about.carrier}" if about.carrier else ""
    service = f"({about.service})" if about.service else ""
    known_as = f"as {number}" if number else ""
    return joined(_parcel(about), "was handed over", to, service, known_as, "while it was not packed", by=" ")
