"""Counts as spreadsheets have them: what is read, and what of it is one count."""

import pytest

from web.pasted_counts import PastedCount, read_counts
from web.pasted_lines import UnreadableLines


def told(text: str) -> list[tuple[str, str, str, str]]:
    return [(count.sku, count.location, count.counted, count.bin) for count in read_counts(text)]


@pytest.mark.parametrize(
    "text",
    [
        "mug\tmain\t12\tA-03",
        "SKU;Location;Quantity;Bin\nmug;main;12;A-03",
        "货位,数量,货号\nA-03,12,mug",
        "location\tbin\tcounted\tarticle\tremark\nmain\tA-03\t12\tmug\tdusty",
    ],
)
def test_columns_are_known_by_their_order_or_by_their_names_in_either_language(text: str) -> None:
    assert told(text) == [("MUG", "main", "12", "A-03")]


def test_a_line_without_a_location_is_of_the_main_one() -> None:
    assert told("MUG\t12") == told("MUG\tmain\t12") == [("MUG", "main", "12", "")]


def test_an_article_that_lies_in_several_bins_is_one_count_of_all_of_them() -> None:
    counts = read_counts("MUG\tmain\t12\tA-03\nCUP\tmain\t1\tB-01\nmug\tmain\t5\tA-04\nMUG\tnorth\t1\t\nMUG\tmain\t0\t")
    assert counts == [
        PastedCount("MUG", "main", "17", "A-04", (1, 3, 5)),
        PastedCount("CUP", "main", "1", "B-01", (2,)),
        PastedCount("MUG", "north", "1", "", (4,)),
    ]


@pytest.mark.parametrize(("sku", "location"), [("ＭＵＧ", "main"), ("ｍug", "Main"), ("MUG\u3000", "ｍａｉｎ")])
def test_an_article_is_one_count_however_it_is_spelled(sku: str, location: str) -> None:
    assert told(f"{sku},{location},3,A\nMUG,main,4,A") == [("MUG", "main", "7", "A")]


@pytest.mark.parametrize("odd", ["=1+1", "-3", "", "a dozen", "1.5", "9" * 14, "9" * 5_000])
def test_what_is_no_count_is_left_for_the_command_to_refuse_also_beside_one_that_is(odd: str) -> None:
    assert [count.counted for count in read_counts(f"sku\tquantity\tbin\nMUG\t12\tA\nMUG\t{odd}\tB")] == [odd]


def test_an_article_is_sent_to_its_own_address_whatever_it_is_called() -> None:
    assert read_counts("POPPY 6\t2")[0].address == "/commands/stock/POPPY%206/main/count"
    assert read_counts("../x/y\t2")[0].address == "/commands/stock/..%2FX%2FY/main/count"


def test_a_thousand_lines_are_read_and_one_more_is_refused() -> None:
    thousand = "\n".join(f"SKU{number}\t{number}" for number in range(1_000))
    assert len(read_counts(thousand)) == 1_000
    with pytest.raises(UnreadableLines) as refused:
        read_counts(f"{thousand}\nMUG\t1")
    assert (refused.value.rule, refused.value.line) == ("pasted_too_many", 1_001)
