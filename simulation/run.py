"""One plan, run and judged.

Decides: what a verdict is, and that a world leaves nothing behind. Must not know: seeds, other plans.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from random import Random
from typing import TYPE_CHECKING, Final

from simulation.checks import findings
from simulation.guards import watched
from simulation.history import history_of
from simulation.loop import Stuck
from simulation.rest import not_at_rest
from simulation.shown import shown_wrong
from simulation.trace import LogListener
from simulation.world import World
from streams.log import Stored
from streams.metrics import WORKFLOW_BEHIND

if TYPE_CHECKING:
    from simulation.plan import WorldPlan
    from simulation.trace import WorldTrace

HEARD: Final = ("streams", "commands", "projections")
"""Whose loggers are heard, and by nobody else."""
MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a plan."""

    plan: WorldPlan
    findings: tuple[str, ...]
    """What is wrong, the first twenty things; empty where all is well."""
    counts: Counter[str]
    sha256: str
    """Of the trace."""
    commands: int
    events: int
    lines: tuple[str, ...]
    """The trace's last lines, if they were asked for."""


def run(plan: WorldPlan, kept_lines: int = 0) -> Verdict:
    """Run the plan to its end, however that is, and look whether everything is true that has to be."""
    world = World(plan, kept_lines)
    verdict = _judged(world)
    let_go(world)
    return verdict


def live(world: World) -> Iterator[str]:
    """Run it to its end; says so where that is not the end it should come to."""
    with _heard(world.trace), watched(world.trace):
        try:
            world.run()
        except (Stuck, TimeoutError) as endless:
            yield f"it never came to rest: {endless!r}"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding of this seed
            yield f"a client or the operator ended with {error!r}"


def _judged(world: World) -> Verdict:
    plan, wrong = world.plan, list(live(world))
    try:
        history = history_of(world.broker)
        shown = shown_wrong(world.views.states, history, Random(plan.seed))
        wrong += islice(chain(findings(world, history), not_at_rest(history, world.now()), shown), MOST_TOLD)
    except Exception as error:  # noqa: BLE001 - a log that the checks cannot even read is a finding, too
        wrong.append(f"what it left cannot be judged: {error!r}")
    _hash_all(world)
    return Verdict(
        plan=plan,
        findings=tuple(wrong),
        counts=world.trace.counts,
        sha256=world.trace.sha256,
        commands=sum(len(client.asked) for client in world.clients),
        events=sum(isinstance(entry, Stored) for entry in _entries(world)),
        lines=tuple(world.trace.lines),
    )


@contextmanager
def _heard(trace: WorldTrace) -> Iterator[None]:
    handler = LogListener(trace)
    loggers = [logging.getLogger(name) for name in HEARD]
    before = [(logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, (propagate, level) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagate
            logger.setLevel(level)


def _entries(world: World) -> Iterator[object]:
    for number in range(world.plan.partitions):
        yield from world.broker.partition(number).entries


def _hash_all(world: World) -> None:
    """Whatever was stored and answered is part of the trace, to the last byte."""
    for entry in _entries(world):
        world.trace.mix(entry.value.hex() if isinstance(entry, Stored) else "no record")
    for state in world.views.states:
        world.trace.mix(sorted(state.places.items()), len(state.rows))
    for client in world.clients:
        for asked in client.asked:
            told = asked.answer and (asked.answer.version, asked.answer.position, asked.answer.repeated)
            world.trace.mix(asked.submission.command_id, asked.attempts, told, repr(asked.refused))


def let_go(world: World) -> None:
    """Nothing of it stays. What its killed tasks still held ends here, quietly: what they say now is no news."""
    WORKFLOW_BEHIND.set_function(float)  # it asks the last writers that were made, and so keeps them
    world.loop.forget()
    vars(world).clear()
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    silent, logging.root.manager.disable = logging.root.manager.disable, logging.CRITICAL
    try:
        gc.collect()
    finally:
        sys.unraisablehook, logging.root.manager.disable = hook, silent
