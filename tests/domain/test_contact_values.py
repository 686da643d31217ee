"""What is taken for a telephone number and for a language."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.contact_values import LanguageTag, Phone, phone_digits

PHONE, LANGUAGE = TypeAdapter[str](Phone), TypeAdapter[str](LanguageTag)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("+44 (0)113 496-0123 x7", "4401134960123"),
        ("0113 496 0123 ext. 12", "01134960123"),
        ("010-8888 8888", "01088888888"),
        ("０１０－８８８８　８８８８", "01088888888"),
        ("(030) 90 18 20/3", "0309018203"),
        ("110", "110"),
    ],
)
def test_a_number_is_kept_as_it_was_typed_and_compared_by_its_digits(typed: str, digits: str) -> None:
    assert PHONE.validate_python(typed) == typed
    assert phone_digits(typed) == digits


@pytest.mark.parametrize(
    "typed",
    ["", "12", "++44 1", "44+113", "call me", "0113 x", "1" * 21, "0113\n496", "0113; 0114", "-- ()"],
    ids=ascii,
)
def test_what_nobody_can_dial_is_no_number(typed: str) -> None:
    with pytest.raises(ValidationError):
        PHONE.validate_python(typed)


@given(st.text("0123456789+-() .x/０９", max_size=45))
def test_every_number_that_is_taken_is_taken_unchanged_and_can_be_found(typed: str) -> None:
    with contextlib.suppress(ValidationError):
        assert PHONE.validate_python(typed) == typed
        assert phone_digits(typed).isascii()
        assert phone_digits(typed).isdecimal()


@pytest.mark.parametrize(
    ("said", "kept"),
    [("de", "de"), ("zh-cn", "zh-CN"), ("ZH-hans-cn", "zh-Hans-CN"), ("es-419", "es-419"), ("yue", "yue")],
)
def test_a_language_is_written_as_bcp_47_recommends(said: str, kept: str) -> None:
    assert LANGUAGE.validate_python(said) == kept


@pytest.mark.parametrize("said", ["", "d", "German", "de_DE", "de-", "de-DE-x-private", "中文", 7])
def test_what_is_no_tag_names_no_language(said: object) -> None:
    with pytest.raises(ValidationError):
        LANGUAGE.validate_python(said)
