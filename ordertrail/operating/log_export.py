"""`ordertrail export`: the log as text, one record a line: position, TAB, value.

Decides: the form of a line: the value's very bytes, so that anyone with `cut` and `sha256sum` can check an order's
history. Must not know: what a record says.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import IO, TYPE_CHECKING

from domain.recorded import Position
from ordertrail import exits, wiring
from ordertrail.local.servers import reached
from ordertrail.manifest import DataRefused

if TYPE_CHECKING:
    from ordertrail.settings import Settings
    from streams.log import Log


async def export_log(settings: Settings, file: str) -> int:
    """Write everything committed so far, one partition after the other; `-` is standard output."""
    manifest = wiring.manifest_of(settings)
    with export_file(file) as output:
        async with (
            reached(settings) as endpoints,
            wiring.opened(wiring.build_log(settings, endpoints, manifest.partitions)) as log,
        ):
            await write_lines(log, output)
    return exits.STOPPED


async def write_lines(log: Log, output: IO[bytes]) -> None:
    """Every record as a line. A value is one JSON document without line breaks, so a line is a record."""
    for partition in range(log.partitions):
        async with aclosing(wiring.records_of(log, partition)) as records:
            async for stored in records:
                place = str(Position(partition, stored.sequence)).encode()
                output.write(place + b"\t" + stored.value + b"\n")


@contextlib.contextmanager
def export_file(file: str) -> Iterator[IO[bytes]]:
    """Where an export goes. A file takes its name when it is whole: an incomplete one must not pass for the log.

    It holds everybody's data: it belongs to its owner alone, and replaces nothing.
    """
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if Path(file).exists():
        raise DataRefused(f"{file} exists already; an export replaces nothing.")
    unfinished = Path(f"{file}.unfinished")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        yield output
    try:
        Path(file).hardlink_to(unfinished)  # unlike a rename it never replaces
    except FileExistsError:
        raise DataRefused(f"{file} exists already; an export replaces nothing.") from None
    finally:
        unfinished.unlink()
