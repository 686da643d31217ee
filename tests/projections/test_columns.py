"""A view's columns are the fields of its row model: the table names none of them a second time."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest

from projections.view import EventView, Part, RecordedRow, column_type, create


class Colour(StrEnum):
    RED = "red"


class Detail(Part):
    text: str


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (str, "text"),
        (str | None, "text"),
        (Colour, "text"),
        (UUID, "uuid"),
        (bool, "boolean"),
        (int | None, "bigint"),
        (datetime, "timestamptz"),
        (date | None, "date"),
        (tuple[str, ...], "text[]"),
        (tuple[Colour, ...], "jsonb"),
        (tuple[Detail, ...] | None, "jsonb"),
        (Detail, "jsonb"),
        (Mapping[str, Any], "jsonb"),
    ],
)
def test_the_type_of_a_column_follows_from_its_field(annotation: object, expected: str) -> None:
    assert column_type(annotation) == expected


class PaintRow(RecordedRow):
    colour: Colour
    dried_at: datetime | None


def test_a_column_may_be_null_where_its_field_may_be_none() -> None:
    view = EventView(
        name="paint",
        version=1,
        kinds=("order",),
        key=("stream", "version"),
        row=PaintRow,
        table="CREATE TABLE {table} ({columns}, UNIQUE (colour));\nCREATE INDEX ON {table} (dried_at);\n",
        rows=lambda _recorded, _state: (),
    )
    assert create(view, "paint_v1").as_string() == (
        '\nCREATE TABLE "views"."paint_v1" ("stream" text NOT NULL, "version" bigint NOT NULL, '
        '"partition" bigint NOT NULL, "sequence" bigint NOT NULL, "colour" text NOT NULL, "dried_at" timestamptz , '
        'PRIMARY KEY ("stream", "version"), UNIQUE (colour));\n'
    ).lstrip("\n")
