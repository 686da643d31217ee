"""What a role is shown of a row, an event or a stored payload: the same thing with what it does not read taken out.

Decides: what stands in the place of a hidden field. Which fields are hidden is decided in domain/access.py. Must not
know: HTTP, which page or document it is for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel

from domain.access import Sight, reads, sights
from domain.roles import Role

T = TypeVar("T")

MASK: Final = "•••"


def shown(role: Role, value: T, parent: str = "", *, in_the_house: bool = False) -> T:
    """`value` as this role reads it: hidden texts are masked, other hidden values None. No model is validated again.

    `in_the_house` says that it is of an order that is with us now, whatever time `value` is from.
    """
    seen = sights(role, in_the_house=in_the_house)
    return value if seen == frozenset(Sight) else cast("T", _shown(seen, value, parent))


@dataclasses.dataclass(frozen=True, slots=True)
class Onlooker:
    """Who looks, and whether at an order that is in the house."""

    role: Role
    in_the_house: bool = False

    def shown(self, value: T) -> T:
        """`value` as this one reads it."""
        return shown(self.role, value, in_the_house=self.in_the_house)

    @property
    def elsewhere(self) -> Onlooker:
        """The same one, looking at what belongs to another order."""
        return Onlooker(self.role)


def _shown(seen: frozenset[Sight], value: object, parent: str) -> object:
    if isinstance(value, BaseModel):
        changed = _changed(seen, ((name, getattr(value, name)) for name in type(value).model_fields), parent)
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        return {**value, **_changed(seen, value.items(), parent)}
    if isinstance(value, list | tuple):
        return type(value)(_shown(seen, one, parent) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((field.name, getattr(value, field.name)) for field in dataclasses.fields(value))
        changed = _changed(seen, fields, parent)
        return dataclasses.replace(value, **changed) if changed else value
    return value


def _changed(seen: frozenset[Sight], fields: Iterable[tuple[str, object]], parent: str) -> dict[str, Any]:
    """New values of the fields that are read differently."""
    changed = {}
    for name, value in fields:
        new = _shown(seen, value, name) if reads(seen, name, parent) else _masked(value)
        if new is not value:
            changed[name] = new
    return changed


def _masked(value: object) -> str | None:
    return MASK if isinstance(value, str) else None
