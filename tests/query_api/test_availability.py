"""What is said to be here while an order is entered: never more than is free, and never twice."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from query_api.availability import Availability, WantedUnits, availability

SKUS = st.sampled_from(["MUG", "CUP", "PAN"])
WANTED = st.lists(st.builds(WantedUnits, row=st.just(""), sku=SKUS, quantity=st.integers(1, 50)), max_size=12)
FREE = st.dictionaries(SKUS, st.integers(-20, 60))


@given(WANTED, FREE)
def test_lines_of_one_article_share_what_is_free_of_it(wanted: list[WantedUnits], free: dict[str, int]) -> None:
    told = list(availability(wanted, free))
    assert [one.wanted for one in told] == wanted
    asked: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for one in told:
        assert 0 <= one.now <= one.wanted.quantity
        assert one.short == one.wanted.quantity - one.now
        asked[one.wanted.sku] += one.wanted.quantity
        given[one.wanted.sku] += one.now
    for sku, units in asked.items():
        assert given[sku] == min(units, max(0, free.get(sku, 0)))


def test_the_first_line_is_served_first_and_what_is_unknown_is_told_apart_from_what_is_gone() -> None:
    wanted = [
        WantedUnits("0", "MUG", 4),
        WantedUnits("1", "MUG", 4),
        WantedUnits("2", "CUP", 1),
        WantedUnits("3", "PAN", 1),
    ]
    assert list(availability(wanted, {"MUG": 6, "CUP": -2})) == [
        Availability(wanted[0], 4, 6),
        Availability(wanted[1], 2, 6),
        Availability(wanted[2], 0, -2),
        Availability(wanted[3], 0, None),
    ]
