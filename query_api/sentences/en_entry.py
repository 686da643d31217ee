"""English: the words of entering an order, by key."""

from __future__ import annotations

from typing import Final

ENTRY_TEXTS: Final[dict[str, str]] = {
    "not_placed": "The order was not placed.",
    "correct_fields": "Please correct the marked fields.",
    "try_again": "We do not know whether the order was placed. Send the form again unchanged: it will not be placed twice.",
    "email": "E-mail",
    "recipient": "Recipient",
    "street": "Street",
    "postal_code": "Postal code",
    "city": "City",
    "more_lines": "More lines",
    "terms": "Terms",
    "currency": "Currency",
    "priority_hint": "Priority (0 first, 9 last)",
    "partial_explained": "Send what is available before the rest",
    "backorder_explained": "Missing units wait for stock; otherwise we cancel them",
    "form_gone": "What was typed is no longer kept: forms are kept for ten minutes.",
}
