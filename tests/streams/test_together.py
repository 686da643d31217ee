"""What runs together ends together, whichever part is the first to end, and however it ends."""

import asyncio
import contextlib

import pytest

from streams import together
from streams.together import until_one_ends
from tests.timing import DEADLINE_S


class Lasting:
    """A part that runs until it is cancelled, and says so."""

    def __init__(self) -> None:
        self.ended = False

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            self.ended = True


async def failing() -> None:
    raise ConnectionError("gone")


async def test_the_first_failure_is_raised_when_the_others_have_ended() -> None:
    other = Lasting()
    with pytest.raises(ConnectionError, match="gone"):
        await until_one_ends(other.run(), failing())
    assert other.ended


async def test_an_end_without_a_failure_ends_the_others_too() -> None:
    other = Lasting()
    await until_one_ends(asyncio.sleep(0), other.run())
    assert other.ended


async def test_when_cancelled_no_part_is_left_running() -> None:
    parts = [Lasting(), Lasting()]
    together = asyncio.create_task(until_one_ends(*(part.run() for part in parts)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    together.cancel()
    with pytest.raises(asyncio.CancelledError):
        await together
    assert [part.ended for part in parts] == [True, True]


async def test_a_part_that_lost_its_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "AGAIN_S", 0.01)

    async def deaf_once() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async with asyncio.timeout(DEADLINE_S):
        await until_one_ends(deaf_once(), asyncio.sleep(0))
