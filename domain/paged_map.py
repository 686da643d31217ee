"""An immutable map whose update costs the same for ten entries and for ten thousand.

States are values, so an update makes a new map; copying a whole dict for one changed line of 700 would make every event
of a long order expensive. Entries lie in pages of about 32; an update copies one page and the list of pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, get_args, overload

from pydantic_core import core_schema
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import GetCoreSchemaHandler

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

PAGE = 32


class PagedMap(Generic[K, V]):
    """Immutable map; `set` returns a new one. Iterates in no particular order. Equal when its items are."""

    __slots__ = ("_pages", "_size")

    def __init__(self, items: Mapping[K, V] | Iterable[tuple[K, V]] = ()) -> None:
        entries = dict(items)
        pages: list[dict[K, V]] = [{} for _ in range(len(entries) // PAGE + 1)]
        for key, value in entries.items():
            pages[hash(key) % len(pages)][key] = value
        self._pages = tuple(pages)
        self._size = len(entries)

    def set(self, key: K, value: V) -> PagedMap[K, V]:
        """A map that differs in this one entry."""
        return self.changed({key: value})

    def changed(self, put: Mapping[K, V], without: Iterable[K] = ()) -> PagedMap[K, V]:
        """A map with these entries put and those keys removed; copies the pages they lie in, however many there are."""
        pages, count = list(self._pages), len(self._pages)
        copied: set[int] = set()
        size = self._size
        for key, value in put.items():
            page = _copied(pages, hash(key) % count, copied)
            size += key not in page
            page[key] = value
        for key in without:
            page = _copied(pages, hash(key) % count, copied)
            size -= key in page
            page.pop(key, None)
        changed: PagedMap[K, V] = object.__new__(PagedMap)
        changed._pages = tuple(pages)
        changed._size = size
        return changed if _fits(size, count) else PagedMap(changed.items())

    def since(self, earlier: PagedMap[K, V]) -> tuple[dict[K, V], list[K]]:
        """What was put and what was removed since an earlier map; pages that both share are not looked at."""
        if len(self._pages) == len(earlier._pages):
            pairs = [(old, new) for old, new in zip(earlier._pages, self._pages, strict=True) if old is not new]
        else:
            pairs = [(dict(earlier.items()), dict(self.items()))]
        put = {key: new[key] for old, new in pairs for key in new if key not in old or old[key] is not new[key]}
        return put, [key for old, new in pairs for key in old if key not in new]

    @overload
    def get(self, key: K) -> V | None: ...
    @overload
    def get(self, key: K, default: D) -> V | D: ...
    def get(self, key: K, default: Any = None) -> Any:
        """The entry's value, or `default`."""
        return self._pages[hash(key) % len(self._pages)].get(key, default)

    def __getitem__(self, key: K) -> V:
        return self._pages[hash(key) % len(self._pages)][key]

    def __contains__(self, key: object) -> bool:
        return key in self._pages[hash(key) % len(self._pages)]

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[K]:
        for page in self._pages:
            yield from page

    def items(self) -> Iterator[tuple[K, V]]:
        """Keys with their values."""
        for page in self._pages:
            yield from page.items()

    def values(self) -> Iterator[V]:
        """Values alone."""
        for page in self._pages:
            yield from page.values()

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, PagedMap) and dict(self.items()) == dict(other.items())

    @override
    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    @override
    def __repr__(self) -> str:
        return f"PagedMap({dict(self.items())!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        """A JSON object of the entries, so that a state can be kept between two runs of a reader."""
        key, value = (handler.generate_schema(each) for each in get_args(source) or (Any, Any))
        entries = core_schema.dict_schema(key, value)
        return core_schema.no_info_after_validator_function(
            cls,
            entries,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda paged: dict(paged.items()), return_schema=entries
            ),
        )


def _copied(pages: list[dict[K, V]], place: int, copied: set[int]) -> dict[K, V]:
    """The page at this place, copied once before it is changed."""
    if place not in copied:
        pages[place] = dict(pages[place])
        copied.add(place)
    return pages[place]


def _fits(size: int, pages: int) -> bool:
    """Pages are neither crowded nor, once there are several, nearly empty."""
    return size <= 2 * PAGE * pages and (pages == 1 or size >= pages * PAGE // 8)
