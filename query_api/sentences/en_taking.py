"""English: who is on an order, and what departments ask each other, by key."""

from __future__ import annotations

from typing import Final

TAKING_TEXTS: Final[dict[str, str]] = {
    "queue_messages": "Messages",
    "taken_by": "{name} is on it",
    "taken_since": "{name} since {time}",
    "taken_take_over": "{name} since {time}, take over?",
    "taken_by_you": "You are on it since {time}",
    "on_it": "Is on it",
    "messages": "Messages",
    "message_to": "To {party}",
    "message_unanswered": "Not answered yet",
    "message_answered": "Answered",
    "message_count": "{count} to answer",
}
