"""English: words for finding articles on the shelf, by key."""

from __future__ import annotations

from typing import Final

SHELF_TEXTS: Final[dict[str, str]] = {
    "bin": "Bin",
    "bins": "Bins",
    "codes": "Codes on the article and its packs",
    "none_known": "none known",
    "code_stands_for": "{code} = {units}",
}
