"""What the supervisor keeps running: started again when it ends, given up when that cannot help."""

import asyncio
import errno
import os
import random
import signal
from collections import deque
from pathlib import Path

import pytest
from typing_extensions import override

from ordertrail import exits
from ordertrail.local import child_server, children
from ordertrail.local.child_server import LocalServerError
from ordertrail.local.children import Child, EndedForGood, tend, until_orphaned
from ordertrail.local.local_server import Kind, Launch, LocalServer
from ordertrail.settings import child_environment, from_environment
from tests.timing import DEADLINE_S

HERE = "127.0.0.1:1"


async def nothing() -> None:
    """Nothing has to be made good."""


class Ending:
    """A part that has ended; each start does what it is told, then it runs on."""

    def __init__(self, *starts: str | Exception) -> None:
        self.left = deque(starts)
        self.pid: int | None = None

    async def start(self) -> str:
        outcome = self.left.popleft()
        if isinstance(outcome, Exception):
            raise outcome
        self.pid = None if self.left else 1
        return outcome

    async def stop(self) -> None:
        self.pid = None


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(children, "POLL_S", 0.001)


async def tended(part: Ending) -> list[str]:
    """What was said until the part runs on."""
    said: list[str] = []
    tending = asyncio.create_task(tend("The server", part, HERE, said.append))
    try:
        async with asyncio.timeout(DEADLINE_S):
            while part.pid is None and not tending.done():  # noqa: ASYNC110 - a process tells nobody that it runs
                await asyncio.sleep(0.001)
        if tending.done():
            tending.result()
    finally:
        tending.cancel()
        await asyncio.gather(tending, return_exceptions=True)
    return said


async def test_what_ends_is_started_again_as_often_as_it_takes() -> None:
    said = await tended(Ending(HERE, HERE, HERE))
    assert said == ["The server ended unexpectedly and is started again."] * 3


@pytest.mark.parametrize("error", [LocalServerError("The disk is full."), OSError(errno.ENOSPC, "The disk is full.")])
async def test_a_start_that_fails_is_said_and_tried_again(error: Exception) -> None:
    said = await tended(Ending(error, HERE))
    assert "The disk is full." in said[1]


class Full(LocalServer):
    """A server whose disk is full."""

    kind = Kind("PostgreSQL", LocalServerError, "in use", 1.0, ())

    @override
    async def _prepare(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    @override
    def _launch(self, port: int) -> Launch:
        raise AssertionError(port)

    @override
    async def _reached(self, port: int) -> str:
        raise AssertionError(port)


async def test_a_server_whose_files_cannot_be_written_does_not_start_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocalServerError, match=r"PostgreSQL cannot be started: .*No space left on device\."):
        await Full(tmp_path).start()


async def test_a_server_at_another_address_ends_everything() -> None:
    with pytest.raises(EndedForGood, match="The server came back at another address") as ended:
        await tended(Ending("127.0.0.1:2", HERE))
    assert ended.value.code == exits.PROBLEM


@pytest.mark.slow
async def test_a_process_that_was_refused_is_not_started_again_and_its_sentence_is_repeated(tmp_path: Path) -> None:
    environment = child_environment(from_environment(), "", None)
    child = Child("ordertrail.server", tmp_path, {**environment, "DATABASE_URL": "", "DATA": str(tmp_path)}, nothing)
    await child.start()
    with pytest.raises(EndedForGood, match="DATABASE_URL is needed") as ended:
        async with asyncio.timeout(DEADLINE_S):
            await tend("The server", child, child.module, lambda _: None)
    assert (ended.value.code, child.exit_code, child.starts) == (exits.REFUSED, exits.REFUSED, 1)


async def test_before_a_process_is_started_again_what_it_stumbled_over_is_made_good(tmp_path: Path) -> None:
    made_good: list[int] = []

    async def mend() -> None:
        made_good.append(child.starts)

    child = Child("json.tool", tmp_path, dict(os.environ), mend)
    await child.start()
    assert made_good == []
    await child.stop()
    await child.start()
    assert made_good == [1]
    await child.stop()


async def test_the_log_of_a_process_is_kept_small_while_it_runs(tmp_path: Path) -> None:
    (tmp_path / "sleeping.py").write_text("import time; time.sleep(60)")
    child = Child("sleeping", tmp_path, {**os.environ, "PYTHONPATH": str(tmp_path)}, nothing)
    await child.start()
    watching = asyncio.create_task(child.watch())
    try:
        os.truncate(child.log, child_server.LARGEST_LOG + 1)
        async with asyncio.timeout(DEADLINE_S):
            while child.log.stat().st_size > 0:  # noqa: ASYNC110 - a file tells nobody that it was moved
                await asyncio.sleep(0.01)
        assert child.pid is not None
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await child.stop()


async def test_a_child_sees_that_its_parent_is_gone() -> None:
    async with asyncio.timeout(DEADLINE_S):
        await until_orphaned(parent=-1)


HANGING = """
import asyncio, os, signal, sys, time
from pathlib import Path
from ordertrail.local.heartbeat import beat

async def run():
    beating = asyncio.create_task(beat(Path(os.environ["ORDERTRAIL_HEARTBEAT"])))
    with open("starts", "a") as starts:
        starts.write("x")
    await asyncio.sleep(0.1)
    if Path("starts").read_text() == "x":
        {hang}
    await beating

asyncio.run(run())
"""


@pytest.mark.slow
@pytest.mark.parametrize("hang", ["time.sleep(3600)", "os.kill(os.getpid(), signal.SIGSTOP)"])
async def test_a_process_that_hangs_is_ended_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hang: str
) -> None:
    monkeypatch.setattr(children, "STILL_S", 5.0)
    monkeypatch.setattr(children, "SHUTDOWN", ((signal.SIGTERM, 0.2), (signal.SIGKILL, 5.0)))
    (tmp_path / "hanging.py").write_text(HANGING.format(hang=hang))
    child = Child("hanging", tmp_path, {**os.environ, "PYTHONPATH": str(tmp_path)}, nothing)
    said: list[str] = []
    await child.start()
    first = child.pid
    tending = asyncio.create_task(tend("The server", child, child.module, said.append))
    try:
        async with asyncio.timeout(DEADLINE_S):
            while child.starts < 2 or child.pid is None:  # noqa: ASYNC110 - a process tells nobody that it runs
                await asyncio.sleep(0.01)
        assert child.pid != first
        assert said == ["The server has not moved for 5 s and is started again."]
    finally:
        tending.cancel()
        await asyncio.gather(tending, return_exceptions=True)
        await child.stop()


def test_two_processes_that_were_given_one_seed_choose_different_ports(tmp_path: Path) -> None:
    ports = []
    for number in range(3):
        random.seed(1)
        ports.append(child_server.kept_port(tmp_path / f"{number}.port"))
    assert len(set(ports)) > 1


def test_the_last_words_of_a_process_are_words(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text('column "colour" does not exist\nLINE 1: SELECT colour\n               ^\n')
    assert child_server.last_words(log, 1) == "LINE 1: SELECT colour"
    log.write_text("   ^\n")
    assert child_server.last_words(log, 1) == "it left no message"
