"""A file that a docstring, a comment or a page names is there."""

import re
from collections.abc import Iterable
from pathlib import Path

from tests.architecture.test_sizes import PACKAGES, ROOT, files

CITED = re.compile(r"(?<![\w/.*-])(?:[\w-]+/)*[\w-]+\.(?:py|sql|md)\b")


def test_every_file_that_is_named_is_there() -> None:
    known = set(suffixes(path for package in (*PACKAGES, "benchmarks", "docs", "tests") for path in tree(package)))
    known |= {path.name for path in ROOT.glob("*.md")}
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert [f"{path.relative_to(ROOT)}: {name}" for path in [*files(), *pages] for name in missing(path, known)] == []


def test_a_file_that_is_not_there_is_found(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""As `gone.py` says, and `streams/log.py`; [rules](../gone/rules.md)."""\n')
    assert missing(module, {"streams/log.py", "log.py"}) == ["gone.py", "gone/rules.md"]


def tree(package: str) -> Iterable[Path]:
    return (path.relative_to(ROOT) for path in (ROOT / package).rglob("*") if path.is_file())


def suffixes(paths: Iterable[Path]) -> Iterable[str]:
    """`c.py`, `b/c.py` and `a/b/c.py` of `a/b/c.py`."""
    return ("/".join(path.parts[place:]) for path in paths for place in range(len(path.parts)))


def missing(path: Path, known: set[str]) -> list[str]:
    text = path.read_text(encoding="utf-8").replace("../", "")
    return [name for name in CITED.findall(text) if name not in known]
