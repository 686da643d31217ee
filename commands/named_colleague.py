"""To whom a form passes an order on: a colleague whom somebody has named, by the id that the register has.

Decides: that it is somebody who works there today. Programs say whom they mean by an id, and are not asked.
Must not know: requests, what becomes of the order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from domain.decider import Command
from domain.order.commands import PassOn
from domain.roles import Department, departments_of
from web.colleagues import Colleague, Colleagues
from web.kept_forms import KeptForm
from web.problems import fault, invalid

FIELD: Final = "to"


async def with_id(colleagues: Colleagues | None, command: type[Command], sent: KeptForm) -> KeptForm:
    """The form with an id in place of the name; `Problem` 422 where nobody of the department is called so."""
    name, department = sent.text(FIELD), sent.text("department")
    if command is not PassOn or colleagues is None or not name.strip() or department not in set(Department):
        return sent
    found = [one for one in await colleagues.all_called(name) if one.roles]
    chosen = next((one for one in found if _works_in(one, Department(department))), None)
    if chosen is None:
        raise invalid(
            fault([FIELD], "works in another department", "another_department")
            if found
            else fault([FIELD], "nobody who works here is called so", "no_colleague")
        )
    return replace(sent, fields=tuple((known, chosen.id if known == FIELD else text) for known, text in sent.fields))


def _works_in(one: Colleague, department: Department) -> bool:
    return any(department in departments_of(role) for role in one.roles)
