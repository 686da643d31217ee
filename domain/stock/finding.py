"""By what an article is found: the bins where it lies, and codes that are printed on it or on its packs.

Decides: how many bins and codes an item remembers. A code that is taught again replaces what it was; of too many, the
one that was taught longest ago is forgotten. Must not know: which other article has the same code: whoever looks a code
up takes the item that was taught it last.
"""

from __future__ import annotations

from typing import Final

from domain.replacing import replace
from domain.stock.events import CodeTaught, StockCounted, StockEvent, StockReceived, StockStaged
from domain.stock.state import StockItem, TaughtCode

MOST_BINS: Final = 5
MOST_CODES: Final = 20


def with_bin(state: StockItem, event: StockEvent) -> StockItem:
    """The item after an event at a bin: that one first, for whoever looks for the article next."""
    if not isinstance(event, StockReceived | StockCounted | StockStaged) or event.bin is None:
        return state
    others = (known for known in state.bins if known != event.bin)
    return replace(state, bins=(event.bin, *others)[:MOST_BINS])


def taught(state: StockItem, event: CodeTaught) -> StockItem:
    """The item with this code, the one that was taught last at the end."""
    others = (known for known in state.codes if known.code != event.article_code)
    one = TaughtCode(event.article_code, event.factor, event.occurred_at)
    return replace(state, codes=(*others, one)[-MOST_CODES:])
