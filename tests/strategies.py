"""Commands and events for hypothesis, derived from the models: a new field or class needs nothing here.

`any_of(model)` reaches the bounds of every field, where it has any. `likely(model)` keeps to few lines, parcels, articles and moments, so
that what comes together also fits together now and then.
"""

import types
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, NewType, TypeVar, Union, get_args, get_origin
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo
from pydantic.types import StringConstraints

from domain.values import CURRENCIES, OneCurrency

M = TypeVar("M", bound=BaseModel)
Strategy = st.SearchStrategy[Any]

MOMENTS: Final = tuple(datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(hours=hours) for hours in range(4))
LIKELY_INTEGERS: Final = 6
LIKELY_ITEMS: Final = 3
PRICES: Final = (Decimal(0), Decimal("0.005"), Decimal("2.50"), Decimal(1000))
"""So low that no order of the small world costs more than an order may."""
SKUS: Final = ("SKU-1", "SKU-2", "SKU-3")
ZONES: Final = (UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5, minutes=-30)))


def any_of(model: type[M]) -> st.SearchStrategy[M]:
    """Any valid instance."""
    return _model(model, likely=False)


def likely(model: type[M]) -> st.SearchStrategy[M]:
    """Instances of a small world."""
    return _model(model, likely=True)


@cache
def _model(model: type[M], *, likely: bool) -> st.SearchStrategy[M]:
    fields = {name: _field(name, field, likely=likely) for name, field in model.model_fields.items()}
    if not issubclass(model, OneCurrency):
        return st.fixed_dictionaries(fields).map(model.model_validate)
    currencies = st.sampled_from(["EUR", "JPY"] if likely else sorted(CURRENCIES))
    return st.tuples(st.fixed_dictionaries(fields), currencies).map(lambda drawn: _in_one_currency(model, *drawn))


def _in_one_currency(model: type[M], fields: dict[str, Any], currency: str) -> M:
    prices = [line.unit_price.model_copy(update={"currency": currency}) for line in fields["lines"]]
    lines = [line.model_copy(update={"unit_price": price}) for line, price in zip(fields["lines"], prices, strict=True)]
    return model.model_validate({**fields, "lines": tuple(lines)})


def _field(name: str, field: FieldInfo, *, likely: bool) -> Strategy:
    if name == "currency":
        return st.sampled_from(sorted(CURRENCIES))
    if likely and name in {"sku", "location", "carrier", "tracking_number", "occurred_at"}:
        return _few(name, optional=not field.is_required())
    if likely and field.default is None and _says_little(field.annotation):
        return st.none()
    return _type(field.annotation, tuple(field.metadata), likely=likely)


def _says_little(annotation: Any) -> bool:
    """No rule looks at optional texts, dates and values; numbers name lines, parcels and versions."""
    return int not in {part for one in get_args(annotation) for part in (one, *get_args(one))}


def _few(name: str, *, optional: bool) -> Strategy:
    values: Strategy = {
        "sku": st.sampled_from(SKUS),
        "location": st.sampled_from(["main", "main", "main", "north"]),
        "carrier": st.sampled_from(["DHL", "dhl", "UPS"]),
        "tracking_number": st.sampled_from(["T-1", "T-2", "T-3"]),
        "occurred_at": st.sampled_from(MOMENTS),
    }[name]
    return values if name == "location" or not optional else st.none() | values


def _type(annotation: Any, metadata: tuple[Any, ...], *, likely: bool) -> Strategy:
    if isinstance(annotation, NewType):
        return _type(annotation.__supertype__, metadata, likely=likely)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], (*_flat(arguments[1:]), *metadata), likely=likely)
    if origin in {Union, types.UnionType}:
        return st.one_of(*(_type(part, metadata, likely=likely) for part in arguments))
    if origin is tuple:
        return _items(arguments[0], metadata, likely=likely)
    return _scalar(annotation, metadata, likely=likely)


def _flat(metadata: Sequence[Any]) -> tuple[Any, ...]:
    """Field(...) inside Annotated carries its constraints in a list of its own."""
    return tuple(part for one in metadata for part in (one.metadata if isinstance(one, FieldInfo) else (one,)))


def _items(item: Any, metadata: tuple[Any, ...], *, likely: bool) -> Strategy:
    least = max((part.min_length for part in metadata if isinstance(part, MinLen)), default=0)
    return st.lists(_type(item, (), likely=likely), min_size=least, max_size=LIKELY_ITEMS).map(tuple)


def _scalar(annotation: Any, metadata: tuple[Any, ...], *, likely: bool) -> Strategy:
    if issubclass(annotation, BaseModel):
        return _model(annotation, likely=likely)
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if annotation is int:
        return _integers(metadata, likely=likely)
    if annotation is str:
        return _texts(metadata, likely=likely)
    moments = st.sampled_from(MOMENTS) if likely else st.datetimes(timezones=st.sampled_from(ZONES))
    others: dict[Any, Strategy] = {
        types.NoneType: st.none(),
        bool: st.booleans(),
        date: st.dates(),
        UUID: st.uuids(),
        Decimal: st.sampled_from(PRICES) if likely else st.decimals(0, 10**12 - 1, places=6),
        AwareDatetime: moments,
        datetime: moments,
    }
    return others[annotation]


def _integers(metadata: tuple[Any, ...], *, likely: bool) -> Strategy:
    """An event's numbers have no bounds: history is not judged, so that even a negative quantity has to be folded."""
    lowest = 0 if likely else -(10**15)
    least = max((int(str(part.ge)) for part in metadata if isinstance(part, Ge)), default=lowest)
    most = min((int(str(part.le)) for part in metadata if isinstance(part, Le)), default=10**15)
    few = st.integers(max(least, 0), min(most, max(least, 0) + LIKELY_INTEGERS))
    return few if likely else few | st.integers(least, most)


def _texts(metadata: tuple[Any, ...], *, likely: bool) -> Strategy:
    constraints = [part for part in metadata if isinstance(part, StringConstraints)]
    pattern = next((part.pattern for part in constraints if part.pattern), None)
    if pattern is not None:
        most = min((part.max_length for part in constraints if part.max_length), default=20)
        return st.from_regex(pattern, fullmatch=True).map(str.strip).filter(lambda text: 0 < len(text) <= most)
    lengths = [(part.min_length or 0, part.max_length or 40) for part in constraints]
    lengths += [(part.min_length, 64) for part in metadata if isinstance(part, MinLen)]
    lengths += [(0, part.max_length) for part in metadata if isinstance(part, MaxLen)]
    least = max((low for low, _ in lengths), default=0)
    most = min((high for _, high in lengths), default=40)
    if likely:
        return st.sampled_from("ab").map(lambda letter: letter * max(least, 1))
    return st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=least, max_size=min(most, least + 40))
