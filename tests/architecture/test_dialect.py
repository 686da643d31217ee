"""Things that are written one way only in this house."""

import ast
import itertools
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture.test_sizes import ROOT, files, parsed

READS_ENVIRONMENT = {"ordertrail/settings.py"}


def loggers_by_another_name(tree: ast.Module) -> Iterator[ast.AST]:
    """`logger = logging.getLogger(__name__)`, and no other name for it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = ast.unparse(node.value.func)
            if called == "logging.getLogger" and [ast.unparse(target) for target in node.targets] != ["logger"]:
                yield node


def seconds_spelled_out(tree: ast.Module) -> Iterator[ast.AST]:
    """A constant number of seconds ends in `_S`."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if re.search(r"_(SECS?|SECONDS?)$", ast.unparse(target)):
                yield node


def messages_kept_before_they_are_raised(tree: ast.Module) -> Iterator[ast.AST]:
    """An error is worded where it is raised: no variable that is only there to be its message."""
    for node in ast.walk(tree):
        for body in (getattr(node, field, None) for field in ("body", "orelse", "finalbody")):
            for first, second in itertools.pairwise(body) if isinstance(body, list) else ():
                if isinstance(first, ast.Assign) and is_text(first.value) and raises(second, first.targets[0]):
                    yield second


def is_text(value: ast.expr) -> bool:
    return isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str))


def raises(statement: ast.stmt, name: ast.expr) -> bool:
    called = statement.exc if isinstance(statement, ast.Raise) else None
    return isinstance(called, ast.Call) and ast.unparse(name) in [ast.unparse(value) for value in called.args]


def reads_of_the_environment(tree: ast.Module) -> Iterator[ast.AST]:
    """The environment is read once, in ordertrail/settings.py."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
            yield node


def waits_that_may_lose_a_cancellation(tree: ast.Module) -> Iterator[ast.AST]:
    """`asyncio.timeout` limits a wait; on Python 3.11 a task in `wait_for` may go on although it was cancelled."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "asyncio.wait_for":
            yield node


Rule = Callable[[ast.Module], Iterator[ast.AST]]
RULES: dict[Rule, str] = {
    loggers_by_another_name: "log = logging.getLogger(__name__)",
    seconds_spelled_out: "WAIT_SECONDS: Final = 3.0",
    messages_kept_before_they_are_raised: """
        def f(x):
            if x:
                message = f"{x} cannot be"
                raise ValueError(message)
    """,
    reads_of_the_environment: "import os; os.environ.get('HOME')",
    waits_that_may_lose_a_cancellation: "import asyncio; asyncio.wait_for(f, 1)",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_there_are_no(rule: Rule) -> None:
    looked_at = [
        path for path in files() if rule is not reads_of_the_environment or name(path) not in READS_ENVIRONMENT
    ]
    assert not [f"{name(path)}:{place}" for path in looked_at for place in places(rule, parsed(path))]


@pytest.mark.parametrize(("rule", "example"), RULES.items(), ids=lambda part: getattr(part, "__name__", ""))
def test_the_rule_finds_its_example(rule: Rule, example: str) -> None:
    assert places(rule, ast.parse(textwrap.dedent(example)))


def places(rule: Rule, tree: ast.Module) -> list[int]:
    return [getattr(node, "lineno", 0) for node in rule(tree)]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))
