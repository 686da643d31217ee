"""A form says what a document says: of every command, whatever it holds."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from commands.routes import ROUTED
from domain.decider import Command
from domain.order.commands import Hold, Pick, PlaceOrder, RequestCancel
from domain.stock.commands import ReceiveStock
from tests.strategies import likely
from web.forms import CONTROLS, FieldKind, document_of, fields_of, row_names, shape_of


@pytest.mark.parametrize("command", ROUTED, ids=lambda command: command.__name__)
@given(data=st.data())
def test_a_form_of_any_command_is_read_as_the_document_that_a_program_sends(
    command: type[Command], data: st.DataObject
) -> None:
    sent = data.draw(likely(command))
    document = sent.model_dump(mode="json", exclude_none=True)
    read = document_of(shape_of(command), fields_of(document))
    assert command.model_validate_json(json.dumps(read)) == sent


@pytest.mark.parametrize("command", ROUTED, ids=lambda command: command.__name__)
def test_no_field_is_called_as_what_a_form_carries_besides(command: type[Command]) -> None:
    assert not CONTROLS & set(command.model_fields)


def read(command: type[Command], **fields: str) -> dict[str, Any]:
    return document_of(shape_of(command), [(name.replace("__", "."), text) for name, text in fields.items()])


def test_what_is_left_empty_says_nothing() -> None:
    assert read(ReceiveStock, quantity=" 12 ", document="  ") == {"quantity": 12}


def test_a_row_in_which_nobody_wrote_is_left_out() -> None:
    rows = {"units__1__line": "1", "units__1__quantity": "", "units__2__line": "2", "units__2__quantity": "3"}
    assert read(Pick, **rows, units__3__line="3", units__3__quantity="0") == {"units": [{"line": 2, "quantity": 3}]}
    assert read(RequestCancel, lines__1__line="1", lines__1__quantity="") == {}


def test_a_row_with_anything_written_in_it_is_not_lost() -> None:
    rows = {"units__1__line": "1", "units__1__quantity": "", "units__1__bin": "A-7"}
    assert read(Pick, **rows) == {"units": [{"line": 1, "bin": "A-7"}]}
    assert read(PlaceOrder, lines__1__sku="MUG", lines__1__quantity="") == {"lines": [{"sku": "MUG"}]}
    assert read(PlaceOrder, lines__1__unit_price__amount="2") == {"lines": [{"unit_price": {"amount": "2"}}]}


def test_what_is_said_once_for_every_row_is_said_of_those_in_which_somebody_wrote() -> None:
    once = [("lines.*.unit_price.currency", "EUR"), ("lines.*.unit", "box")]
    rows = [("lines.0.sku", "MUG"), ("lines.1.sku", ""), ("lines.2.sku", "CUP"), ("lines.2.unit_price.currency", "GBP")]
    assert document_of(shape_of(PlaceOrder), [*rows, *once]) == {
        "lines": [
            {"sku": "MUG", "unit": "box", "unit_price": {"currency": "EUR"}},
            {"sku": "CUP", "unit": "box", "unit_price": {"currency": "GBP"}},
        ]
    }
    assert document_of(shape_of(PlaceOrder), once) == {}
    assert row_names(shape_of(PlaceOrder), [*once, *rows]) == {"lines": ["0", "2"]}


def test_a_row_that_leaves_a_field_empty_says_nothing_against_what_is_said_once() -> None:
    given = [("lines.*.unit_price.currency", "EUR"), ("lines.0.sku", "MUG"), ("lines.0.unit_price.currency", " ")]
    assert document_of(shape_of(PlaceOrder), given)["lines"][0]["unit_price"] == {"currency": "EUR"}


def test_what_is_no_number_stays_as_it_was_typed() -> None:
    assert read(ReceiveStock, quantity="a dozen") == {"quantity": "a dozen"}
    assert read(ReceiveStock, quantity="١٢") == {"quantity": "١٢"}
    assert read(ReceiveStock, quantity="9" * 30) == {"quantity": "9" * 30}


def test_a_moment_without_a_zone_is_the_companys() -> None:
    assert read(ReceiveStock, occurred_at="2026-03-02T09:30") == {"occurred_at": "2026-03-02T09:30:00Z"}
    assert read(ReceiveStock, occurred_at="2026-03-02T09:30+08:00") == {"occurred_at": "2026-03-02T09:30+08:00"}


ZONES = ("UTC", "Asia/Shanghai", "Europe/London", "America/St_Johns", "Pacific/Kiritimati")


@given(st.sampled_from(ZONES).map(ZoneInfo), st.datetimes(*map(datetime.fromisoformat, ("1971-01-01", "2100-01-01"))))
def test_what_a_form_says_is_what_the_companys_clocks_show_at_the_moment_that_is_meant(
    zone: ZoneInfo, shown: datetime
) -> None:
    text = shown.strftime("%Y-%m-%dT%H:%M")
    said = document_of(shape_of(ReceiveStock), [("quantity", "1"), ("occurred_at", text)], zone)["occurred_at"]
    if said == text:
        assert shown.replace(tzinfo=zone).utcoffset() != shown.replace(tzinfo=zone, fold=1).utcoffset()
        with pytest.raises(ValidationError, match="timezone"):
            ReceiveStock.model_validate({"quantity": 1, "occurred_at": said})
    else:
        assert datetime.fromisoformat(said).astimezone(zone).strftime("%Y-%m-%dT%H:%M") == text


@pytest.mark.parametrize("typed", ["2026-02-30T10:00", "2026-03-29T01:30", "2026-03-02T25:00"])
def test_a_moment_that_there_is_not_stays_as_it_was_typed(typed: str) -> None:
    assert document_of(shape_of(ReceiveStock), [("occurred_at", typed)], ZoneInfo("Europe/London")) == {
        "occurred_at": typed
    }


def test_several_choices_are_a_list() -> None:
    fields = [("type", "credit"), ("blocks", "send"), ("blocks", "confirm"), ("reason", "x")]
    assert document_of(shape_of(Hold), fields)["blocks"] == ["send", "confirm"]


def test_of_a_field_sent_twice_the_last_counts() -> None:
    assert document_of(shape_of(PlaceOrder), [("backorder", "no"), ("backorder", "yes")]) == {"backorder": True}


@pytest.mark.parametrize(
    "fields",
    [
        [("units", "x"), ("units.1.line", "1")],
        [("units.1.line", "1"), ("units", "x")],
        [("units.1", "x")],
        [("reason.x", "y")],
        [("", ""), (".", "."), ("..", "x")],
        [("units.1.quantity.x", "1")],
        [("units.*", "x"), ("units.1.line", "1")],
        [("units.*.quantity.x", "1"), ("units.1.quantity", "1")],
        [("units.*.quantity", "1"), ("units.1.quantity.x", "1")],
        [("units.1." + "a." * 100_000, "x"), ("units.*." + "a." * 100_000, "x")],
    ],
    ids=lambda fields: str(fields)[:60],
)
def test_whatever_is_sent_is_read_as_something(fields: list[tuple[str, str]]) -> None:
    document_of(shape_of(Pick), fields)


def test_a_field_that_the_command_does_not_have_is_kept_for_its_refusal() -> None:
    assert read(ReceiveStock, quantity="1", price="2") == {"quantity": 1, "price": "2"}


def test_kinds_of_fields_follow_from_the_model() -> None:
    kinds = {field.name: field.kind for field in shape_of(Hold)}
    assert kinds == {
        "type": FieldKind.CHOICE,
        "blocks": FieldKind.CHOICES,
        "reason": FieldKind.NOTE,
        "review_at": FieldKind.MOMENT,
        "occurred_at": FieldKind.MOMENT,
    }
