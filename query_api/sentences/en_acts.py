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
    "document": "Delivery note",
    "evidence": "How we know",
    "exception": "Problem",
    "expected_on": "Expected arrival",
    "hold": "Hold",
    "line": "Line",
    "lines": "Units",
    "lot": "Lot",
    "message": "Carrier's words",
    "occurred_at": "When it happened (UTC)",
    "on": "Date",
    "outcome": "What became of it",
    "parcel": "Parcel",
    "place": "Place",
    "promises": "Dates we promise",
    "quantity": "Quantity",
    "question": "What they asked",
    "reason": "Reason",
    "received_by": "Received by",
    "review_at": "Look at it again (UTC)",
    "serial": "Serial number",
    "service": "Service",
    "sku": "SKU",
    "source": "Source",
    "status": "News",
    "text": "Note",
    "tracking_number": "Tracking number",
    "type": "Kind of hold",
    "units": "What was picked",
    "weight_g": "Weight (g)",
}

FAULT_WORDS: Final[dict[str, str]] = {
    "string_pattern_mismatch": "holds a letter or sign that is not taken here",
}
"""By the rule that a value breaks; other reasons are English as they come."""
