"""Lines pasted from a spreadsheet are read as they were meant, or refused with the number of the line."""

import contextlib
from collections.abc import Mapping
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order.commands import PlaceOrder
from domain.values import MOST_LINES, Line
from tests.timing import allowed
from web.forms import FieldKind, FieldShape, document_of, shape_of
from web.pasted_lines import PASTED, PASTED_COLUMNS, SUMS, UnreadableLines, read_pasted, write_pasted, written_out


def cells(text: str) -> list[dict[str, str]]:
    return [dict(line.cells) for line in read_pasted(text).lines]


def refusal(text: str) -> tuple[str, int]:
    with pytest.raises(UnreadableLines) as refused:
        read_pasted(text)
    return refused.value.rule, refused.value.line


MUG = {"sku": "MUG", "name": "Mug", "quantity": "6", "unit_price.amount": "2.55"}

NUMBERS = st.one_of(st.integers(0, 10**6).map(str), st.decimals(0, 10**6, places=2).map(str))
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("\",;\t\n'="), min_size=1).map(
    str.strip
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"sku": TEXTS.filter(bool), "quantity": NUMBERS},
        optional={
            name: NUMBERS if name in SUMS else TEXTS.filter(bool)
            for name in PASTED_COLUMNS
            if name not in {"sku", "quantity", "unit_price.currency"}
        }
        | {"unit_price.currency": st.just("EUR")},
    ),
    max_size=20,
)


@given(ROWS)
def test_what_is_read_back_is_what_was_written(rows: list[dict[str, str]]) -> None:
    # A whole number may come back from 6.00: it says the same.
    def plain(row: Mapping[str, str]) -> dict[str, str]:
        whole = {
            name: text.removesuffix(".00") for name, text in row.items() if name in SUMS and name != "unit_price.amount"
        }
        return {**row, **whole}

    assert cells(write_pasted(rows)) == [plain(row) for row in rows]


@given(st.text())
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UnreadableLines):
        read_pasted(text)


def test_every_field_of_a_line_that_is_one_text_has_a_column() -> None:
    def names(shapes: tuple[FieldShape, ...], prefix: str = "") -> set[str]:
        found: set[str] = set()
        for shape in shapes:
            inner = (
                names(shape.parts, f"{prefix}{shape.name}.") if shape.kind is FieldKind.GROUP else {prefix + shape.name}
            )
            found |= inner
        return found

    assert names(shape_of(Line)) == set(PASTED_COLUMNS)


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize(
    "header", [[], ["SKU", "Name", "Quantity", "Unit price"], ["货号", "名称", "数量", "单价"], ["ITEM NO.", "description", "Qty", "Price (GBP)"]]
)  # fmt: skip
def test_a_header_in_either_language_or_none_and_any_usual_separator(separator: str, header: list[str]) -> None:
    lines = [separator.join(header)] * bool(header) + [separator.join(("MUG", "Mug", "6", "2.55"))]
    assert cells("\r\n".join(lines)) == [MUG]


def test_columns_come_in_any_order_and_what_an_order_does_not_have_is_told() -> None:
    read = read_pasted("数量\t备注\t货号\n6\tfragile\tMUG\n\n 7\t\tCUP\n")
    assert [dict(line.cells) for line in read.lines] == [
        {"quantity": "6", "sku": "MUG"},
        {"quantity": "7", "sku": "CUP"},
    ]
    assert ([line.number for line in read.lines], read.left_out) == ([2, 4], ("备注",))


def test_two_columns_are_article_and_quantity_and_three_could_be_read_in_two_ways() -> None:
    assert cells("MUG\t6") == [{"sku": "MUG", "quantity": "6"}]
    assert refusal("MUG\t6\t3") == ("pasted_columns", 1)
    assert refusal("MUG") == ("pasted_columns", 1)


def test_a_header_has_to_name_article_and_quantity() -> None:
    assert refusal("\nSKU\tPrice\nMUG\t3") == ("pasted_header", 2)


