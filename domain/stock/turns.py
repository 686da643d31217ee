"""Entries in the order in which they are served: an immutable sorted set, cheap to change by one turn or by many.

Turns lie in pages of at most 128; a change copies the pages it falls into and the list of pages.
Must not know: what an entry is; a turn is any tuple that can be compared, its last part the order's id.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final
from uuid import UUID

from typing_extensions import override

PAGE: Final = 128

Turn = tuple[int, int, int, UUID]
"""Priority, promised day, order of arrival, order."""


class Turns:
    """Immutable sorted set of turns. Equal when its turns are."""

    __slots__ = ("_pages", "_size")

    def __init__(self, turns: Iterable[Turn] = ()) -> None:
        in_order = sorted(turns)
        self._pages = _pages(in_order)
        self._size = len(in_order)

    def changed(self, removed: Iterable[Turn], added: Iterable[Turn]) -> Turns:
        """Without some turns, and with others."""
        leaving, coming = self._by_page(removed), self._by_page(added)
        if not leaving and not coming:
            return self
        pages = list(self._pages)
        touched = leaving.keys() | coming.keys()
        for place in sorted(touched, reverse=True):
            page = pages[place] if pages else ()
            kept = [turn for turn in page if turn not in leaving[place]] if place in leaving else list(page)
            pages[place : place + 1] = _pages(sorted({*kept, *coming[place]}) if place in coming else kept)
        changed: Turns = object.__new__(Turns)
        changed._pages = pages
        changed._size = sum(map(len, pages))
        return changed

    def _by_page(self, turns: Iterable[Turn]) -> dict[int, set[Turn]]:
        found: dict[int, set[Turn]] = {}
        for turn in turns:
            place = bisect_right(self._pages, turn, key=_first)
            found.setdefault(max(place - 1, 0), set()).add(turn)
        return found

    def __iter__(self) -> Iterator[Turn]:
        return chain.from_iterable(self._pages)

    def __reversed__(self) -> Iterator[Turn]:
        for page in reversed(self._pages):
            yield from reversed(page)

    def __len__(self) -> int:
        return self._size

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Turns) and list(self) == list(other)

    @override
    def __hash__(self) -> int:
        return hash(tuple(self))

    @override
    def __repr__(self) -> str:
        return f"Turns({list(self)!r})"


def _first(page: list[Turn]) -> Turn:
    return page[0]


def _pages(turns: list[Turn]) -> list[list[Turn]]:
    """Pages of half the greatest size, so that each has room; a list that is small enough stays one."""
    if len(turns) <= PAGE:
        return [turns] if turns else []
    return [turns[start : start + PAGE // 2] for start in range(0, len(turns), PAGE // 2)]
