"""English: what stands on papers."""

from __future__ import annotations

from typing import Final

PAPER_TEXTS: Final[dict[str, str]] = {
    "paper_delivery-note": "Delivery note",
    "paper_pick-list": "Pick list",
    "papers": "Print",
    "paper_from": "From",
    "customer_line": "Your line",
    "ordered": "Ordered",
    "units_here": "Here",
    "to_come": "To come",
    "to_pick": "To pick",
    "lot_or_serial": "Lot or serial number",
    "picked_tick": "Picked",
    "nothing_to_pick": "There is nothing to pick now.",
    "signature": "Received: signature",
    "signed_name": "Name in capitals",
    "signed_on": "Date",
}
