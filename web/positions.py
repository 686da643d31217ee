"""Positions on the wire: `after=0:12,1:4` asks a reader to wait until it has seen these places of the log.

Decides: how a vector of positions is written and read, and how one is given to somebody who must not read it. Must not
know: who waits, or for what.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from typing import Annotated, Final

from cryptography.fernet import Fernet, InvalidToken
from fastapi import Depends, Query

from domain.recorded import MOST_PARTITIONS, Position
from web.problems import fault, invalid

HEADER: Final = "Ordertrail-Position"


def parse_positions(text: str, field: str = "after") -> dict[int, int]:
    """Sequence by partition. Of two positions in one partition the later counts; `Problem` 422 if it is malformed."""
    found: dict[int, int] = {}
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    if len(parts) > MOST_PARTITIONS:
        raise invalid(fault([field], f"at most {MOST_PARTITIONS} positions are taken"))
    for part in parts:
        try:
            position = Position.parse(part)
        except ValueError as error:
            raise invalid(fault([field], str(error))) from None
        found[position.partition] = max(position.sequence, found.get(position.partition, 0))
    return found


def format_positions(positions: Iterable[Position]) -> str:
    """The form that `parse_positions` reads, partitions in order."""
    return ",".join(str(position) for position in sorted(positions))


class Seal:
    """Positions as customers carry them: to be given back, not to be read. How much the log holds is not for them."""

    def __init__(self, secret: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(hmac.digest(secret, b"ordertrail positions", "sha256")))

    def closed(self, positions: str) -> str:
        """The positions, sealed; every time another text."""
        return self._fernet.encrypt(positions.encode()).decode()

    def opened(self, text: str) -> str:
        """What was sealed; empty for a text that is none of ours."""
        try:
            return self._fernet.decrypt(text.encode()).decode()
        except InvalidToken:
            return ""


PositionsText = Annotated[str, Query(description="Positions that the answer must have seen, e.g. `0:12,1:4`")]


async def after(after: PositionsText = "") -> dict[int, int]:
    """Dependency of every read that can wait."""
    return parse_positions(after)


After = Annotated[dict[int, int], Depends(after)]
