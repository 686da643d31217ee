"""What the supervisor remembers of the log, and what it says where it cannot."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typing_extensions import override

from ordertrail import exits, log_ends, supervisor, wiring
from ordertrail.local.servers import Endpoints
from ordertrail.log_ends import LogSetBack
from ordertrail.manifest import Manifest
from ordertrail.settings import LogKind, Settings
from ordertrail.supervisor import Supervisor
from streams.log import Bookmark, Log, LogUnavailable, LogUnfit
from streams.memory.log import MemoryLog
from tests.ordertrail.test_log_ends import written

ENDPOINTS = Endpoints(url="http://127.0.0.1:1", database_url="postgresql://127.0.0.1:1/nothing")
MANIFEST = Manifest(log=LogKind.EMBEDDED, company="us", training=False, number_prefix="", partitions=2)

Supervised = Callable[[Log], Supervisor]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / log_ends.LOG_ENDS_FILE


@pytest.fixture
def on(tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Supervised:
    """A supervisor whose instance runs on this log."""

    def begun(log: Log) -> Supervisor:
        monkeypatch.setattr(wiring, "build_log", lambda *_: log)
        found = Supervisor(Settings(data=tmp_path), said.append)
        found._begun = (ENDPOINTS, MANIFEST)
        return found

    return begun


class Failing(MemoryLog):
    """A log that answers with an error, or does not answer."""

    def __init__(self, log: MemoryLog, error: Exception) -> None:
        super().__init__(log._broker)
        self._error = error

    @override
    async def end(self, partition: int) -> Bookmark:
        raise self._error


async def test_an_orderly_stop_on_a_log_that_was_set_back_keeps_what_shows_it_and_says_so(
    on: Supervised, said: list[str], file: Path
) -> None:
    await on(await written((1, 3), (4, 5)))._stop(exits.STOPPED)
    known = file.read_bytes()
    await on(await written((1, 3)))._stop(exits.STOPPED)
    assert file.read_bytes() == known
    assert ["The log was set back" in line for line in said] == [True]


async def test_a_running_instance_ends_where_its_log_was_set_back(on: Supervised) -> None:
    await on(await written((1, 3), (4, 5)))._note_ends()
    with pytest.raises(LogSetBack):
        await on(await written((1, 3)))._note_ends()


async def test_nothing_is_started_again_on_a_log_that_was_set_back(on: Supervised) -> None:
    await on(await written((1, 3), (4, 5)))._note_ends()
    with pytest.raises(LogSetBack):
        await on(await written((1, 3)))._mend(ENDPOINTS)


async def test_what_was_started_again_beside_a_log_that_was_away_is_compared_later(on: Supervised) -> None:
    log = await written((1, 3))
    away = on(Failing(log, LogUnavailable("away")))
    await away._mend(ENDPOINTS)
    assert away._unchecked.is_set()
    there = on(log)
    await there._mend(ENDPOINTS)
    assert not there._unchecked.is_set()


async def test_nothing_is_noted_after_what_was_refused(on: Supervised, file: Path) -> None:
    await on(await written((1, 3)))._stop(exits.REFUSED)
    assert not file.exists()


async def test_a_log_that_is_away_is_no_news(on: Supervised, said: list[str]) -> None:
    await on(Failing(await written((1, 3)), LogUnavailable("away")))._note_ends()
    assert said == []


async def test_what_else_hinders_noting_is_said_once_until_it_has_passed(
    on: Supervised, said: list[str], file: Path
) -> None:
    full = on(await written((1, 3)))
    unfinished = file.with_name(f"{file.name}.unfinished")
    for _ in range(2):
        unfinished.mkdir()
        for _ in range(2):
            await full._note_ends()
        unfinished.rmdir()
        await full._note_ends()
        assert file.exists()
    assert len(said) == 2
    assert all("How far the log has come was not noted" in line and "directory" in line.lower() for line in said)


@pytest.mark.parametrize(
    ("error", "words"),
    [(TimeoutError(), f"within {supervisor.NOTE_LIMIT_S:g} s"), (LogUnfit("fsync is off"), "fsync is off")],
)
async def test_why_nothing_was_noted_is_said(on: Supervised, said: list[str], error: Exception, words: str) -> None:
    await on(Failing(await written((1, 3)), error))._note_ends()
    assert [words in line for line in said] == [True]


async def test_notes_that_became_unreadable_end_nothing_that_runs(on: Supervised, said: list[str], file: Path) -> None:
    file.write_text("[")
    await on(await written((1, 3)))._note_ends()
    assert [f"{file} is damaged" in line for line in said] == [True]
