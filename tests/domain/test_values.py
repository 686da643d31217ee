"""Bounds belong to commands; what happened is read as it was, whatever the bounds of today."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from domain import event_values, values
from domain.access import PERMISSIONS
from domain.catalogue import EVENTS, ORDER
from domain.order.event_terms import Move
from domain.order.events import OrderPlaced, UnitsCancelled, UnitsMoved
from domain.order.terms import Bucket, CancelCause
from domain.roles import Role
from domain.values import CURRENCIES, Day, Line, Note, Price, Reason, Sku, Text
from tests.domain.order.orders import TERMS, folded, goods, lived, place

SKU = TypeAdapter[str](Sku)
TEXT, NOTE, REASON = TypeAdapter[str](Text), TypeAdapter[str](Note), TypeAdapter[str](Reason)
DAY = TypeAdapter[date](Day)


def test_a_note_from_another_system_has_its_lines_parted_as_ours() -> None:
    assert NOTE.validate_python("Ring twice.\r\nThen wait.") == "Ring twice.\nThen wait."
    assert REASON.validate_python("damaged\r\ntwice") == "damaged\ntwice"


@pytest.mark.parametrize("written", ["MUG", "mug", "MUG ", "  mug  "])
def test_blanks_around_a_stock_code_and_its_case_do_not_make_another_article(written: str) -> None:
    assert SKU.validate_python(written) == "MUG"


@pytest.mark.parametrize("written", ["", " ", "MUG\n", "M/UG", "-MUG", "MÜG"])
def test_what_is_no_stock_code_is_none(written: str) -> None:
    with pytest.raises(ValidationError):
        SKU.validate_python(written)


@pytest.mark.parametrize(
    "written",
    ["Müller & Söhne", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\u0915\u094d\u200d\u0937", "👩\u200d🚀 ❤\ufe0f\u200d🔥", "葛\U000e0100城市", "\u0600\u0661", "⠓⠊", "홍길동"],
    ids=["umlauts", "Persian", "Hindi", "emoji", "Japanese", "Arabic number sign", "Braille", "Korean"],
)  # fmt: skip
def test_a_name_is_taken_as_its_language_writes_it(written: str) -> None:
    assert TEXT.validate_python(written) == NOTE.validate_python(written) == written


SEEN_BY_NOBODY = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u2060\u2064\u206f\ufeff\ufff9\U0001d173\U000e0001\U000e0041"
)


@pytest.mark.parametrize("character", SEEN_BY_NOBODY, ids=ascii)
def test_a_character_that_nobody_sees_is_in_no_text(character: str) -> None:
    for kind in (TEXT, NOTE, REASON):
        for written in (f"{character}Mug", f"Mu{character}g", f"马克{character}杯", f"Mug{character}"):
            with pytest.raises(ValidationError, match=f"{ord(character):04X} cannot be seen"):
                kind.validate_python(written)


@pytest.mark.parametrize("written", ["Mu\u200dg", "\u200c马", "马\u200d", "马\u200d\u200c克", "👩\u200d 🚀"], ids=ascii)
def test_a_joiner_without_a_character_to_join_on_both_sides_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="joins nothing"):
        TEXT.validate_python(written)


BLANKS = "\u115f\u1160\u17b4\u180b\u2800\u3164\uffa0\ufe0f\u034f\u00a0\u3000\U000e0100\ue000"


@given(st.text(st.sampled_from(BLANKS + " "), min_size=1, max_size=5))
def test_a_text_of_which_nothing_is_seen_is_none(written: str) -> None:
    with pytest.raises(ValidationError, match="nothing but blanks"):
        TEXT.validate_python(written)


@given(st.text(max_size=30))
def test_every_text_that_is_taken_is_taken_unchanged_and_shows_something(written: str) -> None:
    with contextlib.suppress(ValidationError):
        assert TEXT.validate_python(written) == written
        assert written.strip(BLANKS + " ")


@pytest.mark.parametrize("written", ["-0", "-0.00", Decimal("-0"), -0.0, "-1"])
def test_no_amount_has_a_sign(written: object) -> None:
    with pytest.raises(ValidationError):
        Price.model_validate({"amount": written, "currency": "EUR"})


@pytest.mark.parametrize(
    "written",
    ["2026-03-09T00:00:00Z", "2026-03-09T00:00:00", "2026-03-09 ", "2026-03-09\n", datetime(2026, 3, 9, tzinfo=UTC)],
)
def test_a_day_has_no_time_of_day(written: object) -> None:
    assert DAY.validate_python("2026-03-09") == DAY.validate_python(date(2026, 3, 9)) == date(2026, 3, 9)
    with pytest.raises(ValidationError):
        DAY.validate_python(written)


def test_a_command_s_value_goes_into_an_event_as_it_is_and_equals_what_is_read_back() -> None:
    (placed,) = lived(place(3))
    assert isinstance(placed, OrderPlaced)
    assert isinstance(placed.lines[0], values.Line)
    read = OrderPlaced.model_validate_json(placed.model_dump_json())
    assert type(read.lines[0]) is event_values.Line
    assert read == placed
    assert hash(read) == hash(placed)


def test_values_of_other_kinds_are_never_equal() -> None:
    units = {"line": 1, "quantity": 2}
    assert event_values.Units(**units) != event_values.LineTotal(**units)
    assert event_values.Units(**units) != units


def test_an_order_in_a_currency_that_is_withdrawn_since_is_read_and_worth_what_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (placed,) = lived(place(goods(4, amount="2.50")))
    stored = placed.model_dump_json().replace('"EUR"', '"XXA"')
    monkeypatch.setattr(values, "CURRENCIES", CURRENCIES - {"EUR"})
    order = folded((OrderPlaced.model_validate_json(stored),))
    assert (order.total_minor, order.currency) == (1_000, "XXA")
    with pytest.raises(ValidationError):
        Price(amount=Decimal(1), currency="EUR")


EVER_TAKEN = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
       AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK
       DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
       KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
       PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
       USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG
       """,
    3: "BHD IQD JOD KWD LYD OMR TND",
}