def test_quotes_hold_separators_quotes_and_line_ends_together() -> None:
    text = 'SKU,Name,Quantity,Price\nA,"Mug, ""large""\nblue",6,2.55\nB,Cup 12" high,1,2\n'
    read = read_pasted(text)
    assert [(line.number, line.cells["name"]) for line in read.lines] == [
        (2, 'Mug, "large"\nblue'),
        (4, 'Cup 12" high'),
    ]
    assert refusal('SKU,Quantity\nA,1\n"B,2\nC,3') == ("pasted_quotes", 3)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (["1,234.50", "2.5"], ["1234.50", "2.5"]),
        (["1.234,50", "2,5"], ["1234.50", "2.5"]),
        (["1 234,50", "1.000"], ["1234.50", "1000"]),
        (["1\u00a0234.50", "1,000"], ["1234.50", "1000"]),
        (["1'234.50", "3"], ["1234.50", "3"]),
        (["１２．５", "3"], ["12.5", "3"]),
        (["1,000", "2"], ["1000", "2"]),
        (["1.000", "2"], ["1.000", "2"]),
        (["12,34,567", "=1+1"], ["12,34,567", "=1+1"]),
    ],
)
def test_numbers_are_read_as_the_whole_paste_writes_them(typed: list[str], read: list[str]) -> None:
    text = "".join(f"A\tMug\t1\t{number}\n" for number in typed)
    assert [line["unit_price.amount"] for line in cells(text)] == read


def test_a_semicolon_separates_where_the_comma_is_the_decimal_sign() -> None:
    assert cells("A;Mug;1.000;2,000")[0] == {
        "sku": "A",
        "name": "Mug",
        "quantity": "1000",
        "unit_price.amount": "2.000",
    }


def test_numbers_written_in_two_ways_are_refused() -> None:
    assert refusal("A\tMug\t1\t2,50\nB\tCup\t1\t2.50") == ("pasted_numbers", 2)


def test_units_written_with_a_fraction_of_nothing_are_whole_but_three_zeros_may_be_thousands() -> None:
    assert [line["quantity"] for line in cells("A\t6.00\nB\t7.0\nC\t1.000\nD\t1.5")] == ["6", "7", "1.000", "1.5"]


def test_an_unquoted_thousand_in_a_text_separated_by_commas_is_not_taken_for_two_cells() -> None:
    assert refusal("SKU,Quantity\nA,1,234") == ("pasted_more_cells", 2)


def test_a_formula_is_text_and_refused_by_the_number_of_its_line() -> None:
    given = [*written_out([(PASTED, "SKU\tQuantity\n=1+1\t2\nMUG\t=1+1")])]
    assert given == [
        ("lines.pasted-2.sku", "=1+1"), ("lines.pasted-2.quantity", "2"),
        ("lines.pasted-3.sku", "MUG"), ("lines.pasted-3.quantity", "=1+1"),
    ]  # fmt: skip
    assert document_of(shape_of(PlaceOrder), given)["lines"][1] == {"sku": "MUG", "quantity": "=1+1"}


def test_two_currencies_are_refused_with_the_line_of_the_second() -> None:
    assert cells("SKU\tQuantity\tCurrency\nA\t1\teur\nB\t1\tEUR")[0]["unit_price.currency"] == "EUR"
    assert refusal("SKU\tQuantity\tCurrency\nA\t1\tEUR\nB\t1\t\nC\t1\tUSD") == ("pasted_currencies", 4)


def test_more_lines_than_an_order_takes_are_refused_before_anything_else() -> None:
    broken = "SKU\tQuantity\n" + "A\t1\n" * MOST_LINES
    assert len(cells(broken)) == MOST_LINES
    assert refusal(f'{broken}B\t1\t1,2,3\n"') == ("pasted_too_many", MOST_LINES + 2)


def test_five_thousand_lines_are_read_within_a_second() -> None:
    text = "SKU\tName\tQuantity\tUnit price\n" + "85123A\tWhite hanging heart\t1,200\t2.55\n" * 5_000
    limit, began = allowed(1.0), process_time()
    document = document_of(shape_of(PlaceOrder), written_out([(PASTED, text)]))
    assert process_time() - began < limit
    assert len(document["lines"]) == 5_000
    assert document["lines"][-1]["quantity"] == 1_200


def test_a_cell_that_is_longer_than_anything_is_refused_as_such() -> None:
    assert refusal(f"SKU\tQuantity\nA\t1\n{'B' * 1_000_000}\t1") == ("pasted_long_cell", 3)


def test_nothing_pasted_is_nothing() -> None:
    assert cells(" \r\n\t\n") == []
    assert list(written_out([(PASTED, ""), ("location", "main")])) == [("location", "main")]
