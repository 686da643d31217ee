"""What was stored stays readable: the form of an event may grow, and never narrows."""

from enum import StrEnum
from typing import Annotated, Self

import pytest
from pydantic import AfterValidator, BeforeValidator, Field, create_model, field_validator, model_validator

from domain.catalogue import EVENTS
from domain.decider import Event
from domain.event_values import Model
from streams.record import UPCASTERS
from tests.domain.schemas import FOLDER, breaks, schema_of, written


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_no_event_has_become_narrower_than_what_was_stored(kind: str) -> None:
    old = written(kind)
    assert old is not None, "run: make schemas"
    assert breaks(old, schema_of(EVENTS[kind])) == []


def test_every_event_is_published_as_it_is_now() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(EVENTS) | set(UPCASTERS)
    changed = [kind for kind, event in EVENTS.items() if written(kind) != schema_of(event)]
    assert not changed, "run: make schemas"


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_events_have_no_bounds_of_today(kind: str) -> None:
    bounds = {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
    }
    assert not bounds & set(keys(schema_of(EVENTS[kind])))


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_events_have_no_rules_that_a_published_form_cannot_show(kind: str) -> None:
    assert rules(EVENTS[kind].__pydantic_core_schema__) == []


def rules(part: object) -> list[str]:
    """Validators and strict types anywhere in pydantic's own schema: they can refuse what was stored."""
    if isinstance(part, list | tuple):
        return [rule for each in part for rule in rules(each)]
    if not isinstance(part, dict):
        return []
    kind = str(part.get("type", ""))
    own = [kind] if kind.startswith("function-") else ["strict"] if part.get("strict") is True else []
    return [*own, *(rule for key, each in part.items() if key != "serialization" for rule in rules(each))]


def keys(part: object) -> list[str]:
    if isinstance(part, list):
        return [key for each in part for key in keys(each)]
    if not isinstance(part, dict):
        return []
    return [*part, *(key for each in part.values() for key in keys(each))]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class OneColour(StrEnum):
    RED = "red"


class MoreColours(StrEnum):
    RED = "red"
    BLUE = "blue"
    GREEN = "green"


class Inner(Model):
    size: int


class NarrowInner(Model):
    size: Annotated[int, Field(ge=1)]


FIELDS = {
    "quantity": (int, ...),
    "name": (str | None, None),
    "colour": (Colour, ...),
    "inner": (tuple[Inner, ...], ()),
    "share": (float, 1.0),
}


def event(**changes: object) -> type[Event]:
    fields = {name: field for name, field in {**FIELDS, **changes}.items() if field is not None}
    return create_model("Tried", __base__=Event, **fields)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": (Annotated[int, Field(le=10**9)], ...)},
        {"quantity": (Annotated[int, Field(gt=0)], ...)},
        {"quantity": (str, ...)},
        {"quantity": None},
        {"name": (str, ...)},
        {"name": (Annotated[str, Field(max_length=200)] | None, None)},
        {"name": (Annotated[str, Field(pattern="^[A-Z]+$")] | None, None)},
        {"colour": (OneColour, ...)},
        {"inner": (tuple[NarrowInner, ...], ())},
        {"inner": (Annotated[tuple[Inner, ...], Field(min_length=1)], ())},
        {"share": (float, 2.0)},
        {"place": (str, ...)},
    ],
    ids=str,
)
def test_a_form_that_could_not_read_history_is_found(changes: dict[str, object]) -> None:
    assert breaks(schema_of(event()), schema_of(event(**changes)))


def odd(number: int) -> int:
    if number % 2 == 0:
        raise ValueError("even")
    return number


class Judging(Model):
    size: int

    @field_validator("size")
    @classmethod
    def _odd(cls, size: int) -> int:
        return odd(size)

    @model_validator(mode="after")
    def _small(self) -> Self:
        if self.size > 9:
            raise ValueError("large")
        return self


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"quantity": (Annotated[int, AfterValidator(odd)], ...)}, ["function-after"]),
        ({"quantity": (Annotated[int, BeforeValidator(int)], ...)}, ["function-before"]),
        ({"quantity": (Annotated[int, Field(strict=True)], ...)}, ["strict"]),
        ({"inner": (tuple[Judging, ...], ())}, ["function-after", "function-after"]),
    ],
    ids=["none", "after", "before", "strict", "of an inner model"],
)
def test_a_rule_that_the_form_does_not_show_is_found(changes: dict[str, object], found: list[str]) -> None:
    assert breaks(schema_of(event()), schema_of(event(**changes))) == []
    assert rules(event(**changes).__pydantic_core_schema__) == found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"place": (str | None, None)},
        {"colour": (MoreColours, ...)},
        {"quantity": (int, 1)},
        {"share": (float | None, 1.0)},
    ],
    ids=str,
)
def test_a_form_that_has_grown_is_none_the_worse(changes: dict[str, object]) -> None:
    assert breaks(schema_of(event()), schema_of(event(**changes))) == []


def test_wider_bounds_read_what_narrower_ones_allowed() -> None:
    narrow = event(quantity=(Annotated[int, Field(ge=1, le=10)], ...))
    assert breaks(schema_of(narrow), schema_of(event(quantity=(Annotated[int, Field(ge=0, le=20)], ...)))) == []
    assert breaks(schema_of(narrow), schema_of(event(quantity=(Annotated[int, Field(ge=2, le=9)], ...))))
