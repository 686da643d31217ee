"""A paged map is a dict that nobody can change."""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.paged_map import PAGE, PagedMap

keys = st.integers(-100, 1000)
changes = st.lists(st.tuples(keys, st.integers()), max_size=300)


@given(st.dictionaries(keys, st.integers(), max_size=100), changes)
@settings(deadline=None)
def test_it_holds_what_a_dict_would_hold(start: dict[int, int], changed: list[tuple[int, int]]) -> None:
    expected, paged = dict(start), PagedMap(start)
    for key, value in changed:
        expected[key] = value
        paged = paged.set(key, value)
    assert dict(paged.items()) == expected
    assert len(paged) == len(expected)
    assert set(paged) == set(expected)
    assert sorted(paged.values()) == sorted(expected.values())
    assert all(paged[key] == value and key in paged for key, value in expected.items())
    assert paged.get(2000) is None
    assert paged.get(2000, 7) == 7
    assert 2000 not in paged


@given(st.dictionaries(keys, st.integers(), max_size=100), keys, st.integers())
def test_setting_an_entry_leaves_the_map_as_it_was(start: dict[int, int], key: int, value: int) -> None:
    paged = PagedMap(start)
    paged.set(key, value)
    assert dict(paged.items()) == start


@given(st.lists(st.tuples(keys, st.integers()), max_size=200, unique_by=lambda item: item[0]))
def test_maps_with_the_same_items_are_equal_however_they_came_about(items: list[tuple[int, int]]) -> None:
    one, other = PagedMap[int, int](), PagedMap(items)
    for key, value in reversed(items):
        one = one.set(key, value)
    assert one == other
    assert hash(one) == hash(other)
    assert one.set(5000, 1) != other


@given(st.dictionaries(keys, st.integers(), max_size=100), changes, st.sets(keys))
@settings(deadline=None)
def test_what_came_and_went_since_an_earlier_map_leads_from_it_to_this_one(
    start: dict[int, int], changed: list[tuple[int, int]], gone: set[int]
) -> None:
    earlier = PagedMap(start)
    later = earlier.changed(dict(changed), gone)
    put, left = later.since(earlier)
    assert earlier.changed(put, left) == later
    assert not put.keys() & set(left)
    assert later.since(later) == ({}, [])


def test_what_came_since_an_earlier_map_is_only_what_changed() -> None:
    earlier = PagedMap((number, str(number)) for number in range(100 * PAGE))
    later = earlier.changed({7: "seven"}, [8])
    assert later.since(earlier) == ({7: "seven"}, [8])


def test_an_update_copies_one_page_however_many_entries_there_are() -> None:
    paged = PagedMap((number, number) for number in range(100 * PAGE))
    changed = paged.set(7, 0)
    same = sum(page is before for page, before in zip(changed._pages, paged._pages, strict=True))
    assert same == len(paged._pages) - 1


def test_pages_stay_small_while_entries_are_added() -> None:
    paged = PagedMap[int, int]()
    for number in range(3000):
        paged = paged.set(number, number)
    assert max(len(page) for page in paged._pages) <= 2 * PAGE


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        PagedMap({1: 1})[2]


@given(st.dictionaries(keys, st.integers(), max_size=300), st.dictionaries(keys, st.integers(), max_size=300))
@settings(deadline=None)
def test_an_update_of_many_entries_is_as_setting_each_of_them(start: dict[int, int], changed: dict[int, int]) -> None:
    paged = PagedMap(start)
    updated = paged.changed(changed)
    assert dict(updated.items()) == {**start, **changed}
    assert len(updated) == len({**start, **changed})
    assert dict(paged.items()) == start
    assert max(len(page) for page in updated._pages) <= 2 * PAGE * 2


@pytest.mark.parametrize("size", [PAGE // 2, 100 * PAGE])
def test_what_is_removed_is_gone_and_not_counted(size: int) -> None:
    paged = PagedMap((number, number) for number in range(size))
    left = paged.changed({9999: 0}, without=(3, 5, 7777))
    assert set(left) == {*range(size), 9999} - {3, 5}
    assert (len(left), len(paged)) == (size - 1, size)


def test_pages_go_with_their_entries() -> None:
    paged = PagedMap((number, number) for number in range(100 * PAGE))
    left = paged.changed({}, without=range(1, 100 * PAGE))
    assert (dict(left.items()), len(left._pages)) == ({0: 0}, 1)


def test_it_is_stored_as_a_json_object_and_read_back_with_its_types() -> None:
    adapter = TypeAdapter(PagedMap[int, str])
    paged = PagedMap({number: str(number) for number in range(3 * PAGE)})
    stored = adapter.dump_json(paged)
    assert orjson.loads(stored) == {str(number): str(number) for number in range(3 * PAGE)}
    assert adapter.validate_json(stored) == paged
    for wrong in (b'{"one": "1"}', b'{"1": 1}'):
        with pytest.raises(ValidationError):
            adapter.validate_json(wrong)
