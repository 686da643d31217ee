"""Commands that only the workflow sends; no route leads to them."""

from __future__ import annotations

from domain.decider import Command
from domain.values import LineNumber, Location, Model, Sku, Text, Total, Version


class LineAnswer(Model):
    """What stock says of one line, in totals: `reserved` to date (picked and gone units included) and `waiting`."""

    line: LineNumber
    reserved: Total
    waiting: Total


class TakeStockAnswer(Command):
    """Stock has answered for the lines that draw on one stock item; only a newer answer than the last counts."""

    sku: Sku
    location: Location
    stock_version: Version
    lines: tuple[LineAnswer, ...]


class CompleteOrder(Command):
    """Close the order if nothing about it is open any more; decides to nothing otherwise."""


class ReportRefusal(Command):
    """A workflow command was refused; a person has to know."""

    command: Text
    refusal: Text
