"""Who of a department is on the order."""

from __future__ import annotations

from pydantic import AwareDatetime

from domain.decider import Event
from domain.event_values import Actor
from domain.roles import Department


class Taken(Event):
    """Somebody took the order for a department, or stays on it for longer."""

    department: Department
    person: Actor
    until: AwareDatetime
    taken_from: Actor | None = None
    """Who was on it; None where nobody else was."""


class PassedOn(Event):
    """Who was on the order, or a lead, passed it on to somebody."""

    department: Department
    person: Actor
    """Who is on it from now on."""
    until: AwareDatetime
    taken_from: Actor
    """Who was on it."""


class GivenBack(Event):
    """Who was on the order gave it back, or a lead took it away."""

    department: Department
    taken_from: Actor
    """Who was on it."""
