"""What is stored and what is asked are written in one form: differences that count for nothing are gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.search_terms import LONGEST_TERM, PHONE_DIGITS, SearchField, folded, readable, terms

FIELDS = st.sampled_from(SearchField)
NASTY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(" \t\u00a0\u3000-‐–−ßẞİıſΣς０９ＡｚｶﾞｦﾟΩÅﬁ㍿ﷺ´¨\u0301\u200b\u200e\u202e\ufeff\ufe0f٣"),
    ),
    max_size=80,
)


@given(FIELDS, NASTY)
def test_folding_twice_is_folding_once(field: SearchField, text: str) -> None:
    once = folded(field, text)
    assert folded(field, once) == once
    assert len(once) <= LONGEST_TERM


@given(FIELDS, NASTY)
def test_what_is_stored_is_found_by_asking_for_it_as_it_was_written(field: SearchField, text: str) -> None:
    asked = folded(field, text)
    assert not asked or any(term == asked for term in terms(field, text))


@given(FIELDS, NASTY)
def test_a_term_says_something_and_holds_nothing_that_nobody_sees(field: SearchField, text: str) -> None:
    for term in terms(field, text):
        assert term
        assert readable(term).replace(" ", "") == term
        term.encode()


@pytest.mark.parametrize(
    ("field", "written", "asked"),
    [
        (SearchField.NUMBER, "OT-2026-000123-45", "ot2026 000123 45"),
        (SearchField.NUMBER, "OT-2026-000123-45", "ＯＴ－２０２６－０００１２３－４５"),
        (SearchField.NUMBER, "OT-2026-000123-45", "\u202aOT‑2026–000123−45\u202c\n"),
        (SearchField.REFERENCE, "PO 99/7", "po99/7"),
        (SearchField.SKU, "POPPY 6", "poppy-6"),
        (SearchField.TRACKING_NUMBER, "PF 1234 5678 GB", "pf12345678gb"),
        (SearchField.CUSTOMER_NAME, "Straße & Söhne", "STRASSE & SO\u0308HNE"),
        (SearchField.CUSTOMER_NAME, "トヨタ", "ﾄﾖﾀ"),
        (SearchField.CUSTOMER_NAME, "ガラス", "ｶﾞﾗｽ"),
        (SearchField.CUSTOMER_NAME, "ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
        (SearchField.EMAIL, "Ann.Example@Example.org", " ann.example@EXAMPLE.ORG "),
        (SearchField.PHONE, "+86 (0)21 6445-1234", "64451234"),
        (SearchField.PHONE, "+44 1632 960123", "01632 960 123"),
        (SearchField.PHONE, "021-64451234", "０２１－６４４５１２３４"),
        (SearchField.PHONE, "+44 113 496-0123", "0113\u202f496\u20130123"),
        (SearchField.PHONE, "0113 496 0123", "0113\u2011496\u22120123"),
        (SearchField.PHONE, "0113 496 0123", "٠١١٣ ٤٩٦ ٠١٢٣"),
        (SearchField.PHONE, "0113 496 0123 x7", "0113 496 0123 x7"),
        (SearchField.DELIVERY_PHONE, "110", "110"),
    ],
)
def test_a_difference_of_writing_counts_for_nothing(field: SearchField, written: str, asked: str) -> None:
    assert folded(field, asked) in set(terms(field, written))


@pytest.mark.parametrize(
    ("field", "written", "asked"),
    [
        (SearchField.EMAIL, "mill-lane@example.org", "milllane@example.org"),
        (SearchField.NUMBER, "OT-2026-000123-45", "OT-2026-000124-45"),
        (SearchField.PHONE, "+44 1632 960123", "961123"),
        (SearchField.CUSTOMER_NAME, "トヨタ", "とよた"),
    ],
)
def test_a_difference_that_counts_is_kept(field: SearchField, written: str, asked: str) -> None:
    assert folded(field, asked) not in set(terms(field, written))


def test_of_a_phone_the_last_digits_are_kept_and_no_word_is_taken_for_one() -> None:
    assert folded(SearchField.PHONE, "+86 139 1234 5678") == "2345678"
    assert len(folded(SearchField.PHONE, "1" * 40)) == PHONE_DIGITS
    assert [folded(SearchField.PHONE, text) for text in ("PO-1234567", "12345678a", "七八九", "")] == [""] * 4


def test_a_name_is_found_by_the_beginning_of_each_of_its_words() -> None:
    assert list(terms(SearchField.CUSTOMER_NAME, "Harbour Gifts-Ltd")) == ["harbourgiftsltd", "giftsltd", "ltd"]
    assert {"上海远行礼品", "远行礼品", "礼品"} <= set(terms(SearchField.CUSTOMER_NAME, "上海远行礼品"))
    assert len(list(terms(SearchField.CUSTOMER_NAME, "a b " * 50))) <= 13


def test_a_text_is_shown_as_one_sees_it() -> None:
    assert readable("  a\x00b\u202e\tc\r\nd\u200b ") == "ab c d"
