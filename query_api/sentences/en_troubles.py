"""English: what is wrong with an order, from the facts that an exception names. Must not know: pages, rows."""

from __future__ import annotations

from domain.order.event_terms import Excess, TroubleFacts
from domain.order.terms import ExceptionCode
from query_api.sentences.en_words import EVIDENCE, HOLDS, counted
from query_api.sentences.words import unnamed


def trouble(code: ExceptionCode, about: TroubleFacts) -> str:
    """One sentence, without its full stop; empty where the code alone says everything."""
    match code:
        case ExceptionCode.EXCESS:
            return "; ".join(map(_surplus, about.excess)) + _more(about)
        case ExceptionCode.SHORT_PICK:
            lines = ", ".join(f"{part.quantity} of line {part.line}" for part in about.excess)
            return f"Reported missing although nobody was to pick them: {lines}{_more(about)}"
        case ExceptionCode.UNKNOWN_PARCEL:
            return _unknown(about)
        case ExceptionCode.HANDED_OVER_ON_HOLD:
            return f"Parcel {about.parcel} left in spite of a hold ({HOLDS[about.hold]})" if about.hold else ""
        case ExceptionCode.HANDED_OVER_INCOMPLETE:
            return f"Parcel {about.parcel} left without {counted(about.units or 0, 'unit')} of the same delivery"
        case ExceptionCode.WORKFLOW_REFUSED:
            return f"{about.command}: {about.refusal}"
        case ExceptionCode.UNITS_MISSING:
            return "The customer does not want to wait"
        case ExceptionCode.PICKED_IN_VAIN:
            picked = counted(about.units or 0, "unit")
            return f"{picked} picked for an order that wants all or nothing, and the rest is not to be had"
        case _:
            return f"Parcel {about.parcel}, {about.carrier}: {about.message}"


def _surplus(part: Excess) -> str:
    where = ", which is not in the order" if part.line is None else f" too many for line {part.line}"
    return f"{part.quantity} of {part.sku or 'an unknown article'}{where}"


def _more(about: TroubleFacts) -> str:
    more = unnamed(about)
    return f"; and {counted(more, 'more unit')}" if more else ""


def _unknown(about: TroubleFacts) -> str:
    if about.evidence is not None:
        known = f"({EVIDENCE[about.evidence]})"
        if about.parcel is None:
            return f"Goods were received {known}, but no parcel has left"
        return f"Parcel {about.parcel} was received {known}, but is not packed"
    if about.parcel is None:
        return f"No parcel has tracking number {about.tracking_number}"
    number = f" as {about.tracking_number}" if about.tracking_number else ""
    return f"Parcel {about.parcel} was handed over to {about.carrier}{number}, but is not packed"
