"""Whom a form passes an order on to, where it does not say so: then the command itself says what is wrong."""

from datetime import date
from uuid import UUID

import pytest

from commands.named_colleague import with_id
from domain.order.commands import GiveBack, PassOn
from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Role
from web.colleagues import Colleagues
from web.kept_forms import KeptForm

ADA = Member(UUID(int=7), "Ada King", None, ((Role.WAREHOUSE, None),))


async def read(**_: bool) -> Register:
    return Register(PagedMap({ADA.id: ADA}))


COLLEAGUES = Colleagues(read, lambda: date(2026, 3, 2))


def form(to: str, department: str) -> KeptForm:
    return KeptForm("bo", (("department", department), ("to", to)), {})


@pytest.mark.parametrize(
    ("to", "department"),
    [("", "warehouse"), (" ", "warehouse"), ("Ada King", "moon"), ("Ada King", "")],
    ids=["nobody", "a space", "no department of ours", "no department"],
)
async def test_a_form_that_leaves_open_who_or_where_is_left_as_it_is(to: str, department: str) -> None:
    sent = form(to, department)
    assert await with_id(COLLEAGUES, PassOn, sent) is sent


async def test_a_name_gives_way_to_the_id_in_a_form_that_passes_on_and_in_no_other() -> None:
    sent = form("ada king", "warehouse")
    assert (await with_id(COLLEAGUES, PassOn, sent)).text("to") == str(ADA.id)
    assert await with_id(COLLEAGUES, GiveBack, sent) is sent
