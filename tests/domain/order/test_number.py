import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order.number import TRAINING_PREFIX, is_order_number, order_number


def test_a_number_is_prefix_year_serial_and_check_digits() -> None:
    assert order_number("OT", 2026, 123) == "OT-2026-000123-32"
    assert order_number(TRAINING_PREFIX, 2026, 12_345_678).startswith("DEMO-2026-12345678-")


@given(st.sampled_from(["OT", "DEMO", "X9"]), st.integers(2000, 9999), st.integers(1, 10**12))
def test_every_number_that_was_made_is_a_number(prefix: str, year: int, serial: int) -> None:
    assert is_order_number(order_number(prefix, year, serial))


@given(st.integers(2000, 9999), st.integers(1, 10**9), st.data())
def test_one_mistyped_digit_is_caught(year: int, serial: int, data: st.DataObject) -> None:
    number = order_number("OT", year, serial)
    place = data.draw(st.sampled_from([i for i, character in enumerate(number) if character.isdigit()]))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert not is_order_number(number[:place] + wrong + number[place + 1 :])


@given(st.integers(2000, 9999), st.integers(1, 10**9), st.data())
def test_two_digits_in_the_wrong_order_are_caught(year: int, serial: int, data: st.DataObject) -> None:
    number = order_number("OT", year, serial)
    pairs = [i for i in range(len(number) - 1) if number[i : i + 2].isdigit() and number[i] != number[i + 1]]
    place = data.draw(st.sampled_from(pairs))
    assert not is_order_number(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@pytest.mark.parametrize("text", ["", "OT-2026-123-45", "ot-2026-000123-50", "OT-2026-000123", "OT-٢٠٢٦-000123-50"])
def test_other_text_is_no_number(text: str) -> None:
    assert not is_order_number(text)
