"""English: who is on an order, what departments ask each other, and what the start page tells a person, by key."""

from __future__ import annotations

from typing import Final

TAKING_TEXTS: Final[dict[str, str]] = {
    "queue_messages": "Messages",
    "taken_by": "{name} is on it",
    "taken_since": "{name} since {time}",
    "taken_notice": "{name} is on it since {time}.",
    "taken_take_over": "{name} since {time}, take over?",
    "taken_by_you": "You are on it since {time}",
    "on_it": "Is on it",
    "message_to": "To {party}",
    "message_unanswered": "Not answered yet",
    "message_answered": "Answered",
    "follow": "Follow",
    "followed": "What others change about it, you find on the page",
    "unfollow": "Unfollow",
    "no_messages": "No message waits for an answer.",
    "changed_orders": "Your orders that others changed",
    "changed_last": "Changed last",
    "all_seen": "I have seen these",
    "nothing_changed": "Nothing has changed in the orders that you follow or have worked on.",
}
