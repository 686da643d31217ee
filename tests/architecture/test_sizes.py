"""How long functions and files may be. What is exempt is a list of cases, one line each, and stands here by name."""

import ast
import statistics
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "streams", "commands", "projections", "query_api", "web", "ordertrail", "simulation", "checker")

LONGEST_FUNCTION = 40
LONG_FUNCTION = 25  # the 95th percentile
USUAL_FUNCTION = 8  # the median
LONGEST_FILE = 300
MOST_ARGUMENTS = 5
DEEPEST_NESTING = 3

# Exempt: functions and files that are one line a case. A file's name or its folder's counts.
DISPATCH_FUNCTIONS = {"decide", "_decided", "evolve", "_after", "react", "sentence"}
LISTS_OF_CASES = {"sentences", "events", "events.py", "commands.py", "routes.py", "settings.py", "metrics.py"}

# `with` opens something for a while; it decides nothing and is not counted.
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)


@dataclass(frozen=True)
class Function:
    place: str
    lines: int
    arguments: int
    nesting: int


def test_no_function_is_longer_than_a_screen() -> None:
    assert not [f"{f.place}: {f.lines} lines" for f in functions() if f.lines > LONGEST_FUNCTION]


def test_most_functions_are_short() -> None:
    lines = sorted(f.lines for f in functions())
    assert statistics.median(lines) <= USUAL_FUNCTION
    assert lines[int(len(lines) * 0.95)] <= LONG_FUNCTION


def test_no_file_is_too_long_to_read_at_once() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in files() if not is_list_of_cases(path)}
    assert not [
        f"{path.relative_to(ROOT)}: {length} lines" for path, length in lengths.items() if length > LONGEST_FILE
    ]


def test_no_function_takes_too_many_arguments_by_position() -> None:
    assert not [f"{f.place}: {f.arguments} arguments" for f in functions() if f.arguments > MOST_ARGUMENTS]


def test_nothing_is_nested_too_deeply() -> None:
    assert not [f"{f.place}: {f.nesting} levels" for f in functions() if f.nesting > DEEPEST_NESTING]


def test_the_measure_counts_code_and_leaves_the_docstring_out() -> None:
    source = textwrap.dedent('''
        def f(self, a, *, b):
            """Long
            docstring."""
            for x in a:
                if x:
                    return b
                elif a:
                    return a
    ''')
    (function,) = measured(ast.parse(source), "f.py")
    assert (function.lines, function.arguments, function.nesting) == (6, 1, 2)


@cache
def functions() -> list[Function]:
    return [function for path in files() for function in measured(parsed(path), str(path.relative_to(ROOT)))]


@cache
def files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def is_list_of_cases(path: Path) -> bool:
    return bool(LISTS_OF_CASES.intersection(path.relative_to(ROOT).parts[1:]))


def measured(tree: ast.Module, file: str) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in DISPATCH_FUNCTIONS:
            yield Function(f"{file}:{node.lineno} {node.name}", length(node), arguments(node), nesting(node.body))


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first, docstring = node.body[0], ast.get_docstring(node, clean=False) is not None
    told = (first.end_lineno or first.lineno) - first.lineno + 1 if docstring else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - told


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return len([name for name in names if name not in {"self", "cls"}])


def nesting(body: list[ast.stmt]) -> int:
    return max((_depth(statement) for statement in body), default=0)


def _depth(statement: ast.stmt) -> int:
    own = isinstance(statement, BLOCKS)
    return max((int(own and not is_elif) + nesting(body) for body, is_elif in _bodies(statement)), default=0)


def _bodies(statement: ast.stmt) -> Iterator[tuple[list[ast.stmt], bool]]:
    """The blocks inside a statement; an elif is an If that stands alone in an else, and is no deeper than its if."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for _, value in ast.iter_fields(statement):
        children = value if isinstance(value, list) else []
        for handler in children:
            if isinstance(handler, ast.ExceptHandler | ast.match_case):
                yield handler.body, False
        statements = [child for child in children if isinstance(child, ast.stmt)]
        if not statements:
            continue
        yield statements, isinstance(statement, ast.If) and len(statements) == 1 and isinstance(statements[0], ast.If)
