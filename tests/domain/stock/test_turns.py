"""The order of service is a sorted set that nobody can change."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.stock.turns import PAGE, Turn, Turns

turns = st.builds(
    lambda priority, arrival: (priority, 7, arrival, UUID(int=arrival)), st.integers(0, 9), st.integers(0, 200)
)
many = st.lists(turns, max_size=400)


@given(many, st.lists(st.tuples(st.lists(turns, max_size=150), st.lists(turns, max_size=150)), max_size=6))
@settings(deadline=None)
def test_it_holds_what_a_sorted_set_would_hold(start: list[Turn], changes: list[tuple[list[Turn], list[Turn]]]) -> None:
    expected, turns = set(start), Turns(set(start))
    for removed, added in changes:
        expected = (expected - set(removed)) | set(added)
        turns = turns.changed(removed, added)
        assert list(turns) == sorted(expected)
        assert list(reversed(turns)) == sorted(expected, reverse=True)
        assert len(turns) == len(expected)
        assert turns == Turns(expected)
        assert hash(turns) == hash(Turns(expected))


@given(many, turns)
def test_a_change_leaves_what_it_was_made_from(start: list[Turn], one: Turn) -> None:
    turns = Turns(set(start))
    turns.changed([one], [])
    turns.changed([], [one])
    assert list(turns) == sorted(set(start))


def test_one_change_copies_one_page_of_many() -> None:
    turns = Turns((5, 7, arrival, UUID(int=arrival)) for arrival in range(100 * PAGE))
    changed = turns.changed([(5, 7, 50, UUID(int=50))], [])
    before, after = turns._pages, changed._pages
    assert sum(page is not known for page, known in zip(after, before, strict=True)) == 1


def test_pages_stay_small_while_turns_are_added() -> None:
    turns = Turns()
    for arrival in range(10 * PAGE):
        turns = turns.changed([], [(5, 7, arrival, UUID(int=arrival))])
    assert max(map(len, turns._pages)) <= PAGE
    assert [arrival for _, _, arrival, _ in turns] == list(range(10 * PAGE))
    assert len(turns) == 10 * PAGE
