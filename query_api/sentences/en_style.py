"""English: words of the page that shows the style."""

from __future__ import annotations

from typing import Final

STYLE_TEXTS: Final[dict[str, str]] = {
    "style_title": "Every part of the pages",
    "style_lead": "For whoever changes how pages look. Nothing here is an order, and nothing can be carried out.",
    "style_headlines": "Headlines, badges, facts",
    "style_buttons": "Buttons and links",
    "style_notices": "Notices, refusals, live state",
    "style_notice": "Something to know, without a sign of good or bad.",
    "style_forms": "A form: every kind of field, refused, with its preview",
    "style_tables": "Tables and queues",
    "style_changed": "This row has just changed.",
    "style_empty": "Empty, and loading",
    "style_progress": "Progress, timeline, parcel, code",
}
