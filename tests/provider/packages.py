"""The identity provider that tests sign in at: npm's oidc-provider, as the lock beside this file names it.

As a program (`python -m tests.provider.packages CACHE`) it fetches it, or says what is missing.
"""

from pathlib import Path
from typing import Final

from tests.npm import fetch, keep_locked

PROJECT: Final = Path(__file__).parent


def ensure_provider(cache: Path) -> Path:
    """The folder with its `node_modules`; NotFetched where npm cannot bring them."""
    return keep_locked(PROJECT, cache)


if __name__ == "__main__":
    fetch(ensure_provider, "sign in at a provider")
