"""What is printed or scanned in a warehouse: bins, and codes on articles and packs.

Decides: that a code and a bin are the same however wide or with what blanks around somebody typed them. Must not know:
what a code stands for, who scans it.
"""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

from domain.texts import readable_line


def as_scanned(text: str) -> str:
    """A code as it is compared: Unicode's NFKC, without blanks around. An input method may have made it wide."""
    return unicodedata.normalize("NFKC", text).strip()


def _folded(value: object) -> object:
    return as_scanned(value) if isinstance(value, str) else value


ArticleCode = Annotated[
    str,
    BeforeValidator(_folded),
    StringConstraints(min_length=1, max_length=80),
    AfterValidator(readable_line),
]
"""What a scanner reads off an article or its pack: an EAN, a supplier's number."""

Bin = Annotated[
    str,
    BeforeValidator(_folded),
    StringConstraints(to_upper=True, min_length=1, max_length=40),
    AfterValidator(readable_line),
]
"""A place on a shelf; in capitals, so that `a-03` and `A-03` are one."""
