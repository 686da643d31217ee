"""The form of every event as a JSON schema under `docs/events`, and what may become of it without history suffering.

`make schemas` writes them. It refuses a form that could not read what was stored before: before 1.0, whoever means it
deletes the file first and says so in the CHANGELOG.
"""

import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from domain.catalogue import EVENTS
from domain.decider import Event

FOLDER: Final = Path(__file__).parents[2] / "docs" / "events"

Schema = dict[str, Any]

LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
EXACT: Final = ("pattern", "format", "multipleOf", "type", "additionalProperties")


@cache
def schema_of(event: type[Event]) -> Schema:
    """The form alone: without titles and descriptions, so that a file differs when the form does."""
    bare: Schema = _bare(event.model_json_schema(mode="validation"))
    return bare


def _bare(part: Any) -> Any:
    if isinstance(part, list):
        return [_bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: {name: _bare(each) for name, each in value.items()} if key in {"properties", "$defs"} else _bare(value)
        for key, value in part.items()
        if key not in {"title", "description"}
    }


def written(kind: str) -> Schema | None:
    """The committed schema of an event type; None where there is none."""
    path = FOLDER / f"{kind}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def breaks(old: Schema, new: Schema) -> list[str]:
    """Why a record that `old` allows might not be read, or be read as something else, under `new`."""
    return list(_breaks(_Part(old, old), _Part(new, new), "event"))


class _Part:
    """A part of a schema, its references followed."""

    def __init__(self, whole: Schema, part: Schema) -> None:
        while "$ref" in part:
            part = {**whole["$defs"][part["$ref"].rsplit("/", 1)[1]], **{k: v for k, v in part.items() if k != "$ref"}}
        self.whole, self.part = whole, part

    def of(self, part: Schema) -> "_Part":
        return _Part(self.whole, part)

    def variants(self) -> list["_Part"]:
        return [self.of(each) for each in self.part.get("anyOf", [self.part])]

    def values(self) -> set[str] | None:
        named = self.part.get("enum", [self.part["const"]] if "const" in self.part else None)
        return None if named is None else {json.dumps(value) for value in named}


def _breaks(old: _Part, new: _Part, where: str) -> Iterator[str]:
    if old.part.get("default") != new.part.get("default") and "default" in old.part:
        yield f"{where}: what is not said meant {old.part['default']!r}"
    for variant in old.variants():
        found = [list(_breaks_one(variant, other, where)) for other in new.variants()]
        yield from min(found, key=len)


def _breaks_one(old: _Part, new: _Part, where: str) -> Iterator[str]:
    yield from _narrowed(old, new, where)
    for name, field in old.part.get("properties", {}).items():
        if name not in new.part.get("properties", {}):
            yield f"{where}.{name} is gone"
        else:
            yield from _breaks(old.of(field), new.of(new.part["properties"][name]), f"{where}.{name}")
    for name in sorted(set(new.part.get("required", ())) - set(old.part.get("required", ()))):
        yield f"{where}.{name} has become required"
    if "items" in old.part and "items" in new.part:
        yield from _breaks(old.of(old.part["items"]), new.of(new.part["items"]), f"{where}[]")


def _narrowed(old: _Part, new: _Part, where: str) -> Iterator[str]:
    before, after = old.part, new.part
    for bound in EXACT:
        if bound in after and after[bound] != before.get(bound):
            yield f"{where}: {bound} was {before.get(bound)!r} and is {after[bound]!r}"
    for bound in LOWER:
        if bound in after and after[bound] > before.get(bound, float("-inf")):
            yield f"{where}: {bound} has risen to {after[bound]}"
    for bound in UPPER:
        if bound in after and after[bound] < before.get(bound, float("inf")):
            yield f"{where}: {bound} has fallen to {after[bound]}"
    allowed = new.values()
    if allowed is not None and not (old.values() or {"anything else"}) <= allowed:
        yield f"{where}: values have gone, {sorted(allowed)} are left"


def write() -> list[str]:
    """Write every schema that has changed; gives what was refused because it would break history."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    refused = []
    for kind, event in EVENTS.items():
        old, new = written(kind), schema_of(event)
        broken = breaks(old, new) if old else []
        refused += [f"{kind}: {reason}" for reason in broken]
        if not broken and old != new:
            (FOLDER / f"{kind}.json").write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
    return refused


if __name__ == "__main__":
    sys.exit("\n".join(write()) or None)
