"""A figure: two measurements taken in turn and the ratio of both, or one amount; and whether it holds.

Decides: how rounds become one line. Must not know: what was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from typing_extensions import override

STEADY: Final = 2.0
"""A run whose reference moved by more than this factor says nothing."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio or an amount must be: at least `bound`, or at most."""

    bound: float
    at_least: bool = True

    @override
    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"

    def holds(self, value: float) -> bool:
        """Whether a ratio or an amount meets it."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(slots=True)
class Figure:
    """One thing measured against another. `rounds` are pairs (ours, reference) in `unit`; `beside` tells more."""

    name: str
    unit: str
    goal: Goal
    rounds: list[tuple[float, float]] = field(default_factory=list)
    beside: list[dict[str, float]] = field(default_factory=list)

    def add(self, ours: float, reference: float, **beside: float) -> None:
        """One round's outcome."""
        self.rounds.append((ours, reference))
        self.beside.append(beside)

    @property
    def ratios(self) -> list[float]:
        """Ours by reference, round by round."""
        return [ours / reference for ours, reference in self.rounds]

    @property
    def steady(self) -> bool:
        """Whether the reference stood still enough for the ratio to mean something."""
        references = [reference for _, reference in self.rounds]
        return max(references) <= STEADY * min(references)

    @property
    def holds(self) -> bool:
        """Whether the median ratio meets the goal in a steady run."""
        return self.steady and self.goal.holds(median(self.ratios))

    def line(self) -> dict[str, object]:
        """The figure as it is printed."""
        return {
            "figure": self.name,
            "unit": self.unit,
            "ours": _short(median(ours for ours, _ in self.rounds)),
            "reference": _short(median(reference for _, reference in self.rounds)),
            "ratio": round(median(self.ratios), 3),
            "spread": [round(min(self.ratios), 3), round(max(self.ratios), 3)],
            "goal": str(self.goal),
            "holds": self.holds,
            "steady": self.steady,
            "rounds": len(self.rounds),
            **{name: _short(median(round_[name] for round_ in self.beside)) for name in self.beside[0]},
        }


@dataclass(slots=True)
class Amount:
    """One thing measured in `unit`, round by round, against a goal in the same unit; `beside` tells more."""

    name: str
    unit: str
    goal: Goal
    rounds: list[float] = field(default_factory=list)
    beside: list[dict[str, float]] = field(default_factory=list)

    def add(self, amount: float, **beside: float) -> None:
        """One round's outcome."""
        self.rounds.append(amount)
        self.beside.append(beside)

    @property
    def holds(self) -> bool:
        """Whether the median meets the goal."""
        return self.goal.holds(median(self.rounds))

    def line(self) -> dict[str, object]:
        """The amount as it is printed."""
        return {
            "figure": self.name,
            "unit": self.unit,
            "min": _short(min(self.rounds)),
            "median": _short(median(self.rounds)),
            "max": _short(max(self.rounds)),
            "goal": str(self.goal),
            "holds": self.holds,
            "rounds": len(self.rounds),
            **{name: _short(median(round_[name] for round_ in self.beside)) for name in self.beside[0]},
        }


def percentile(took: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed; RuntimeError where nothing was measured."""
    if not took:
        raise RuntimeError("nothing was measured")
    return sorted(took)[int(share * (len(took) - 1))]


def _short(value: float) -> float:
    return round(value) if value >= 100 else round(value, 3)
