"""What a scan makes of a walk. Nothing here needs a server."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from projections.stock import CodeMeaning
from query_api.walk_address import read_pending, with_taken, written_pending, written_taken
from query_api.walks import (
    Heard,
    Walk,
    WalkLine,
    in_walking_order,
    is_quantity,
    known_in,
    step,
    stops,
    with_put_back,
    without_taken,
)

MUG, CUP, PACK = CodeMeaning("MUG", 1), CodeMeaning("CUP", 1), CodeMeaning("MUG", 6)
LINES = in_walking_order(
    (
        WalkLine(0, "OT-1", 1, "MUG", "Mug", "B-02", 8),
        WalkLine(0, "OT-1", 2, "CUP", "Cup", "A-10", 2),
        WalkLine(1, "OT-2", 1, "MUG", "Mug", "B-02", 3),
        WalkLine(1, "OT-2", 2, "JUG", "Jug", "A-9", 1),
        WalkLine(1, "OT-2", 3, "TIN", "Tin", "", 1),
    )
)
KNOWN = {"EAN": MUG, "PACK": PACK, "OTHER": CodeMeaning("HAT", 1)}


def after(*said: str, before: Walk | None = None) -> Walk:
    """As the page does it: each scan is made of what the address of the one before says."""
    walk = before or Walk(LINES)
    for one in said:
        read = replace(with_taken(LINES, written_taken(walk)), pending=read_pending(written_pending(walk)))
        walk = step(read, one, known_in(read, one) or KNOWN.get(one))
    return walk


def taken(walk: Walk) -> dict[tuple[str, str], int]:
    return {(line.number, line.sku): line.got for line in walk.lines if line.got}


def test_a_walk_goes_by_bin_as_people_count_then_by_article_and_to_what_lies_nobody_knows_where_last() -> None:
    assert [(stop.bin, stop.sku) for stop in stops(Walk(LINES))] == [
        ("A-9", "JUG"),
        ("A-10", "CUP"),
        ("B-02", "MUG"),
        ("", "TIN"),
    ]


def test_at_one_stop_stands_how_many_are_for_which_order() -> None:
    there = next(stop for stop in stops(Walk(LINES)) if stop.sku == "MUG")
    assert [(line.number, line.left) for line in there.lines] == [("OT-1", 8), ("OT-2", 3)]
    assert there.left == 11


def test_an_article_is_scanned_and_its_quantity_keyed() -> None:
    scanned = after("EAN")
    assert (scanned.heard, scanned.asked, scanned.got) == (Heard.ARTICLE, scanned.lines[2], 0)
    assert taken(after("EAN", "5")) == {("OT-1", "MUG"): 5}
    assert taken(after("mug", "8", "EAN", "3")) == {("OT-1", "MUG"): 8, ("OT-2", "MUG"): 3}


def test_a_pack_counts_what_is_in_it() -> None:
    assert taken(after("PACK", "1")) == {("OT-1", "MUG"): 6}
    too_many = after("PACK", "2")
    assert (too_many.heard, too_many.about["units"], too_many.got) == (Heard.TOO_MANY, 12, 0)
    assert after("PACK", "1", "PACK").heard is Heard.TOO_MANY


def test_whoever_scans_piece_by_piece_keys_no_quantity() -> None:
    assert taken(after("EAN", "EAN", "EAN", "CUP")) == {("OT-1", "MUG"): 3}


def test_an_article_that_is_called_like_a_number_is_not_taken_for_a_quantity_that_nobody_wants() -> None:
    lines = (WalkLine(0, "OT-1", 1, "71053", "Lantern", "", 3),)
    walk = step(Walk(lines), "71053", CodeMeaning("71053", 1))
    walk = step(walk, "71053", known_in(walk, "71053"))
    assert (walk.heard, walk.got) == (Heard.ARTICLE, 1)


def test_a_short_number_is_a_quantity_where_one_is_asked_for_unless_it_is_an_article_of_the_walk() -> None:
    asked = after("EAN")
    assert [is_quantity(asked, said) for said in ("5", "9999", "71053", "MUG", "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not is_quantity(Walk(LINES), "5")
    lines = (WalkLine(0, "OT-1", 1, "7", "Lantern", "", 3),)
    assert not is_quantity(step(Walk(lines), "7", CodeMeaning("7", 1)), "7")


def test_what_is_not_wanted_is_said_first_and_counts_nothing() -> None:
    for said, heard in (
        (("OTHER",), Heard.WRONG_ARTICLE),
        (("WHAT",), Heard.UNKNOWN_CODE),
        (("EAN", "12"), Heard.TOO_MANY),
        (("JUG", "1", "JUG"), Heard.ENOUGH),
    ):
        walk = after(*said)
        assert walk.heard is heard
        assert walk.is_stopped
        assert walk.got == (1 if heard is Heard.ENOUGH else 0)


def test_what_several_orders_want_is_keyed_at_once() -> None:
    assert after("EAN").wanted_of_asked == 11
    assert taken(after("EAN", "11")) == {("OT-1", "MUG"): 8, ("OT-2", "MUG"): 3}
    assert taken(after("EAN", "9")) == {("OT-1", "MUG"): 8, ("OT-2", "MUG"): 1}
    assert after("EAN", "12").about == {"sku": "MUG", "units": 12, "left": 11}


def test_it_is_said_when_a_scan_counts_the_article_before_it() -> None:
    walk = after("EAN", "CUP")
    assert (walk.before, walk.heard, taken(walk)) == (("MUG", 1), Heard.ARTICLE, {("OT-1", "MUG"): 1})
    assert after("EAN", "OTHER").before == ("MUG", 1)
    assert after("EAN", "2").before is None


def test_a_quantity_that_was_refused_is_not_taken_for_one_by_the_next_scan() -> None:
    walk = after("EAN", "12", "CUP")
    assert (walk.before, walk.heard, walk.got) == (("MUG", 0), Heard.ARTICLE, 0)
    assert taken(after("EAN", "12", "8")) == {("OT-1", "MUG"): 8}


def test_an_unknown_code_keeps_what_was_asked_until_somebody_says_what_it_is() -> None:
    walk = after("EAN", "WHAT")
    assert (walk.heard, walk.asked, walk.about["code"]) == (Heard.UNKNOWN_CODE, walk.lines[2], "WHAT")


def test_nought_takes_back_what_was_scanned_by_mistake() -> None:
    walk = after("EAN", "0")
    assert (walk.heard, walk.asked, walk.got) == (Heard.NOT_COUNTED, None, 0)


def test_a_line_can_be_counted_anew() -> None:
    walk = after("EAN", "5", "CUP", "1")
    assert taken(without_taken(walk, "0.1")) == {("OT-1", "CUP"): 1}


def test_the_last_article_of_a_walk_says_that_all_is_taken() -> None:
    walk = after("MUG", "8", "MUG", "3", "CUP", "2", "JUG", "1", "TIN", "1")
    assert (walk.heard, walk.left) == (Heard.ALL_TAKEN, 0)
    assert [line.line for line in walk.taken_for(1)] == [1, 2, 3]


def test_what_is_taken_beyond_what_is_wanted_now_leaves_nothing_and_no_other_line_less() -> None:
    walk = with_taken(LINES, "0.1.99")
    assert ([line.left for line in walk.lines if line.got], walk.left) == ([0], 7)
    assert next(stop.left for stop in stops(walk) if stop.sku == "MUG") == 3


def test_what_is_taken_beyond_what_is_wanted_now_is_called_so_until_it_is_put_back() -> None:
    walk = with_taken(LINES, "0.1.9_0.2.2_1.1.3_1.2.1")
    assert [(line.name_in_address, line.beyond) for line in walk.beyond] == [("0.1", 1)]
    assert after("TIN", "1", before=walk).heard is Heard.COUNTED
    back = with_put_back(walk, "0.1")
    assert (back.beyond, back.got) == ((), 14)
    assert with_put_back(walk, "0.2") == walk


def test_what_was_taken_for_a_line_that_is_not_to_be_picked_any_more_is_not_forgotten() -> None:
    walk = with_taken(LINES, "0.1.5_1.7.2")
    assert walk.others == ("1.7.2",)
    assert written_taken(after("CUP", "1", before=walk)) == "0.2.1_0.1.5_1.7.2"


def test_what_was_recorded_is_not_recorded_again_from_the_page_before() -> None:
    recorded = tuple(replace(line, picked=5, wanted=3) if line.name_in_address == "0.1" else line for line in LINES)
    back = with_taken(recorded, "0.1.5")
    assert (back.got, back.others) == (0, ("0.1.5",))
    taken_since = with_taken(recorded, "0.1.2.5_0.1.5")
    assert (taken_since.got, taken_since.others) == (2, ("0.1.5",))
    assert written_taken(taken_since) == "0.1.2.5_0.1.5"


@given(st.lists(st.sampled_from(("EAN", "PACK", "mug", "CUP", "JUG", "OTHER", "WHAT", "0", "1", "2", "7", "71053"))))
def test_no_scan_takes_more_than_is_wanted_and_an_address_that_is_read_again_says_the_same(said: list[str]) -> None:
    walk = after(*said)
    assert all(line.got <= line.wanted for line in walk.lines)
    again = with_taken(LINES, written_taken(walk))
    assert (again.lines, read_pending(written_pending(walk))) == (walk.lines, walk.pending)


@given(st.text(), st.text())
def test_whatever_an_address_says_is_read(written: str, pending: str) -> None:
    walk = replace(with_taken(LINES, written), pending=read_pending(pending))
    assert step(walk, "EAN", MUG).heard is not None