def test_no_currency_that_an_order_was_ever_placed_in_loses_its_digits() -> None:
    taken = {code: digits for digits, codes in EVER_TAKEN.items() for code in codes.split()}
    assert taken.items() <= event_values.MINOR_DIGITS.items()
    assert event_values.MINOR_DIGITS.keys() >= CURRENCIES


def test_an_event_reads_numbers_and_texts_that_no_command_may_bring_any_more() -> None:
    (placed,) = lived(place(3))
    line = Line(sku="MUG", name="Mug", quantity=1, unit_price=Price(amount=Decimal(1), currency="EUR"))
    odd = event_values.Line(
        sku="ä/" * 60, name="", quantity=10**15, unit_price=event_values.Price(amount=Decimal("-1e9"), currency="")
    )
    assert isinstance(placed, OrderPlaced)
    order = folded((placed.model_copy(update={"lines": (line, odd), "priority": 99}),))
    assert order.count(Bucket.OPEN) == 10**15 + 1


TOO_MUCH = ("x" * 10_000, "x\0", 10**30, -(10**30), 8_640_000_000_000)
"""What no field of a person's command takes: endless and unreadable text, absurd numbers, a day as a bare number."""


def unbounded(model: type[BaseModel]) -> Iterator[str]:
    """Fields that take it all the same, by the class that leaves them without a bound."""
    for name, field in model.model_fields.items():
        inner = [part for part in parts(field.annotation) if issubclass(part, BaseModel)]
        for part in inner:
            yield from unbounded(part)
        kind: Any = Annotated[field.annotation, *(field.metadata or [None])]
        if not inner and any(takes(kind, given) or takes(kind, (given,)) for given in TOO_MUCH):
            owner = next(base for base in model.__mro__ if name in vars(base).get("__annotations__", {}))
            yield f"{owner.__module__}.{owner.__name__}.{name}"


def parts(annotation: Any) -> list[type]:
    if isinstance(annotation, type):
        return [annotation]
    return [found for part in get_args(annotation) for found in parts(part)]


def takes(kind: Any, given: object) -> bool:
    try:
        TypeAdapter[Any](kind).validate_python(given)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "command",
    [command for command, roles in PERMISSIONS.items() if roles != {Role.WORKFLOW}],
    ids=lambda it: it.__name__,
)
def test_every_field_of_a_command_of_people_is_bounded_however_deep_it_lies(command: type[BaseModel]) -> None:
    assert set(unbounded(command)) == set()


def test_a_field_that_only_the_value_of_events_has_is_found_unbounded() -> None:
    assert "domain.event_values.Customer.email" in set(unbounded(event_values.Customer))
    assert "domain.event_values.Price.amount" in set(unbounded(event_values.Line))
    assert "domain.event_values.PromisePortion.on" in set(unbounded(event_values.PromisePortion))


MOVING = sorted((event for event in EVENTS.values() if issubclass(event, UnitsMoved)), key=lambda event: event.__name__)
moves = st.builds(
    Move,
    line=st.integers(-1, 3),
    quantity=st.integers(-5, 10**20),
    source=st.sampled_from(Bucket),
    target=st.sampled_from(Bucket),
)


@given(st.lists(moves, max_size=5))
def test_units_move_by_what_the_event_says_and_never_more_than_there_are(said: list[Move]) -> None:
    placed = lived(place(3, 4))
    cancelled = UnitsCancelled(
        occurred_at=placed[0].occurred_at, cause=CancelCause.US, moves=tuple(said), wants=(), terms=TERMS
    )
    before = folded(placed)
    after = ORDER.evolve(before, cancelled)
    assert after is not None
    assert sum(after.totals) == sum(before.totals) == 7
    for line in after.lines.values():
        assert min(line.buckets) >= 0


def test_no_event_leaves_it_to_later_readers_where_its_units_came_from() -> None:
    assert {event.__name__ for event in MOVING} == {
        "CheckpointRecorded",
        "ExceptionResolved",
        "HandedOver",
        "Packed",
        "Picked",
        "RecalledFromWarehouse",
        "ReceiptConfirmed",
        "SentToWarehouse",
        "ShortPicked",
        "StockAsked",
        "StockReconfirmed",
        "UnitsBackordered",
        "UnitsCancelled",
        "UnitsReserved",
        "Unpacked",
    }
