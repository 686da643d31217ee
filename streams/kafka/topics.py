"""Names and settings of the topics, spelled once. Must not know: who writes or reads them."""

from __future__ import annotations

from typing import Final

EVENTS_TOPIC: Final = "ordertrail.events"

MAX_MESSAGE_BYTES: Final = 9 * 1024 * 1024
"""More than the 8 MB that one append may hold, so that the port's own limit is always met first."""

EVENTS_SETTINGS: Final = {
    "cleanup.policy": "delete",  # compaction would keep only the last event of an order
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "max.message.bytes": str(MAX_MESSAGE_BYTES),
    "unclean.leader.election.enable": "false",  # a broker that lacks acknowledged events must not lead
    "message.timestamp.type": "LogAppendTime",  # else brokers refuse us when our clock is an hour ahead of theirs
}

SAFE_IN_SYNC: Final = 2
"""Brokers that have to hold a record before it is acknowledged, so that the loss of one loses nothing."""
