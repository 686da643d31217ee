"""A walk as the address of its page says it: what was taken, and what was scanned last.

Decides: how that is written, and that what cannot be read there says nothing. Must not know: what a scan means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from query_api.walks import PendingScan, Walk, WalkLine

PENDING: Final = re.compile(r"(\d{1,3})\.(\d{1,7})\.(\d{1,9})(\.refused)?")
TAKEN: Final = re.compile(r"(\d{1,3})\.(\d{1,7})\.(\d{1,9})(?:\.(\d{1,9}))?")
"""Units (the third number) taken for a line (the second) of an order (its place in the walk), and how many of the line
had been recorded as picked when they were (the fourth; none at first).
"""
BETWEEN: Final = "_"


def with_taken(lines: Iterable[WalkLine], written: str) -> Walk:
    """The walk with what an address says was taken; what cannot be read there says nothing.

    What was taken before some of its line was recorded is left out: it may be just what was recorded, as it is where
    somebody goes back to the page from which it was.
    """
    found = (TAKEN.fullmatch(part) for part in written.split(BETWEEN))
    taken = {(int(part[1]), int(part[2]), int(part[4] or 0)): part for part in found if part is not None}
    walked = []
    for line in lines:
        part = taken.pop((line.place, line.line, line.picked), None)
        walked.append(line if part is None else replace(line, got=int(part[3])))
    return Walk(tuple(walked), others=tuple(part[0] for part in taken.values()))


def written_taken(walk: Walk) -> str:
    """What was taken, as an address says it."""
    return BETWEEN.join((*(_written(line) for line in walk.lines if line.got), *walk.others))


def _written(line: WalkLine) -> str:
    return f"{line.place}.{line.line}.{line.got}{f'.{line.picked}' if line.picked else ''}"


def read_pending(written: str) -> PendingScan | None:
    """What an address says was scanned last."""
    found = PENDING.fullmatch(written)
    if found is None or int(found[3]) < 1:
        return None
    return PendingScan(int(found[1]), int(found[2]), int(found[3]), refused=found[4] is not None)


def written_pending(walk: Walk) -> str:
    """The same as an address says it."""
    pending = walk.pending
    if pending is None:
        return ""
    return f"{pending.place}.{pending.line}.{pending.factor}{'.refused' if pending.refused else ''}"
