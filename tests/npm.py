"""What tests need of npm's packages: fetched once, checked, and kept where they need no network again.

Must not know: what they are for.
"""

import base64
import contextlib
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


class NotFetched(Exception):
    """A package cannot be had; the message is one sentence for the person who wanted to test."""


@dataclass(frozen=True)
class Package:
    """One of npm's, as it was when it was chosen."""

    name: str
    version: str
    sha512: str

    def folder(self, cache: Path) -> Path:
        return cache.absolute() / f"{self.name.rpartition('/')[2]}-{self.version}"


def fetch(ensure: Callable[[Path], object], skipped: str) -> None:
    """As a program: fetch into the folder that is named; what is missing is a sentence, not a failure."""
    try:
        ensure(Path(sys.argv[1]))
    except NotFetched as missing:
        sys.stdout.write(f"{missing} Tests that {skipped} will be skipped.\n")


def keep_package(package: Package, cache: Path, unpack: Callable[[Path, Path], None]) -> None:
    """Have it in its folder, where `unpack` puts what is wanted of it."""

    def made(unfinished: Path, folder: Path) -> None:
        with tarfile.open(_fetched(package, unfinished)) as contents:
            contents.extractall(unfinished, filter="data")
        unpack(unfinished / "package", folder)

    _keep(package.folder(cache), made)


def keep_locked(project: Path, cache: Path) -> Path:
    """The folder with `node_modules` as the lock of this project names them, each with its checksum."""
    lock = project / "package-lock.json"
    folder = cache.absolute() / f"{project.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"

    def made(_: Path, new: Path) -> None:
        shutil.copy(project / "package.json", new)
        shutil.copy(lock, new)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", within=new, wanted=f"what {project.name} needs")

    _keep(folder, made)
    return folder


def _keep(kept: Path, make: Callable[[Path, Path], None]) -> None:
    if kept.is_dir():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as unfinished:
        made = Path(unfinished) / "made"
        made.mkdir()
        make(Path(unfinished), made)
        with contextlib.suppress(FileExistsError, OSError):  # somebody else was quicker with the same package
            made.rename(kept)


def _npm(*words: str, within: Path, wanted: str) -> None:
    npm = shutil.which("npm")
    if not npm:
        raise NotFetched(f"{wanted} is missing, and so is npm, which would fetch it.")
    done = subprocess.run(
        [npm, *words, "--silent"], cwd=within, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise NotFetched(
            f"npm could not fetch {wanted}: {(done.stderr or done.stdout).strip()[:300] or 'no reason given'}"
        )


def _fetched(package: Package, folder: Path) -> Path:
    wanted = f"{package.name}@{package.version}"
    _npm("pack", wanted, within=folder, wanted=wanted)
    archives = list(folder.glob("*.tgz"))
    if len(archives) != 1:
        raise NotFetched(f"npm could not fetch {wanted}: no reason given")
    with archives[0].open("rb") as content:
        found = base64.b64encode(hashlib.file_digest(content, "sha512").digest()).decode()
    if found != package.sha512:
        raise NotFetched(f"npm's {wanted} is not the package that was chosen: its checksum is {found}.")
    return archives[0]
