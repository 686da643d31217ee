"""Counts of many articles as a spreadsheet has them: which columns there are, and one count for each article.

Decides: that lines of one article at one location are one count, all its bins together, and that a line without a
location is of the main one. What a cell may hold is decided by the command. Must not know: HTTP, words on screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from domain.shelf_values import as_scanned
from domain.values import MAIN
from web.command_addresses import MOST_COMMANDS
from web.forms import whole_number
from web.pasted_lines import PASTED_COLUMNS, PastedLine, PastedTable, read_pasted

COUNTED_LINES: Final = PastedTable(
    {
        "sku": PASTED_COLUMNS["sku"],
        "location": "location|warehouse|库房|仓库",
        "quantity": "quantity|counted|count|qty|units|pcs|pieces|数量|件数|盘点数量|实盘数量",
        "bin": "bin|shelf|货位",
    },
    ("sku", "quantity"),
    {
        2: ("sku", "quantity"),
        3: ("sku", "location", "quantity"),
        4: ("sku", "location", "quantity", "bin"),
    },
    MOST_COMMANDS,
)


@dataclass(frozen=True, slots=True)
class PastedCount:
    """One article as it was counted."""

    sku: str
    location: str
    counted: str
    """As a program writes it where all its lines are numbers, else what is none."""
    bin: str
    """The last that was named."""
    lines: tuple[int, ...]
    """Of the text, from 1."""

    @property
    def address(self) -> str:
        """Where the count is sent."""
        return f"/commands/stock/{quote(self.sku, safe='')}/{quote(self.location, safe='')}/count"

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The command as a form would send it."""
        return ("counted", self.counted), ("bin", self.bin)


def read_counts(text: str) -> list[PastedCount]:
    """Each article's count, in the order in which they first stand; `UnreadableLines` as `read_pasted`."""
    by_item: dict[tuple[str, str], list[PastedLine]] = {}
    for line in read_pasted(text, COUNTED_LINES).lines:
        # What was refused for its wide letters would be missing from its article's count.
        item = as_scanned(line.cells.get("sku", "")).upper(), as_scanned(line.cells.get("location", MAIN)).lower()
        by_item.setdefault(item, []).append(line)
    return [_count(*item, lines) for item, lines in by_item.items()]


def _count(sku: str, location: str, lines: Iterable[PastedLine]) -> PastedCount:
    quantities, bins = zip(
        *((line.cells.get("quantity", ""), line.cells.get("bin", "")) for line in lines), strict=True
    )
    odd = [text for text in quantities if whole_number(text) is None]
    counted = odd[0] if odd else str(sum(map(int, quantities)))
    return PastedCount(sku, location, counted, next(_named_last(bins), ""), tuple(line.number for line in lines))


def _named_last(bins: Iterable[str]) -> Iterator[str]:
    return filter(None, reversed(tuple(bins)))
