"""What clients were told is what the log says, and what the core gives on some state between question and answer."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from domain.decider import Context, Rejected
from domain.order.commands import GiveBack, PassOn, Take
from simulation.core import Decision, decision, folds, state_after
from streams.writing.errors import VersionConflict

if TYPE_CHECKING:
    from simulation.client import ClientCommand
    from simulation.history import History
    from streams.writing.submission import CommandResult

OF_THE_HOUR: Final = (Take, PassOn, GiveBack)
"""What is refused or not depends on the time, which nobody knows of an answer without an event."""


def answered_by_the_log(asked: ClientCommand, history: History) -> Iterator[str]:
    """What somebody was told is what the log says."""
    events = history.commands.get(asked.submission.command_id, [])
    name = f"{type(asked.submission.command).__name__} {asked.submission.command_id} of {asked.submission.stream}"
    if asked.keyed and not asked.settled:
        yield f"{name} never got an answer"
    if events and not asked.may_be_at(events[0].place):
        yield f"{name} was carried out at {events[0].place}, and told not to be: {asked.attempts}"
    if asked.answer is not None:
        yield from _accepted(asked, asked.answer, name, history)
    elif asked.refused is not None:
        yield from _refused(asked, name, history)


def _accepted(asked: ClientCommand, answer: CommandResult, name: str, history: History) -> Iterator[str]:
    events = history.commands.get(asked.submission.command_id, [])
    told = (answer.version, answer.position)
    if not events:
        if (answer.version, ()) not in ((version_of(state), decided) for state, decided in _between(asked, history)):
            yield f"{name} was told to be executed at {told}, and is not in the log"
        return
    if told != (events[-1].recorded.version, events[-1].recorded.position):
        yield f"{name} was told to be at {told}, and is at {events[-1].recorded.position}"
    elif events[-1].place >= asked.ended:
        yield f"{name} was told before it was committed"
    if not answer.repeated and not asked.doubled and events[0].place < asked.attempts[-1][0]:
        yield f"{name} was told to be new, and was executed before"
    stream = history.streams[answer.stream][: answer.version]
    if not answer.repeated and answer.state != state_after(answer.stream, stream):
        yield f"{name} was told of another state than that of version {answer.version}"


def _refused(asked: ClientCommand, name: str, history: History) -> Iterator[str]:
    refused, command = asked.refused, asked.submission.command
    if isinstance(refused, VersionConflict):
        if not any(version_of(state) == refused.actual for state, _ in _between(asked, history)):
            yield f"{name} was told of version {refused.actual}, which it did not have then"
    elif isinstance(refused, Rejected) and not isinstance(command, OF_THE_HOUR):
        told = (refused.code(), refused.version or 0)
        if told not in ((_code_of(decided), version_of(state)) for state, decided in _between(asked, history)):
            yield f"{name} was refused {told}, which the core does on no state that it can have had"


def _code_of(decided: Decision) -> str:
    return decided.code() if isinstance(decided, Rejected) else ""


def _between(asked: ClientCommand, history: History) -> Iterator[tuple[Any, Decision]]:
    """Every state of the stream between question and answer, with what the core decides on it."""
    sent = asked.submission
    context = Context(sent.actor, sent.role, sent.command.occurred_at or asked.answered_at, sent.stream)
    events = [each for each in history.streams.get(sent.stream, []) if each.place < asked.ended]
    early = sum(each.place < asked.began for each in events)
    before = (state for state, _ in folds(sent.stream, events))
    for state in islice(chain(before, (state_after(sent.stream, events),)), early, None):
        yield state, decision(state, sent.command, context)


def version_of(state: Any) -> int:
    """Events of the stream to date; 0 of an order that nobody has placed."""
    return 0 if state is None else int(state.version)
