"""English: the words of customer service: the search box, and what is written down of a customer's call."""

from __future__ import annotations

from typing import Final

from projections.search_terms import SearchField

SERVICE_TEXTS: Final[dict[str, str]] = {
    "find_label": "Find an order: number, reference, customer, e-mail, phone, tracking number or SKU",
    "find_hint": "Find: number, customer, e-mail, SKU …",
    "found_for": "Search for",
    "found_by": "Found by",
    "found_nothing": "Nothing found.",
    "found_too_many": "Very many begin like this, and not all of them are listed. Please type more of it.",
    "looked_in": "Looked in:",
    "find_how": "The whole or its beginning; of a phone number the last seven digits. Upper and lower case, blanks and hyphens do not matter.",
    "list_comma": ", ",
    "full_stop": ".",
    "customer_reads": "The customer reads:",
    "tracking_page": "What the customer sees",
    "asked_where": "Customer asked where the order is:",
    "asked_where_question": "Customer asked where the order is.",
}

SEARCHED: Final[dict[SearchField, str]] = {
    SearchField.NUMBER: "order number",
    SearchField.REFERENCE: "customer's reference",
    SearchField.CUSTOMER_ID: "customer number",
    SearchField.CUSTOMER_NAME: "customer's name",
    SearchField.EMAIL: "e-mail",
    SearchField.PHONE: "phone",
    SearchField.DELIVERY_PHONE: "phone",
    SearchField.TRACKING_NUMBER: "tracking number",
    SearchField.SKU: "SKU",
}
