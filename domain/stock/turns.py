"""Entries in the order in which they are served: an immutable sorted set, cheap to change by one turn or by many.

Turns lie in pages of at most 128; a change copies the pages it falls into and the list of pages.
Must not know: what an entry is; a turn is any tuple that can be compared, its last part the order's id.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
        pages = list(self._pages)
        touched: dict[int, list[Turn]] = {}
        for turn in removed:
            page = self._page(pages, turn, touched)
            place = bisect_left(page, turn)
            if page[place : place + 1] == [turn]:
                del page[place]
        for turn in added:
            page = self._page(pages, turn, touched)
            place = bisect_left(page, turn)
            if page[place : place + 1] != [turn]:
                page.insert(place, turn)
        for number in sorted(touched, reverse=True):
            pages[number : number + 1] = _pages(touched[number])
        changed: Turns = object.__new__(Turns)
        changed._pages = pages
        changed._size = sum(map(len, pages))
        return changed

    @staticmethod
    def _page(pages: list[list[Turn]], turn: Turn, touched: dict[int, list[Turn]]) -> list[Turn]:
        """The page that the turn belongs to, copied once before it is changed."""
        number = max(bisect_right(pages, turn, key=_first) - 1, 0)
        if number not in touched:
            touched[number] = list(pages[number]) if pages else []
        return touched[number]

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
