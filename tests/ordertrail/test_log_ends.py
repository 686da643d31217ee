"""A log that goes on where it was is taken; one that was set back is refused, for by itself it cannot tell."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from ordertrail import log_ends
from ordertrail.log_ends import LogSetBack
from ordertrail.manifest import DataRefused
from streams.log import Log
from streams.memory.log import MemoryBroker, MemoryLog
from tests.streams.contract_log import OWNER, some


async def written(*portions: tuple[int, int]) -> MemoryLog:
    log = MemoryLog(MemoryBroker(2))
    claim = await log.claim(1, OWNER)
    for first, last in portions:
        await log.append(claim, some(first, last))
    return log


async def refusal(data: Path, log: Log) -> str:
    with pytest.raises(DataRefused) as refused:
        await log_ends.require_not_set_back(data, log)
    return str(refused.value)


async def test_a_log_of_which_nothing_is_known_is_taken(tmp_path: Path) -> None:
    await log_ends.require_not_set_back(tmp_path, await written((1, 3)))


async def test_a_log_that_went_on_is_taken(tmp_path: Path) -> None:
    log = await written((1, 3))
    await log_ends.note(tmp_path, log)
    await log_ends.require_not_set_back(tmp_path, log)
    claim = await log.claim(1, OWNER)
    await log.append(claim, some(4, 5))
    await log_ends.require_not_set_back(tmp_path, log)


async def test_a_log_that_lost_its_end_is_refused_and_taken_when_that_is_meant(tmp_path: Path) -> None:
    await log_ends.note(tmp_path, await written((1, 3), (4, 5)))
    older = await written((1, 3))
    told = await refusal(tmp_path, older)
    assert "partition 1 had reached sequence 5, and it does not hold that record" in told
    assert str(tmp_path / log_ends.LOG_ENDS_FILE) in told
    (tmp_path / log_ends.LOG_ENDS_FILE).unlink()
    await log_ends.require_not_set_back(tmp_path, older)


async def test_a_log_that_went_another_way_since_is_refused(tmp_path: Path) -> None:
    log = await written((1, 3))
    await log_ends.note(tmp_path, log)
    file = tmp_path / log_ends.LOG_ENDS_FILE
    (known,) = log_ends.STORED_ENDS.validate_json(file.read_bytes())
    other = known.model_copy(update={"event_id": UUID(int=1)})
    file.write_bytes(log_ends.STORED_ENDS.dump_json((other,)))
    assert "was set back" in await refusal(tmp_path, log)


async def test_what_a_log_no_longer_holds_is_never_replaced(tmp_path: Path) -> None:
    await log_ends.note(tmp_path, await written((1, 3), (4, 5)))
    file = tmp_path / log_ends.LOG_ENDS_FILE
    known, older = file.read_bytes(), await written((1, 3))
    with pytest.raises(LogSetBack):
        await log_ends.note(tmp_path, older)
    assert file.read_bytes() == known
    assert "was set back" in await refusal(tmp_path, older)


async def test_an_end_that_was_not_asked_for_stays_known(tmp_path: Path) -> None:
    await log_ends.note(tmp_path, await written((1, 3)))
    await log_ends.note(tmp_path, MemoryLog(MemoryBroker(1)))
    (known,) = log_ends.STORED_ENDS.validate_json((tmp_path / log_ends.LOG_ENDS_FILE).read_bytes())
    assert (known.partition, known.sequence) == (1, 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda _: b"[{}]",
        lambda noted: noted[: len(noted) // 2],
        lambda _: b"\xff\x00" * 40,
        lambda noted: noted.replace(b'"partition": 1', b'"partition": -1'),
        lambda noted: noted.replace(b'"place": ', b'"place": 1180591620717411303424'),
        lambda noted: noted.replace(b'"place"', b'"new": 1, "place"'),
    ],
    ids=["empty", "nothing said", "cut", "no text", "negative", "too great", "newer"],
)
async def test_what_is_damaged_is_refused(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    log, file = await written((1, 3)), tmp_path / log_ends.LOG_ENDS_FILE
    await log_ends.note(tmp_path, log)
    noted = file.read_bytes()
    file.write_bytes(change(noted))
    assert file.read_bytes() != noted
    told = await refusal(tmp_path, log)
    assert told.startswith(f"{file} is damaged, or was written by another version of Ordertrail.")


async def test_what_cannot_be_read_is_refused_and_says_why(tmp_path: Path) -> None:
    file = tmp_path / log_ends.LOG_ENDS_FILE
    file.mkdir()
    assert f"{file} cannot be read: is a directory." in await refusal(tmp_path, await written((1, 3)))
