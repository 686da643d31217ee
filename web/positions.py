"""Positions on the wire: `after=0:12,1:4` asks a reader to wait until it has seen these places of the log.

Decides: how a vector of positions is written and read. Must not know: who waits, or for what.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from fastapi import Depends, Query

from domain.recorded import MOST_PARTITIONS, Position
from web.problems import fault, invalid
from web.sealing import Seal

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


def position_seal(secret: bytes) -> Seal:
    """Of positions as customers carry them: to be given back, and not to be read. How much there is is not for them."""
    return Seal(secret, "positions")


PositionsText = Annotated[str, Query(description="Positions that the answer must have seen, e.g. `0:12,1:4`")]


async def after(after: PositionsText = "") -> dict[int, int]:
    """Dependency of every read that can wait."""
    return parse_positions(after)


After = Annotated[dict[int, int], Depends(after)]
