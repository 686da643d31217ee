"""Chinese: words for finding articles on the shelf, by key."""

from __future__ import annotations

from typing import Final

SHELF_TEXTS: Final[dict[str, str]] = {
    "bin": "货位",
    "bins": "货位",
    "codes": "货品和包装上的条码",
    "none_known": "尚无",
    "code_stands_for": "{code} = {units}",
}
