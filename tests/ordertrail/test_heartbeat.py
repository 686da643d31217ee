"""What counts as standing still: a hung process does, one that comes back from a pause does not."""

import asyncio
import os
from pathlib import Path

import pytest

from ordertrail.local.children import STILL_S
from ordertrail.local.heartbeat import Pulse, beat
from tests.timing import DEADLINE_S

FROZEN_S = 60
"""A frozen process comes back from a minute and works."""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pulse(tmp_path: Path, clock: Clock) -> Pulse:
    return Pulse(tmp_path / "heartbeat", clock)


def beaten(tmp_path: Path, at: int) -> None:
    (tmp_path / "heartbeat").touch()
    os.utime(tmp_path / "heartbeat", (at, at))


def looked(pulse: Pulse, clock: Clock, seconds: int) -> float:
    for _ in range(seconds):
        clock.now += 1
        pulse.look()
    return pulse.still_s


def test_who_never_beats_stands_still_from_the_start(pulse: Pulse, clock: Clock) -> None:
    assert looked(pulse, clock, int(STILL_S)) >= STILL_S


def test_a_minute_without_a_beat_is_survived(pulse: Pulse, clock: Clock, tmp_path: Path) -> None:
    beaten(tmp_path, 1)
    assert looked(pulse, clock, FROZEN_S + 1) < STILL_S
    beaten(tmp_path, 2)
    assert looked(pulse, clock, 1) == 0


def test_a_clock_that_goes_back_is_a_beat_as_well(pulse: Pulse, clock: Clock, tmp_path: Path) -> None:
    beaten(tmp_path, 1_000)
    looked(pulse, clock, 10)
    beaten(tmp_path, 500)
    assert looked(pulse, clock, 1) == 0


def test_a_supervisor_that_stood_still_itself_blames_nobody(pulse: Pulse, clock: Clock, tmp_path: Path) -> None:
    beaten(tmp_path, 1)
    looked(pulse, clock, 5)
    clock.now += 3600
    assert looked(pulse, clock, 1) < STILL_S


async def test_a_loop_that_turns_beats(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    beating = asyncio.create_task(beat(file))
    async with asyncio.timeout(DEADLINE_S):
        while not file.exists():  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.01)
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)
