"""A walk past the shelves for one order or several: where to go, what was taken so far, what one more scan makes of it.

Decides: in which order the lines are walked, for which of them an article counts, and what is said of a scan. The
address of the page holds all of a walk, so that reading it again counts nothing twice. Must not know: HTTP, words, how
a code is looked up; what may be picked (offers say it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from typing import Any, Final

from domain.shelf_values import as_scanned
from projections.stock import CodeMeaning
from web.forms import whole_number

MOST_ORDERS: Final = 20
"""Of one walk: more totes than a cart holds, and the address stays short."""

LONGEST_QUANTITY: Final = 4
"""Digits that are a quantity while one is asked for, whatever article has them as its code."""
LONGEST_COUNT: Final = 9
"""Digits of a quantity that somebody keys."""


class Heard(StrEnum):
    """What is said of a scan."""

    ARTICLE = "article"
    """It is wanted; how many were taken is to be keyed."""
    COUNTED = "counted"
    NOT_COUNTED = "not-counted"
    """Nought was keyed."""
    ALL_TAKEN = "all-taken"
    """Of every article in the walk."""
    WRONG_ARTICLE = "wrong-article"
    ENOUGH = "enough"
    """All that is wanted of the article was taken."""
    TOO_MANY = "too-many"
    UNKNOWN_CODE = "unknown-code"


GOOD: Final = frozenset({Heard.ARTICLE, Heard.COUNTED, Heard.NOT_COUNTED, Heard.ALL_TAKEN})


@dataclass(frozen=True, slots=True)
class WalkLine:
    """Units of one order line that are to be taken, and those that were."""

    place: int
    """Of the order in the walk, from 0."""
    number: str
    """The order's."""
    line: int
    sku: str
    name: str
    bin: str
    """Empty where nobody knows it."""
    wanted: int
    got: int = 0
    picked: int = 0
    """Units of the line that are recorded as picked, wherever they are now."""

    @property
    def name_in_address(self) -> str:
        """By which an address names the line."""
        return f"{self.place}.{self.line}"

    @property
    def left(self) -> int:
        """Units that are still to be taken."""
        return max(self.wanted - self.got, 0)

    @property
    def beyond(self) -> int:
        """Units that were taken and are not wanted any more."""
        return max(self.got - self.wanted, 0)


@dataclass(frozen=True, slots=True)
class PendingScan:
    """An article that was scanned, before its quantity was keyed."""

    place: int
    line: int
    factor: int
    """Units that each scan counts."""
    refused: bool = False
    """Whether a quantity was keyed that cannot be: nobody scans piece by piece then."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What is to be taken, by bin and then by SKU; what was taken; and what was just said of a scan."""

    lines: tuple[WalkLine, ...] = ()
    pending: PendingScan | None = None
    heard: Heard | None = None
    about: dict[str, Any] = field(default_factory=dict)
    """Values of the sentence that is said."""
    before: tuple[str, int] | None = None
    """The article that was scanned before this one, and units of it that this scan counted."""
    others: tuple[str, ...] = ()
    """What was taken for lines that are not to be picked any more, or of which some was recorded since, as the address
    says it.
    """

    @property
    def asked(self) -> WalkLine | None:
        """The line whose quantity is to be keyed."""
        pending = self.pending
        if pending is None:
            return None
        at = (pending.place, pending.line)
        return next((line for line in self.lines if (line.place, line.line) == at), None)

    @property
    def wanted_of_asked(self) -> int:
        """Units of that article that are still to be taken, for all orders."""
        asked = self.asked
        return 0 if asked is None else sum(line.left for line in self.lines if line.sku == asked.sku)

    @property
    def is_stopped(self) -> bool:
        """Whether the picker has to look up."""
        return self.heard is not None and self.heard not in GOOD

    @property
    def left(self) -> int:
        """Units that are still to be taken."""
        return sum(line.left for line in self.lines)

    @property
    def got(self) -> int:
        """Units that were taken."""
        return sum(line.got for line in self.lines)

    @property
    def beyond(self) -> tuple[WalkLine, ...]:
        """Lines for which more was taken than is wanted now, as where a colleague has recorded some meanwhile."""
        return tuple(line for line in self.lines if line.beyond)

    def taken_for(self, place: int) -> list[WalkLine]:
        """Lines of an order of which units were taken, in its own order."""
        return sorted((line for line in self.lines if line.place == place and line.got), key=lambda line: line.line)


@dataclass(frozen=True, slots=True)
class WalkStop:
    """One article in one bin: where somebody stops, and for which orders something is taken there."""

    bin: str
    sku: str
    name: str
    lines: tuple[WalkLine, ...]

    @property
    def left(self) -> int:
        """Units that are still to be taken here."""
        return sum(line.left for line in self.lines)


def in_walking_order(lines: Iterable[WalkLine]) -> tuple[WalkLine, ...]:
    """By bin, then SKU, then order. What lies nobody knows where comes last."""
    return tuple(sorted(lines, key=lambda line: (not line.bin, _by_number(line.bin), line.sku, line.place, line.line)))


