"""The embedded log put back to an older copy of PostgreSQL: what was acknowledged since is gone, and somebody is told.

Told again at every start, until the newer data is back or somebody says that the older one is meant.
"""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ordertrail import exits, log_ends
from tests.failure.test_an_older_copy_of_postgresql_is_caught_up import BACK_S, copied
from tests.instance import OURS, Instance, until
from tests.people import fresh

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


@pytest.fixture
def victim(embedded_victim: Instance) -> Iterator[Instance]:
    """Stopped, with an older copy of its data beside it; afterwards it runs again on the newer one."""
    instance = embedded_victim
    instance.stop()
    copied(cluster(instance), older(instance))
    instance.start()
    yield instance
    instance.stop()
    if newer(instance).exists():
        shutil.rmtree(cluster(instance))
        newer(instance).rename(cluster(instance))
    shutil.rmtree(older(instance), ignore_errors=True)
    instance.start()
    instance.verify()


async def test_a_start_on_an_older_copy_is_refused_until_somebody_means_it(victim: Instance) -> None:
    await write(victim)
    victim.stop()
    set_back(victim)
    require_refused(victim)


@pytest.mark.parametrize("killed", [("postgres",), ("postgres", *OURS)], ids=["the database", "everything"])
async def test_a_running_instance_that_gets_an_older_copy_ends_and_is_refused_from_then_on(
    victim: Instance, killed: tuple[str, ...]
) -> None:
    await write(victim)
    victim.restart()
    pids = victim.pids()
    with victim.standing_still():
        for name in killed:
            os.kill(pids[name], signal.SIGKILL)
        until(lambda: not victim.postgres_sessions(), BACK_S, "the end of PostgreSQL's processes")
        set_back(victim)
    assert victim.ended() == exits.REFUSED
    require_refused(victim)


async def write(instance: Instance) -> None:
    async with instance.people() as people:
        await people.receive(fresh("box"), 1)
        await people.settled()


def set_back(instance: Instance) -> None:
    cluster(instance).rename(newer(instance))
    older(instance).rename(cluster(instance))


def require_refused(instance: Instance) -> None:
    known = (instance.data / log_ends.LOG_ENDS_FILE).read_text()
    for _ in range(2):
        again = instance.run("up")
        assert (again.returncode, "The log was set back" in again.stdout) == (exits.REFUSED, True)
    assert (instance.data / log_ends.LOG_ENDS_FILE).read_text() == known, "a refused start forgets nothing"


def cluster(instance: Instance) -> Path:
    return instance.data / "postgres" / "cluster"


def older(instance: Instance) -> Path:
    return cluster(instance).with_name("older")


def newer(instance: Instance) -> Path:
    return cluster(instance).with_name("newer")
