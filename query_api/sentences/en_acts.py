"""English: what people can do, and what the fields of its forms are called."""

from __future__ import annotations

from typing import Final

from domain.offering import Act

ACTS: Final[dict[Act, str]] = {
    Act.CONFIRM: "Confirm",
    Act.SEND_TO_WAREHOUSE: "Send to warehouse",
    Act.RECALL_FROM_WAREHOUSE: "Recall from warehouse",
    Act.START_PICK: "Start picking",
    Act.PICK: "Pick",
    Act.SHORT_PICK: "Short pick",
    Act.PACK: "Pack",
    Act.UNPACK: "Unpack",
    Act.HAND_OVER: "Hand over",
    Act.CORRECT_HAND_OVER: "Correct hand-over",
    Act.RECORD_CHECKPOINT: "Enter carrier's news",
    Act.CONFIRM_RECEIPT: "Confirm receipt",
    Act.CONFIRM_RECEIPT_OF_ALL: "Confirm receipt of everything",
    Act.HOLD: "Hold",
    Act.RESUME: "Resume",
    Act.CANCEL_ORDER: "Cancel order",
    Act.CANCEL_UNITS: "Cancel units",
    Act.RESOLVE_EXCEPTION: "Resolve problem",
    Act.ADD_NOTE: "Add note",
    Act.LOG_CONTACT: "Log contact",
    Act.RECEIVE_STOCK: "Receive stock",
    Act.COUNT_STOCK: "Count",
}

FIELD_WORDS: Final[dict[str, str]] = {
    "answer": "What we answered",
    "audience": "Who may read it",
    "bin": "Bin",
    "blocks": "Stops",
    "carrier": "Carrier",
    "cause": "Because of",
    "channel": "How they reached us",
    "code": "Carrier's code",
    "contents": "What goes into the parcel",
    "counted": "Units on the shelf",
    "delivery_note": "Text on the delivery note",
    "document": "Delivery note",
    "evidence": "How we know",
    "exception": "Problem",
    "expected_on": "Expected arrival",
    "hold": "Hold",
    "language": "Language",
    "line": "Line",
    "lines": "Units",
    "lot": "Lot",
    "message": "Carrier's words",
    "occurred_at": "When it happened",
    "on": "Date",
    "outcome": "What became of it",
    "parcel": "Parcel",
    "phone": "Phone",
    "place": "Place",
    "promises": "Dates we promise",
    "quantity": "Quantity",
    "question": "What they asked",
    "reason": "Reason",
    "received_by": "Received by",
    "region": "Province or state",
    "review_at": "Look at it again",
    "serial": "Serial number",
    "service": "Service",
    "sku": "SKU",
    "source": "Source",
    "status": "News",
    "street_2": "Second address line",
    "text": "Note",
    "tracking_number": "Tracking number",
    "type": "Kind of hold",
    "units": "What was picked",
    "weight_g": "Weight (g)",
}

REFUSAL_WORDS: Final[dict[str, str]] = {
    "key-reused": "This was sent and recorded before, with something else in it. Look whether that is what you want; "
    "if you send this again, it is recorded as well.",
    "still-unknown": "It is not known yet whether this was recorded. Send it again: it is recorded once.",
}
"""Where the title of a refusal speaks to programs; all others are told by their titles."""
