"""A log that goes on where it was is taken; one that was set back is refused, for by itself it cannot tell."""

from pathlib import Path
from uuid import UUID

import pytest

from ordertrail import log_ends
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
    assert str(tmp_path / log_ends.FILE) in told
    (tmp_path / log_ends.FILE).unlink()
    await log_ends.require_not_set_back(tmp_path, older)


async def test_a_log_that_went_another_way_since_is_refused(tmp_path: Path) -> None:
    log = await written((1, 3))
    await log_ends.note(tmp_path, log)
    file = tmp_path / log_ends.FILE
    (known,) = log_ends.ENDS.validate_json(file.read_bytes())
    other = known.model_copy(update={"event_id": UUID(int=1)})
    file.write_bytes(log_ends.ENDS.dump_json((other,)))
    assert "was set back" in await refusal(tmp_path, log)


async def test_what_is_not_to_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / log_ends.FILE).write_text("[{}]")
    assert "another version" in await refusal(tmp_path, await written((1, 3)))
