"""Which addresses lead back into our own pages, whoever wrote them into a form or a link."""

from __future__ import annotations


def is_own_address(text: str) -> bool:
    """Whether a browser that is led there stays here: a path, and none that it takes for another site's name."""
    return text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
