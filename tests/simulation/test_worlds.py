"""Whatever the schedule and the faults of a seed are, everything that has to be true is."""

import os
import subprocess
import sys
from dataclasses import replace
from random import Random
from statistics import median

import pytest

from simulation.coverage import never_met
from simulation.faults import FaultKind, PlannedFault, drawn
from simulation.plan import ClientTurn, WorldPlan, plan_of
from simulation.run import run
from simulation.shorten import shortened
from streams.writing.partition import Partition
from tests.architecture.test_sizes import ROOT


@pytest.mark.parametrize("seed", range(1, 13))
def test_nothing_is_wrong_in_a_world_of_faults(seed: int) -> None:
    verdict = run(plan_of(seed), kept_lines=60)
    assert not verdict.findings, "\n".join((*verdict.findings, *verdict.lines))


def test_worlds_are_large_enough_to_mean_something() -> None:
    verdicts = [run(plan_of(seed)) for seed in range(100, 112)]
    assert median(verdict.commands for verdict in verdicts) >= 60
    assert median(verdict.events for verdict in verdicts) >= 300


def test_a_seed_gives_the_same_trace_however_python_hashes() -> None:
    def traces(hash_seed: str) -> str:
        command = [sys.executable, "-m", "simulation", "--seeds", "4", "--first", "20", "--trace"]
        env = os.environ | {"PYTHONHASHSEED": hash_seed}
        told = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout
        return "\n".join(line for line in told.splitlines() if len(line.split()[-1]) == 64)

    first = traces("0")
    assert len(first.splitlines()) == 4
    assert first == traces("1")


def test_each_seed_has_kinds_of_faults_of_its_own() -> None:
    kinds = [frozenset(fault.kind for fault in drawn(Random(seed), 30.0)) for seed in range(50)]
    assert len(set(kinds)) > 25
    assert set.union(*map(set, kinds)) == set(FaultKind)


@pytest.mark.parametrize("kind", FaultKind)
def test_each_fault_can_strike_and_does_no_harm(kind: FaultKind) -> None:
    quiet = replace(plan_of(3), faults=())
    faults = tuple(PlannedFault(at, kind, 2.0, number) for number, at in enumerate((3.0, 9.0, 12.0, 15.0)))
    if kind is FaultKind.CLAIM_WITHOUT_RECORD:  # somebody has to claim
        faults += tuple(PlannedFault(each.at, FaultKind.APPEND_FAILED, 0, each.chance) for each in faults)
    verdict = run(replace(quiet, faults=faults), kept_lines=60)
    assert not verdict.findings, "\n".join((*verdict.findings, *verdict.lines))
    assert verdict.counts[f"fault {kind}"]


def test_a_failing_plan_is_shortened_to_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Partition, "due_snapshots", broken)
    plan = plan_of(2)
    short = shortened(plan)
    assert run(short).findings
    assert not short.faults
    assert len(short.turns) < len(plan.turns) / 4


def broken(*_args: object) -> None:
    raise RuntimeError("planted")


def test_what_is_never_met_is_named() -> None:
    assert never_met({}) != []
    everything = dict.fromkeys(never_met({}), 1)
    assert never_met(everything) == []
    assert never_met(everything | {"fault crash": 0}) == ["fault crash"]


def test_a_world_of_one_client_comes_to_rest() -> None:
    alone = WorldPlan(seed=1, partitions=2, turns=(ClientTurn(0, 0.1, 5, keyed=True),), faults=())
    verdict = run(alone)
    assert (verdict.commands, verdict.findings) == (1, ())
