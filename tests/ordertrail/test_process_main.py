"""How a server process ends: which error is which exit code, and what its last words are."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from psycopg.errors import UndefinedTable

from ordertrail import exits, process_main
from ordertrail.manifest import DataRefused
from ordertrail.settings import Settings
from projections.checkpoints import Superseded
from streams.log import LogUnavailable, LogUnfit, TakenOver
from tests.timing import DEADLINE_S
from web.server import NotListening

Work = Callable[[Settings], Coroutine[Any, Any, None]]


def failing(error: Exception) -> Work:
    async def work(_: Settings) -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (TakenOver("partition 2"), exits.FENCED, "Another process has taken over, so this one ends: partition 2."),
        (Superseded("epoch 7"), exits.FENCED, "Another process has taken over, so this one ends: epoch 7."),
        (DataRefused("There is no data."), exits.REFUSED, "There is no data."),
        (LogUnfit("min.insync is 1"), exits.REFUSED, "min.insync is 1"),
        (LogUnavailable("no broker"), exits.PROBLEM, "no broker"),
        (NotListening("port 8000 is taken"), exits.PROBLEM, "The server cannot start: port 8000 is taken."),
        (UndefinedTable("web.session is not there\nLINE 1"), exits.PROBLEM, "lacks what `ordertrail up` makes: web"),
    ],
)
async def test_an_end_that_was_foreseen_is_one_sentence_and_its_code(error: Exception, code: int, words: str) -> None:
    found, sentence = await process_main._run(failing(error))
    assert found == code
    assert words in sentence
    assert "\n" not in sentence


async def test_impossible_settings_are_refused_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "0")
    code, sentence = await process_main._run(failing(AssertionError()))
    assert code == exits.REFUSED
    assert sentence.startswith("PORT=0 is not possible")


async def test_a_bug_is_not_put_into_a_sentence() -> None:
    with pytest.raises(KeyError):
        await process_main._run(failing(KeyError("lines")))


async def test_whoever_started_it_sees_that_it_moves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    heartbeat = tmp_path / "heartbeat"
    monkeypatch.setenv("ORDERTRAIL_HEARTBEAT", str(heartbeat))

    async def until_seen(_: Settings) -> None:
        while not heartbeat.exists():  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.01)

    async with asyncio.timeout(DEADLINE_S):
        assert await process_main._run(until_seen) == (exits.STOPPED, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_the_work_in_order(number: signal.Signals) -> None:
    ended = []

    async def work(_: Settings) -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    async with asyncio.timeout(DEADLINE_S):
        assert await process_main._run(work) == (exits.STOPPED, "")
    assert ended == [number]


async def test_work_that_ends_by_itself_ends_the_process() -> None:
    async def work(_: Settings) -> None:
        return

    assert await process_main._run(work) == (exits.STOPPED, "")


async def test_a_process_whose_parent_is_gone_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = iter([os.getppid()])
    monkeypatch.setattr(os, "getppid", lambda: next(parents, 1))

    async def work(_: Settings) -> None:
        await asyncio.Event().wait()

    async with asyncio.timeout(DEADLINE_S):
        assert await process_main._run(work) == (exits.STOPPED, "")
