"""`python -m simulation`: run seeds, shorten and print those that fail, and say how often each trouble was met.

Ends with 1 where a seed fails, or where a fault or a way out of trouble was never met in 1,000 seeds or more.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import TYPE_CHECKING, Final

from simulation.coverage import never_met
from simulation.plan import plan_of
from simulation.run import run
from simulation.shorten import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulation.run import Verdict

ENOUGH: Final = 1_000
"""Seeds in which everything has to be met."""
LAST_LINES: Final = 40


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the arguments ask for; the process's exit code."""
    parser = argparse.ArgumentParser(prog="simulation", description="Run simulated worlds.")
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, help="how many at a time")
    parser.add_argument(
        "--until-found", action="store_true", help="stop at the first seed that fails, and only say why"
    )
    parser.add_argument("--trace", action="store_true", help="print the SHA-256 of each seed's trace")
    asked = parser.parse_args(argv)
    gc.freeze()
    if asked.until_found:
        return _until_found(range(asked.first, asked.first + asked.seeds))
    began = time.monotonic()
    counts, sizes, failed = Counter[str](), list[tuple[int, int]](), 0
    with ProcessPoolExecutor(asked.jobs) as pool:
        for verdict in pool.map(_run, range(asked.first, asked.first + asked.seeds), chunksize=4):
            counts += verdict.counts
            sizes.append((verdict.commands, verdict.events))
            if asked.trace:
                print(verdict.plan.seed, verdict.sha256)
            if verdict.findings:
                failed += 1
                _tell(verdict)
    _sum_up(counts, sizes, time.monotonic() - began)
    missing = never_met(counts) if asked.seeds >= ENOUGH else []
    for name in missing:
        print(f"never met: {name}")
    print(f"{asked.seeds} seeds from {asked.first}: {failed} failed")
    return 1 if failed or missing else 0


def _until_found(seeds: range) -> int:
    for seed in seeds:
        verdict = _run(seed)
        if verdict.findings:
            print(f"seed {seed}: {verdict.findings[0]}")
            return 1
    return 0


def _run(seed: int) -> Verdict:
    return run(plan_of(seed))


def _tell(verdict: Verdict) -> None:
    """What is wrong, then the shortest plan that fails and its last lines."""
    print(f"seed {verdict.plan.seed} fails, trace {verdict.sha256}")
    for sentence in verdict.findings:
        print(f"  {sentence}")
    short = run(shortened(verdict.plan), LAST_LINES)
    print(f"shortened to {len(short.plan.turns)} turns and {len(short.plan.faults)} faults:")
    for part in (*short.plan.turns, *short.plan.faults, *short.findings, *short.lines):
        print(f"  {part}")


def _sum_up(counts: Counter[str], sizes: list[tuple[int, int]], seconds: float) -> None:
    for name, count in sorted(counts.items()):
        print(f"{count:>9} {name}")
    commands, events = (median(each) for each in zip(*sizes, strict=True))
    print(f"median {commands:g} commands, {events:g} events; {len(sizes) / seconds * 60:.0f} seeds a minute")


if __name__ == "__main__":
    sys.exit(main())
