"""What somebody can say by a command is used: a field that no decision reads would be asked for, taken, and lost."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from domain.access import PERMISSIONS, STAFF
from domain.catalogue import EVENTS
from domain.decider import Command
from tests.architecture.test_sizes import ROOT

READ_BY_THE_EDGE = {"occurred_at"}
"""The decision is told it as the time of its context."""

Read = dict[str, set[str]]
"""Attributes that functions read of their parameters, by the name of the parameter's type."""


@cache
def of_people() -> list[type[Command]]:
    return sorted((command for command, roles in PERMISSIONS.items() if roles & STAFF), key=lambda each: each.__name__)


@pytest.mark.parametrize("command", of_people(), ids=lambda command: command.__name__)
def test_every_field_that_somebody_fills_in_is_read_by_a_decision(command: type[Command]) -> None:
    assert unread(command, decisions()) - READ_BY_THE_EDGE == set()


@pytest.mark.parametrize("command", of_people(), ids=lambda command: command.__name__)
def test_every_field_of_what_is_said_of_each_unit_or_hold_is_recorded_or_read(command: type[Command]) -> None:
    for part in models_in(command) - {command}:
        recorded = {name for each in part.__mro__ if each in in_events() for name in each.model_fields}
        assert unread(part, decisions()) - recorded == set(), part.__name__


def test_a_field_that_is_only_read_of_something_else_is_lost() -> None:
    class Take(Command):
        wanted: int
        left_undone: str

    functions = [
        "def take(order: Order, command: Take) -> Any: return command.wanted, order.left_undone, command.reason"
    ]
    assert unread(Take, read_in(functions)) - READ_BY_THE_EDGE == {"left_undone"}


@cache
def decisions() -> Read:
    places = ("decisions/*.py", "decisions.py", "evolve.py")
    paths = [path for place in places for path in (ROOT / "domain").glob(f"*/{place}")]
    return read_in(path.read_text() for path in paths)


def read_in(sources: Iterable[str]) -> Read:
    found: Read = defaultdict(set)
    for source in sources:
        for function in ast.walk(ast.parse(source)):
            if isinstance(function, ast.FunctionDef):
                for kind, name in attributes_in(function):
                    found[kind].add(name)
    return found


def attributes_in(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Type of a parameter, and what is read of it."""
    for parameter in function.args.args:
        kinds = [each.id for each in ast.walk(parameter.annotation or parameter) if isinstance(each, ast.Name)]
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == parameter.arg:
                yield from ((kind, node.attr) for kind in kinds)


def unread(model: type[BaseModel], read: Read) -> set[str]:
    """Fields that are read of no parameter of this type, or of one that it is based on."""
    return set(model.model_fields).difference(*(read.get(each.__name__, ()) for each in model.__mro__))


@cache
def in_events() -> set[type[BaseModel]]:
    return set().union(*(models_in(event) for event in EVENTS.values()))


def models_in(kind: Any) -> set[type[BaseModel]]:
    """A model, and all of which it consists."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {kind}.union(*(models_in(field.annotation) for field in kind.model_fields.values()))
    return set().union(*map(models_in, get_args(kind)))
