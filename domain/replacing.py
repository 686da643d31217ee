"""`dataclasses.replace` for states, several times as fast: an order has 45 fields, and every event replaces a few.

Decides: that a slot is copied by its own descriptor, without a look at what its field is and without `__init__`; so it
is for frozen dataclasses with slots and without `__post_init__`.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import replace

    Setter = Callable[[Any, Any], None]
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """A copy of `value` with other values of some fields; KeyError where there is no such field."""
        kind = value.__class__
        read, setters = _slots(kind)
        copied = object.__new__(kind)
        for write, kept in zip(setters.values(), read(value), strict=True):
            write(copied, kept)
        for name, changed in changes.items():
            setters[name](copied, changed)
        return copied


@cache
def _slots(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], dict[str, Setter]]:
    names = [field.name for field in fields(kind)]
    return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}


__all__ = ["replace"]
