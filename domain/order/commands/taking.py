"""Commands by which people of a department tell each other who is on an order. They warn, they lock nothing."""

from __future__ import annotations

from domain.decider import Command
from domain.roles import Department
from domain.values import PersonalText


class Take(Command):
    """Somebody takes the order for a department, or for longer; from a colleague, too."""

    department: Department


class PassOn(Command):
    """Who is on the order, or a lead, passes it on to somebody else."""

    department: Department
    to: PersonalText
    """Who is on it from now on."""


class GiveBack(Command):
    """Who is on the order gives it back; a lead takes it away from somebody."""

    department: Department
