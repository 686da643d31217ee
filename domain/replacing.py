"""`dataclasses.replace` for states, several times as fast: an order has 45 fields, and every event replaces a few.

Decides: that a copy is made by a function that is written out once for each class, as `dataclasses` writes `__init__`:
slot by slot, without a look at what its field is and without `__init__`. So it is for frozen dataclasses with slots and
without `__post_init__`.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import replace
else:

    def replace(value: Any, /, **changes: Any) -> Any:
        """A copy of `value` with other values of some fields; TypeError where there is no such field."""
        return _copier(value.__class__)(value, **changes)


@cache
def _copier(kind: type) -> Callable[..., Any]:
    names = [field.name for field in fields(kind)]
    known: dict[str, Any] = {f"_write_{name}": getattr(kind, name).__set__ for name in names}
    known |= {"_kind": kind, "_new": object.__new__, "_KEPT": object()}
    lines = [
        f"def replaced(_value, /, *, {', '.join(f'{name}=_KEPT' for name in names)}):",
        "    _copy = _new(_kind)",
        *(f"    _write_{name}(_copy, _value.{name} if {name} is _KEPT else {name})" for name in names),
        "    return _copy",
    ]
    exec("\n".join(lines), known)  # noqa: S102 - of nothing but the names of our own fields
    copier: Callable[..., Any] = known["replaced"]
    return copier


__all__ = ["replace"]