def _by_number(bin_name: str) -> list[tuple[int, str]]:
    """`A-10` comes after `A-9`."""
    parts = re.findall(r"\d+|\D+", bin_name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def stops(walk: Walk) -> Iterator[WalkStop]:
    """The walk, stop by stop."""
    for (bin_name, sku), lines in groupby(walk.lines, key=lambda line: (line.bin, line.sku)):
        there = tuple(lines)
        yield WalkStop(bin_name, sku, there[0].name, there)


def step(walk: Walk, said: str, meaning: CodeMeaning | None) -> Walk:
    """The walk after one more thing was scanned or keyed; `meaning` is what that is if it is a code.

    After an article its quantity is keyed, for one order or for all that wait for it. Whoever scans piece by piece keys
    none: the next scan counts the one before, unless what was keyed for that was refused.
    """
    asked = walk.asked
    if not said:
        return walk
    if walk.pending is None or asked is None:
        return _article(walk, said, meaning)
    keyed = _keyed(said, walk.pending.factor)
    if keyed is not None and keyed <= walk.wanted_of_asked:
        return _counted(walk, asked, keyed)
    if meaning is not None:
        units = 0 if walk.pending.refused else walk.pending.factor
        return replace(_article(_counted(walk, asked, units), said, meaning), before=(asked.sku, units))
    if keyed is not None:
        refused = replace(walk, pending=replace(walk.pending, refused=True))
        return _told(refused, Heard.TOO_MANY, sku=asked.sku, units=keyed, left=walk.wanted_of_asked)
    return _told(walk, Heard.UNKNOWN_CODE, code=said)


def known_in(walk: Walk, said: str) -> CodeMeaning | None:
    """The article that is meant where a SKU of the walk was typed."""
    sku = as_scanned(said).upper()
    return CodeMeaning(sku, 1) if any(line.sku == sku for line in walk.lines) else None


def is_quantity(walk: Walk, said: str) -> bool:
    """Whether what was keyed can be nothing but how many were taken: no SKU of the walk, and short."""
    short = len(said) <= LONGEST_QUANTITY and whole_number(said) is not None
    return walk.asked is not None and short and known_in(walk, said) is None


def _keyed(said: str, factor: int) -> int | None:
    """Units that were keyed, packs counted as what is in them; None for what is no quantity."""
    number = whole_number(said, LONGEST_COUNT)
    return None if number is None else number * factor


def _article(walk: Walk, said: str, meaning: CodeMeaning | None) -> Walk:
    free = replace(walk, pending=None)
    if meaning is None:
        return _told(free, Heard.UNKNOWN_CODE, code=said)
    lines = [line for line in walk.lines if line.sku == meaning.sku]
    if not lines:
        return _told(free, Heard.WRONG_ARTICLE, sku=meaning.sku)
    wanted = next((line for line in lines if line.left), None)
    if wanted is None:
        return _told(free, Heard.ENOUGH, sku=meaning.sku)
    left = sum(line.left for line in lines)
    if meaning.factor > left:
        return _told(free, Heard.TOO_MANY, sku=meaning.sku, units=meaning.factor, left=left)
    pending = PendingScan(wanted.place, wanted.line, meaning.factor)
    return replace(_told(free, Heard.ARTICLE, sku=wanted.sku), pending=pending)


def _counted(walk: Walk, asked: WalkLine, units: int) -> Walk:
    after = replace(walk, lines=_with_units(walk.lines, asked, units), pending=None)
    heard = Heard.COUNTED if units else Heard.NOT_COUNTED
    if units and not after.left and not after.beyond:
        heard = Heard.ALL_TAKEN
    return _told(after, heard, sku=asked.sku, units=units, number=asked.number)


def _with_units(lines: tuple[WalkLine, ...], asked: WalkLine, units: int) -> tuple[WalkLine, ...]:
    """The lines with so many units more for the one that is asked, and for others of its article what is beyond."""
    of_article = [asked, *(line for line in lines if line.sku == asked.sku and line is not asked)]
    got: dict[str, int] = {}
    for line in of_article:
        got[line.name_in_address] = min(units, line.left)
        units -= got[line.name_in_address]
    return tuple(replace(line, got=line.got + got.get(line.name_in_address, 0)) for line in lines)


def _told(walk: Walk, heard: Heard, **about: Any) -> Walk:
    return replace(walk, heard=heard, about=about)


def without_taken(walk: Walk, written: str) -> Walk:
    """The walk with nothing taken for one line (`place.line`): it is counted anew."""
    return replace(_with_got(walk, written, lambda _: 0), pending=None)


def with_put_back(walk: Walk, written: str) -> Walk:
    """The walk with no more taken for one line (`place.line`) than is wanted now: the rest lies on the shelf again."""
    return _with_got(walk, written, lambda line: min(line.got, line.wanted))


def _with_got(walk: Walk, written: str, got: Callable[[WalkLine], int]) -> Walk:
    lines = (replace(line, got=got(line)) if line.name_in_address == written else line for line in walk.lines)
    return replace(walk, lines=tuple(lines))
