"""Which claims a process holds, and why an older one is no longer valid. Shared by the logs that talk to a server."""

from __future__ import annotations

from typing import Generic, TypeVar

from streams.log import Claim, Fenced, NotCommitted

H = TypeVar("H")


class Holdings(Generic[H]):
    """At most one claim a partition, with what it writes through (a connection, a transaction)."""

    def __init__(self) -> None:
        self._held: dict[int, tuple[int, H]] = {}
        self._fenced: dict[int, int] = {}

    def take(self, claim: Claim, held: H) -> None:
        """From now on this is the partition's claim; an older one of this process counts as fenced."""
        self._held[claim.partition] = (claim.term, held)
        self._fenced[claim.partition] = max(claim.term - 1, self._fenced.get(claim.partition, 0))

    def of(self, claim: Claim) -> H:
        """What the claim writes through; raises `Fenced` or, when it failed without that, `NotCommitted`."""
        term, held = self._held.get(claim.partition, (0, None))
        if held is not None and term == claim.term:
            return held
        if claim.term <= self._fenced.get(claim.partition, 0):
            raise Fenced(f"partition {claim.partition} was claimed again after term {claim.term}")
        raise NotCommitted(f"this claim of partition {claim.partition} failed before; claim again")

    def holds(self, claim: Claim) -> bool:
        """Whether the claim is the one that the partition is written under."""
        return self._held.get(claim.partition, (0, None))[0] == claim.term

    def release(self, partition: int) -> H | None:
        """Forget the partition's claim; what it wrote through is the caller's to close."""
        return self._held.pop(partition, (0, None))[1]

    def fence(self, claim: Claim) -> None:
        """Remember that somebody else has claimed since."""
        self._fenced[claim.partition] = max(claim.term, self._fenced.get(claim.partition, 0))

    def partitions(self) -> tuple[int, ...]:
        """Partitions that are claimed at the moment."""
        return tuple(self._held)
