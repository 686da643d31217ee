"""English: what stands on papers."""

from __future__ import annotations

from typing import Final

PAPER_TEXTS: Final[dict[str, str]] = {
    "paper_delivery-note": "Delivery note",
    "paper_pick-list": "Pick list",
    "paper_packing-slip": "Packing slip",
    "paper_parcel-label": "Parcel label",
    "no_delivery-note": "There is nothing to deliver.",
    "no_pick-list": "There is nothing to pick now.",
    "no_packing-slip": "No parcel is packed yet.",
    "no_parcel-label": "No parcel is packed yet.",
    "paper_in_en": "In English",
    "paper_in_zh": "In Chinese",
    "print": "Print",
    "paper_to": "To",
    "sheet_of_parcel": "Parcel {place} of {places}",
    "sheet_of_parcel_more": "Parcel {place} of {places}, more to follow",
    "rest_follows": "The rest of the order follows.",
    "weight": "Weight",
    "your_reference": "Your reference",
    "in_parcel": "In this parcel",
    "picked_by": "Picked by",
    "papers": "Print",
    "paper_from": "From",
    "customer_line": "Your line",
    "ordered": "Ordered",
    "units_here": "Here",
    "to_come": "To come",
    "to_pick": "To pick",
    "lot_or_serial": "Lot or serial number",
    "picked_tick": "Picked",
    "signature": "Received: signature",
    "signed_name": "Name in capitals",
    "signed_on": "Date",
    "sheets": "Sheets: {count}",
    "print_later": "These are too many lines for one page. Orders left for the next one: {count}",
    "print_next": "Show the next ones",
    "not_in_house": "Your role reads the address only while an order is in the house",
    "print_most": "These are of the {count} most urgent orders. For others, narrow the board or select them.",
}
