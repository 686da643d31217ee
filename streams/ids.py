"""Identifiers: time-ordered event ids, and command ids that the same request always gets again."""

from __future__ import annotations

import os
import time
from typing import Final
from uuid import UUID, uuid5

COMMAND_IDS: Final = UUID("6f1c2f0e-7a34-5c1b-9d0a-3c1d5f0b8e21")
"""Namespace of command ids and of order ids made from an idempotency key. Part of the data: never changed."""


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, the rest random."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (7 << 76)
    return UUID(int=value & ~(0x3 << 62) | (0x2 << 62))


def command_id(stream: str, principal: str, key: str) -> UUID:
    """Id of the command that `principal` sent to `stream` under an idempotency key."""
    return uuid5(COMMAND_IDS, f"{stream}|{principal}|{key}")


def workflow_command_id(stream: str, event_id: UUID, rule: str) -> UUID:
    """Id of the one command that a rule sends to `stream` because of an event."""
    return uuid5(COMMAND_IDS, f"{stream}|workflow|{event_id}|{rule}")


def order_id_for(principal: str, key: str) -> UUID:
    """Id of the order that `principal` places under an idempotency key: a retry meets its own order."""
    return uuid5(COMMAND_IDS, f"place|{principal}|{key}")
