"""A template uses nothing that its route does not give it: a page must not be the first to find that out."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import meta, nodes

from query_api import rendering
from query_api.rendering import ENVIRONMENT

PACKAGE = Path(rendering.__file__).parent
FRAME = next(
    node for node in ast.walk(ast.parse(Path(rendering.__file__).read_text())) if getattr(node, "name", "") == "frame"
)
IN_EVERY_PAGE = {
    key.value
    for node in ast.walk(FRAME)
    if isinstance(node, ast.Dict)
    for key in node.keys
    if isinstance(key, ast.Constant)
}


def shown() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every call that shows a template: its name, and the values that it is given by name."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and all(keyword.arg for keyword in node.keywords):
                names = [part.value for part in node.args if isinstance(part, ast.Constant)]
                for name in (name for name in names if isinstance(name, str) and name.endswith(".html")):
                    yield name, tuple(sorted(keyword.arg or "" for keyword in node.keywords))


def used(name: str) -> set[str]:
    """What a template and those that it extends or takes parts from use."""
    if ENVIRONMENT.loader is None:
        raise TypeError(name)
    tree = ENVIRONMENT.parse(ENVIRONMENT.loader.get_source(ENVIRONMENT, name)[0])
    others = list(tree.find_all((nodes.Extends, nodes.FromImport)))
    parts = {macro.name for macro in tree.find_all(nodes.Macro)}
    parts |= {str(name) for other in tree.find_all(nodes.FromImport) for name in other.names}
    return (meta.find_undeclared_variables(tree) - parts).union(*(used(named(other)) for other in others))


def named(other: nodes.Node) -> str:
    return str(next(node.value for node in other.find_all(nodes.Const)))


@pytest.mark.parametrize(("template", "given"), sorted(set(shown())))
def test_a_template_uses_only_what_it_is_given(template: str, given: tuple[str, ...]) -> None:
    assert used(template) - IN_EVERY_PAGE - ENVIRONMENT.globals.keys() - set(given) == set()


def test_the_templates_of_timelines_and_boards_are_among_them() -> None:
    assert {"timeline.html", "board.html", "status.html", "home.html"} <= {name for name, _ in shown()}
