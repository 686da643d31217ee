"""What a stock item decides: one function per command. None is ever refused.

Decides: which decision a command leads to. Must not know: what an order is besides its lines, who sends the totals.
"""

from __future__ import annotations

from typing import assert_never

from domain.decider import Context
from domain.stock.commands import (
    Allocate,
    Close,
    CountStock,
    Issue,
    ReceiveStock,
    Stage,
    StockCommand,
    TakeExcess,
    TeachCode,
    Want,
    WriteOff,
)
from domain.stock.decisions.codes import teach
from domain.stock.decisions.settling import Events, go_on
from domain.stock.decisions.shelf import count, issue, receive, stage, take_excess, write_off
from domain.stock.decisions.want import close, want
from domain.stock.state import StockItem


def decide(state: StockItem, command: StockCommand, context: Context) -> Events:
    """What happens upon `command`; nothing where the stream knows it already."""
    match command:
        case ReceiveStock():
            return receive(state, command, context)
        case CountStock():
            return count(state, command, context)
        case TeachCode():
            return teach(command, context)
        case Want():
            return want(state, command, context)
        case Stage():
            return stage(state, command, context)
        case WriteOff():
            return write_off(state, command, context)
        case Issue():
            return issue(state, command, context)
        case TakeExcess():
            return take_excess(state, command, context)
        case Close():
            return close(state, command, context)
        case Allocate():
            return go_on(state, context)
        case _:
            assert_never(command)
