"""What a role is shown of a row, an event or a stored payload: the same thing with what it does not read taken out.

Decides: what stands in the place of a hidden field. Which fields are hidden is decided in domain/access.py. Must not
know: HTTP, which page or document it is for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel

from domain.access import SIGHTS, Sight, reads
from domain.roles import Role

T = TypeVar("T")

MASK: Final = "•••"


def shown(role: Role, value: T, parent: str = "") -> T:
    """`value` as this role reads it: hidden texts are masked, other hidden values None. No model is validated again."""
    if SIGHTS.get(role) == frozenset(Sight):
        return value
    return cast("T", _shown(role, value, parent))


def _shown(role: Role, value: object, parent: str) -> object:
    if isinstance(value, BaseModel):
        changed = _changed(role, ((name, getattr(value, name)) for name in type(value).model_fields), parent)
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        return {**value, **_changed(role, value.items(), parent)}
    if isinstance(value, list | tuple):
        return type(value)(_shown(role, one, parent) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        changed = _changed(role, fields, parent)
        return dataclasses.replace(value, **changed) if changed else value
    return value


def _changed(role: Role, fields: Iterable[tuple[str, object]], parent: str) -> dict[str, Any]:
    """New values of the fields that this role reads differently."""
    changed = {}
    for name, value in fields:
        new = _shown(role, value, name) if reads(role, name, parent) else _masked(value)
        if new is not value:
            changed[name] = new
    return changed


def _masked(value: object) -> str | None:
    return MASK if isinstance(value, str) else None
