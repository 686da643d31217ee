"""A failing plan made shorter: whatever can be left out and it still fails is left out.

Must not know: what a plan does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from simulation.run import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.plan import WorldPlan

Left = TypeVar("Left")

MOST_RUNS: Final = 400


class _Tries:
    """How often a plan may still be run."""

    def __init__(self) -> None:
        self.left = MOST_RUNS

    def fails(self, plan: WorldPlan) -> bool:
        """Whether it fails, too."""
        self.left -= 1
        return self.left >= 0 and bool(run(plan).findings)


def shortened(plan: WorldPlan) -> WorldPlan:
    """The plan without most of what does not matter. It need not fail in the same way."""
    tries = _Tries()
    plan = _without(plan.faults, lambda faults: replace(plan, faults=faults), tries)
    turns = plan.turns
    return _without(turns, lambda left: replace(plan, turns=left), tries)


def _without(parts: tuple[Left, ...], made: Callable[[tuple[Left, ...]], WorldPlan], tries: _Tries) -> WorldPlan:
    """Leave out halves, then quarters, … then single parts, as long as it fails."""
    size = len(parts)
    while size and tries.left > 0:
        size = (size + 1) // 2
        begin = 0
        while begin < len(parts):
            fewer = parts[:begin] + parts[begin + size :]
            if tries.fails(made(fewer)):
                parts = fewer
            else:
                begin += size
        if size == 1:
            break
    return made(parts)
