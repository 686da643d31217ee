"""The embedded log put back to an older copy of PostgreSQL: what was acknowledged since is gone, and somebody is told."""

import shutil

import pytest

from ordertrail import exits, log_ends
from tests.failure.test_an_older_copy_of_postgresql_is_caught_up import copied
from tests.instance import Instance
from tests.people import fresh

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


async def test_a_start_on_an_older_copy_is_refused_until_somebody_means_it(embedded_victim: Instance) -> None:
    instance = embedded_victim
    cluster = instance.data / "postgres" / "cluster"
    older, newer = cluster.with_name("older"), cluster.with_name("newer")
    instance.stop()
    copied(cluster, older)
    instance.start()
    async with instance.people() as people:
        await people.receive(fresh("box"), 1)
        await people.settled()
    instance.stop()
    cluster.rename(newer)
    older.rename(cluster)

    known = (instance.data / log_ends.FILE).read_text()
    again = instance.run("up")
    assert (again.returncode, "The log was set back" in again.stdout) == (exits.REFUSED, True)
    assert (instance.data / log_ends.FILE).read_text() == known, "a refused start forgets nothing"
    shutil.rmtree(cluster)
    newer.rename(cluster)
    instance.start()
    instance.verify()
