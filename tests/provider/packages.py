"""The identity provider that tests sign in at: npm's oidc-provider, as the lock beside this file names it.

As a program (`python -m tests.provider.packages CACHE`) it fetches it, or says what is missing.
"""

import sys
from pathlib import Path
from typing import Final

from tests.npm import NotFetched, keep_locked

PROJECT: Final = Path(__file__).parent


def ensure_provider(cache: Path) -> Path:
    """The folder with its `node_modules`; NotFetched where npm cannot bring them."""
    return keep_locked(PROJECT, cache)


def main(cache: Path) -> None:
    """Fetch it for the tests; what is missing is a sentence, not a failure."""
    try:
        ensure_provider(cache)
    except NotFetched as missing:
        sys.stdout.write(f"{missing} Tests that sign in at a provider will be skipped.\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
