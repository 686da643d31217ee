"""Commands that only the workflow sends; no route leads to them. They consist of values of events, without bounds."""

from __future__ import annotations

from domain.decider import Command
from domain.event_values import Model


class LineAnswer(Model):
    """What stock says of one line, in totals: `reserved` to date (picked and gone units included) and `waiting`."""

    line: int
    reserved: int
    waiting: int


class TakeStockAnswer(Command):
    """Stock has answered for the lines that draw on one stock item; only a newer answer than the last counts.

    Units of a line that are neither reserved nor waiting are refused, once `want_version` is that of the order's newest
    ask for this article.
    """

    sku: str
    location: str
    stock_version: int
    want_version: int
    """Version of the order's event whose want this answers."""
    lines: tuple[LineAnswer, ...]


class ConfirmIfReady(Command):
    """Commit us to the order once stock has answered for every unit and nothing holds it; nothing until then."""


class SendIfReady(Command):
    """Make work for the warehouse of what is reserved as soon as it may go; nothing until then."""


class CompleteOrder(Command):
    """Close the order if nothing about it is open any more; decides to nothing otherwise."""


class ReportRefusal(Command):
    """A workflow command was refused; a person has to know."""

    command: str
    refusal: str
    """The code of the rule that refused it."""
