"""Words by which something is found that only whoever was told the word may find: sessions, codes, forms, devices.

Decides: how long they are, and that they are kept as hashes alone. Must not know: what is found.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

LONGEST_WORD: Final = 200
"""Of what comes as one of ours, no more is looked at."""


def random_word() -> str:
    """A fresh one of 192 random bits, good in addresses and cookies."""
    return secrets.token_urlsafe(24)


def hash_of_word(word: str) -> bytes:
    """As it is kept: so many random bits cannot be guessed from a plain hash; no slow one is needed."""
    return hashlib.sha256(word[:LONGEST_WORD].encode(errors="replace")).digest()
