"""A name means one thing: no two public classes or types of the product are called the same."""

import ast
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.architecture.test_sizes import files

TWO_OF_ONE_THING = {
    "PersonalText": "a text about a person: within bounds in commands, without them in events",
}


def test_no_two_types_share_a_name() -> None:
    places = defaultdict(list)
    for path in files():
        for name in types_of(ast.parse(path.read_text())):
            places[name].append(path.name)
    assert {name: where for name, where in places.items() if len(where) > 1 and name not in TWO_OF_ONE_THING} == {}


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
