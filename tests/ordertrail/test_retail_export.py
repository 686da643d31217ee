"""What an untidy export becomes: lines of the right kind, reasons for what is left out, matched credit notes."""

from collections import Counter
from pathlib import Path

import pytest

from domain.event_values import LineKind
from domain.values import Units
from ordertrail.rehearsal import retail
from ordertrail.rehearsal.retail import CreditNote, Invoice, LeftOut

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def documents(folder: Path, *rows: str) -> list[retail.Document]:
    (folder / "day.csv").write_text(HEADER + "".join(row + "\n" for row in rows))
    return list(retail.read(folder))


def row(
    number: str = "536365",
    code: str = "85123A",
    name: str = "WHITE HANGING HEART",
    quantity: int | str = 6,
    **more: str,
) -> str:
    price, customer = more.get("price", "2.55"), more.get("customer", "17850.0")
    return f"{number},{code},{name},{quantity},2010-12-01 08:26:00,{price},{customer},United Kingdom"


def only(folder: Path, *rows: str) -> Invoice:
    (found,) = documents(folder, *rows)
    assert isinstance(found, Invoice)
    return found


def test_codes_are_upper_cased_and_customer_ids_lose_their_decimals(tmp_path: Path) -> None:
    invoice = only(tmp_path, row(code="85123a"))
    assert (invoice.lines[0].sku, invoice.customer, invoice.country) == ("85123A", "17850", "United Kingdom")


def test_an_invoice_without_customer_is_a_guests(tmp_path: Path) -> None:
    assert only(tmp_path, row(customer="")).customer is None


def test_the_same_code_twice_stays_two_lines(tmp_path: Path) -> None:
    assert [line.quantity for line in only(tmp_path, row(quantity=1), row(quantity=2)).lines] == [1, 2]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("22423", LineKind.GOODS),
        ("DCGS0076", LineKind.GOODS),
        ("POST", LineKind.CHARGE),
        ("dot", LineKind.CHARGE),
        ("BANK CHARGES", LineKind.CHARGE),
        ("AMAZONFEE", LineKind.CHARGE),
        ("M", LineKind.SERVICE),
        ("gift_0001_20", LineKind.SERVICE),
        ("D", LineKind.DISCOUNT),
    ],
)
def test_codes_that_are_no_goods_become_lines_of_their_kind(tmp_path: Path, code: str, kind: LineKind) -> None:
    assert only(tmp_path, row(code=code)).lines[0].kind is kind


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(quantity=-10), "quantity is not positive"),
        (row(quantity="many"), "quantity is not positive"),
        (row(price="-11062.06"), "price is negative"),
        (row(price="cheap"), "price is no number"),
        (row(name="", price=""), "stock adjustment without price and article name"),
        (row(name="amazon", price=""), "stock adjustment without price and article name"),
        (row(code="TEST001"), "stock code is neither an article nor a known charge"),
    ],
)
def test_an_unusable_row_is_left_out_with_its_reason(tmp_path: Path, bad: str, reason: str) -> None:
    invoice = only(tmp_path, row(), bad)
    assert (len(invoice.lines), invoice.left_out) == (1, {reason: 1})


def test_an_article_given_away_stays_a_line(tmp_path: Path) -> None:
    assert only(tmp_path, row(price="")).lines[0].unit_price.amount == 0


def test_an_invoice_without_a_usable_row_is_left_out(tmp_path: Path) -> None:
    (found,) = documents(tmp_path, row(quantity=-1), row(quantity=-2))
    assert found == LeftOut("536365", Counter({"quantity is not positive": 2}))


def test_a_credit_note_takes_back_the_line_of_the_same_customer_code_and_quantity_once(tmp_path: Path) -> None:
    found = documents(
        tmp_path,
        row("1", "22423", quantity=3),
        row("2", "22423", quantity=4),
        row("2", "21754", quantity=3),
        row("C3", "21754", quantity=-3),
        row("C4", "21754", quantity=-3),
        row("C5", "22423", quantity=-3, customer="1.0"),
    )
    assert isinstance(found[2], CreditNote)
    assert retail.matched(found) == {"2": (Units(line=2, quantity=3),)}


def test_credit_notes_of_guests_match_nothing(tmp_path: Path) -> None:
    assert retail.matched(documents(tmp_path, row(customer=""), row("C2", quantity=-6, customer=""))) == {}


def test_a_credit_note_before_the_invoice_takes_nothing_back(tmp_path: Path) -> None:
    assert retail.matched(documents(tmp_path, row("C1", quantity=-6), row("2"))) == {}


def test_a_folder_that_is_no_export_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(retail.NoExport, match="holds no CSV file"):
        list(retail.read(tmp_path))
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(retail.NoExport, match="no column Country"):
        list(retail.read(tmp_path))
