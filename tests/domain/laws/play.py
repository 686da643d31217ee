"""How a history is played: bursts of acts, between them more or less of what they set in motion, rest after each burst."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest

from domain.decider import Command, Event, Rejected
from domain.order.commands import PlaceOrder
from domain.stock import allocation
from tests.domain.laws.people import Act, People
from tests.life import Life

Check = Callable[[Life, list[str]], None]
"""What holds whenever all is quiet; takes the orders' streams."""
Watch = Callable[[Life, Any, Command, tuple[Event, ...]], None]
"""Looks at one command: the state before it and what it led to."""


def unwatched(_life: Life, _before: Any, _command: Command, _events: tuple[Event, ...]) -> None:
    """For laws that look at the outcome alone."""


def perform(life: Life, streams: list[str], act: Act, watch: Watch = unwatched) -> str:
    """One act; gives the refusal's code where it is refused. A fact never is."""
    if isinstance(act.command, PlaceOrder):
        streams.append(life.submit_order(order=act.command))
        return ""
    before = life.states.get(act.stream)
    try:
        events = life.submit(act.stream, act.command, by=act.by)
    except Rejected as refused:
        assert not act.command.fact, f"a fact was refused: {act.command}"
        return refused.code()
    watch(life, before, act.command, events)
    return ""


def come_to_rest(life: Life) -> None:
    """Until all is quiet, though some of what was done is done again now and then."""
    life.settle()
    if life.luck is None:
        return
    for _ in range(life.luck.choice((0, 1, 3))):
        life.repeat()
    life.settle()


@contextmanager
def portions(luck: Random) -> Iterator[None]:
    """Stock tells of few order lines in one go, so that a small company knows what a large one does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(allocation, "PORTION", luck.choice((1, 2, 1_000)))
        yield


def history(luck: Random, check: Check, watch: Watch = unwatched, *, bursts: int = 20) -> tuple[Life, list[str]]:
    """A company's history, with a look at it at every rest."""
    life, streams = Life(Random(luck.random())), list[str]()
    people = People(life, luck, streams)
    with portions(luck):
        for act in people.opens():
            perform(life, streams, act, watch)
        for _ in range(bursts):
            burst(people, watch)
            check(life, streams)
    return life, streams


def burst(people: People, watch: Watch) -> None:
    """Some acts, between them more or less of what they set in motion, and then rest."""
    life, luck = people.life, people.luck
    for comes_to_mind in people.acts():
        act = comes_to_mind()
        if act is not None:
            perform(life, people.streams, act, watch)
        for _ in range(luck.choice((0, 1, 5))):
            life.tick()
    come_to_rest(life)
