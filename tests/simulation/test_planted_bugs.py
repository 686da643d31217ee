"""The simulation finds what somebody could break any day; each bug is planted in a copy of the program."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.test_sizes import ROOT
from tests.simulation.planted_bugs import PLANTED, PlantedBug

NEEDED = ("domain", "streams", "commands", "projections", "web", "simulation")
FOUND_WITHIN = 1_000
"""Seeds."""
SOME = ("dedupe-forgotten", "answers-before-the-outcome", "clock-believed")
"""These are found at once; the others in the soak."""


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_a_planted_bug_still_changes_something(bug: PlantedBug) -> None:
    assert (ROOT / bug.path).read_text().count(bug.old) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "bug",
    [pytest.param(bug, marks=() if bug.name in SOME else pytest.mark.soak) for bug in PLANTED],
    ids=lambda b: b.name,
)
def test_a_planted_bug_is_found(bug: PlantedBug, tmp_path: Path) -> None:
    for package in NEEDED:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    changed = tmp_path / bug.path
    changed.write_text(changed.read_text().replace(bug.old, bug.new))
    command = [sys.executable, "-m", "simulation", "--until-found", "--seeds", str(FOUND_WITHIN)]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 1, found.stderr
    assert found.stdout.startswith("seed "), found.stderr
    print(f"{bug.name}: {found.stdout.strip()[:300]}")  # noqa: T201 - the soak shows it
