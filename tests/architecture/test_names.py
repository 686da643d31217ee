"""A name means one thing: no two public classes or types of the product are called the same, nor two constants."""

import ast
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.architecture.test_sizes import ROOT, files, parsed

TWO_OF_ONE_THING = {
    "PersonalText": "a text about a person: within bounds in commands, without them in events",
}

SAME_IN_EACH = {
    "what each view's module offers the registry": {"BOARD", "DESK", "TABLE", "VIEW"},
    "what each API says of itself": {"DESCRIPTION"},
    "a page of a persistent map, sized for what it holds": {"PAGE"},
    "one limit, pause or number of each process, server or reader, as large as it needs": {
        "FIRST_PAUSE_S", "LOOK_S", "MOST_FIELDS", "MOST_TOLD", "PAUSE_S", "POLL_S", "READY_S", "SHUTDOWN",
    },
    "the same statement on a table of each": {
        "FORGET_PARTITION", "ORDERS_AND_END", "PARK", "RECORDS_AFTER", "UNPARK", "WANTED",
    },
}  # fmt: skip
"""Constants that mean the same in several modules and have a value of their own in each."""


def test_no_two_types_share_a_name() -> None:
    places = defaultdict(list)
    for path in files():
        for name in types_of(parsed(path)):
            places[name].append(path.name)
    assert {name: where for name, where in places.items() if len(where) > 1 and name not in TWO_OF_ONE_THING} == {}


def test_no_two_constants_share_a_name() -> None:
    values: dict[str, dict[str, str]] = defaultdict(dict)
    for path in files():
        # Each language has the same names, for the words of the other one.
        place = path.parent if path.parent.name == "sentences" else path
        for name, value in constants_of(parsed(path)):
            values[name].setdefault(str(place.relative_to(ROOT)), value)
    shared = {name: list(where) for name, where in values.items() if len(set(where.values())) > 1}
    explained = set().union(*SAME_IN_EACH.values())
    assert {name: where for name, where in shared.items() if name not in explained} == {}
    assert explained - shared.keys() == set(), "these are shared no longer"


def constants_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Public constants with what they are made of. Not type variables, of which each module has its own."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            value = ast.unparse(node.value)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [ast.unparse(target) for target in targets]
            yield from ((name, value) for name in names if name.isupper() and name[0] != "_" and len(name) > 1)


def types_of(tree: ast.Module) -> Iterator[str]:
    """Public classes and named types. Not a command's value that narrows the event's value of the same name."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            names = [] if node.name in {ast.unparse(base).rpartition(".")[2] for base in node.bases} else [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [ast.unparse(target) for target in targets]
        else:
            names = []
        yield from (name for name in names if name[0].isupper() and not name.isupper())


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("class Reader: ...", ["Reader"]),
        ("Key = tuple[str, ...]", ["Key"]),
        ("Json: TypeAlias = str | None", ["Json"]),
        ("class Line(event_values.Line): ...", []),
        ("class _Own: ...\nLIMIT = 3\nname = 'x'", []),
    ],
)
def test_the_rule_finds_its_examples(source: str, found: list[str]) -> None:
    assert list(types_of(ast.parse(source))) == found


def test_the_rule_of_constants_finds_its_examples() -> None:
    source = "LIMIT: Final = 3\nOTHER = LIMIT + 1\nT = TypeVar('T')\n_OWN = 2\nname = 'x'\nKey = str\nUNSET: int"
    assert list(constants_of(ast.parse(source))) == [("LIMIT", "3"), ("OTHER", "LIMIT + 1")]
