"""English: words for doing something to several orders at once, by key."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "several": "Do to those selected",
    "select": "Select {number}",
    "select_all": "Select all shown",
    "several_selected": "{count} selected",
    "several_show_more": "Show 200",
    "several_none": "No order is selected. Go back to the board and tick some.",
    "several_will": "Will be done",
    "several_will_not": "Will not be done",
    "several_what": "What will be recorded",
    "several_not_now": "Not now. Waiting on: {party}. Next step: {step}.",
    "several_too_many": "Too much at once. Do it after these.",
    "several_carrier_missing": "Say who takes the parcels.",
    "several_pasted": "Tracking numbers, one line for each parcel in the order below; or type them beside",
    "several_too_many_pasted": "Lines: {lines}. Parcels: {parcels}. Please check which number belongs to which parcel.",
    "several_twice": "This number stands at a parcel of another order too.",
    "several_without_number": "Parcels without a tracking number: {count}",
    "several_change": "Change carrier or numbers",
    "several_done": "Recorded: {count}.",
    "several_done_list": "Done",
    "several_not_done": "Not done",
    "several_again": "Look at these again",
    "several_gone": "This was told more than ten minutes ago. Each order's page says what became of it.",
    "several_to_board": "Back to the board",
}
