"""A world before it runs: everything that a seed decides, in parts that can be left out.

Decides: how large worlds are. Must not know: how a plan is run.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from simulation.faults import drawn

if TYPE_CHECKING:
    from simulation.faults import PlannedFault

LONGEST_BREAK_S: Final = 4.0


@dataclass(frozen=True, slots=True)
class ClientTurn:
    """One thing that a client does."""

    client: int
    pause: float
    """Virtual seconds before it."""
    chance: int
    """Seeds what is done."""
    keyed: bool
    """Whether it has an idempotency key, and so is asked again when no answer comes."""


@dataclass(frozen=True, slots=True)
class WorldPlan:
    """One world."""

    seed: int
    partitions: int
    turns: tuple[ClientTurn, ...]
    faults: tuple[PlannedFault, ...]

    @property
    def clients(self) -> list[int]:
        """Numbers of the clients that do anything."""
        return sorted({turn.client for turn in self.turns})

    def turns_of(self, client: int) -> list[ClientTurn]:
        """Of one client, in order."""
        return [turn for turn in self.turns if turn.client == client]


def plan_of(seed: int) -> WorldPlan:
    """The world of a seed."""
    luck = Random(seed)
    turns = tuple(
        ClientTurn(client, luck.random() ** 3 * LONGEST_BREAK_S, luck.getrandbits(32), keyed=luck.random() < 0.7)
        for client in range(luck.randint(3, 8))
        for _ in range(luck.randint(10, 30))
    )
    longest = max(sum(turn.pause for turn in turns if turn.client == client) for client in {t.client for t in turns})
    return WorldPlan(seed, luck.randint(2, 4), turns, drawn(luck, longest))
