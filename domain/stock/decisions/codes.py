"""What a code on an article stands for. Never refused: whoever holds the article knows it better than the book.

Decides: that teaching it once more says something, for another article may have been taught the code meanwhile. Must
not know: where the units are.
"""

from __future__ import annotations

from domain.decider import Context
from domain.stock.commands import TeachCode
from domain.stock.decisions.settling import Events
from domain.stock.events import CodeTaught


def teach(command: TeachCode, context: Context) -> Events:
    """The code is this article's from now on."""
    return (
        CodeTaught(
            occurred_at=context.occurred_at,
            reason=command.reason,
            article_code=command.article_code,
            factor=command.factor,
        ),
    )
