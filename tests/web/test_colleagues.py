"""Whom the register names, by what somebody types, and as what that person works today."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.paged_map import PagedMap
from domain.person.state import Member, Register
from domain.roles import Role
from tests.web.conftest import COMPANY, MakeToken
from web.caller_dependency import Identity
from web.colleagues import Colleague, Colleagues
from web.database import UNAVAILABLE
from web.problems import Problem
from web.sessions import MemorySessions, Person
from web.tokens import Rules, Tokens

TODAY = date(2026, 3, 2)
ADA, GONE = UUID(int=0xADA), UUID(int=2)
ROLES = ((Role.FINANCE, None), (Role.SALES, TODAY), (Role.ADMIN, TODAY - timedelta(days=1)))
MEMBERS = {
    ADA: Member(ADA, "Ada King", "ada@shop.example", ROLES),
    GONE: Member(GONE, "陈梅", None, ROLES, active=False),
}


@pytest.fixture
def colleagues() -> Colleagues:
    async def read(**_: bool) -> Register:
        return Register(PagedMap(MEMBERS))

    return Colleagues(read, lambda: TODAY)


async def test_a_person_works_as_what_is_held_today_and_as_nothing_once_deactivated(colleagues: Colleagues) -> None:
    assert await colleagues.known(str(ADA)) == Colleague(
        str(ADA), "Ada King", "ada@shop.example", (Role.FINANCE, Role.SALES)
    )
    assert await colleagues.known(str(GONE)) == Colleague(str(GONE), "陈梅", "", ())


@pytest.mark.parametrize("word", ["Ada King", "ada  king", "ＡＤＡ King", "ADA@shop.example", " ada@shop.example "])
async def test_a_person_is_found_by_name_or_address_however_it_is_written(colleagues: Colleagues, word: str) -> None:
    found = await colleagues.called(word)
    assert found is not None
    assert found.id == str(ADA)


async def test_who_is_called_like_somebody_s_address_is_not_taken_for_its_owner() -> None:
    eve = Member(UUID(int=1), "ada@shop.example", "eve@shop.example", ROLES)

    async def read(**_: bool) -> Register:
        return Register(PagedMap({eve.id: eve, **MEMBERS}))

    found = await Colleagues(read, lambda: TODAY).called("ada@shop.example")
    assert found is not None
    assert found.id == str(ADA)


@pytest.mark.parametrize("word", ["", " ", "Ada", "\0", "\udc80", str(ADA), "x" * 100_000])
async def test_nobody_is_found_by_what_is_nobodys(colleagues: Colleagues, word: str) -> None:
    assert await colleagues.called(word) is None


@pytest.mark.parametrize(
    "actor", ["ada", "", "909ae887-eaab-4732-83fe-92a18a707f10", f"{{{ADA}}}", ADA.hex, str(ADA).upper() + " "]
)
async def test_what_is_no_ones_id_is_a_program_or_a_plain_name(colleagues: Colleagues, actor: str) -> None:
    assert await colleagues.known(actor) is None
    assert colleagues.name_of(actor) == actor


async def test_names_are_those_of_the_register_as_it_was_last_read(colleagues: Colleagues) -> None:
    assert colleagues.name_of(str(ADA)) == str(ADA)
    await colleagues.refresh()
    assert colleagues.name_of(str(ADA)) == "Ada King"


@pytest.fixture
def identity(colleagues: Colleagues, rules: Rules, sessions: MemorySessions) -> Identity:
    return Identity(Tokens(rules), b"secret", COMPANY, sessions=sessions, colleagues=colleagues)


async def test_a_token_that_names_a_person_is_good_for_a_role_that_is_held_today(
    identity: Identity, token: MakeToken
) -> None:
    known = await identity.bearer(token(str(ADA), Role.SALES))
    assert (known.name, known.roles) == ("Ada King", (Role.FINANCE, Role.SALES))
    assert (await identity.bearer(token(str(ADA).upper(), Role.SALES))).actor == str(ADA)
    for person, role in ((ADA, Role.ADMIN), (ADA, Role.WAREHOUSE), (GONE, Role.SALES)):
        with pytest.raises(Problem, match="not held today"):
            await identity.bearer(token(str(person), role))
    assert (await identity.bearer(token("a program", Role.ADMIN))).name == ""


async def test_a_session_of_a_role_that_has_ended_goes_on_as_another_and_ends_with_the_last(
    identity: Identity, sessions: MemorySessions
) -> None:
    ended = await sessions.begin(Person(str(ADA), Role.ADMIN))
    assert (await identity.signed_in(ended, attended=True)).role is Role.FINANCE
    assert await sessions.find(ended, attended=True) == Person(str(ADA), Role.FINANCE)
    gone = await sessions.begin(Person(str(GONE), Role.SALES))
    with pytest.raises(Problem):
        await identity.signed_in(gone, attended=True)
    assert await sessions.find(gone, attended=True) is None


async def test_a_session_that_a_token_or_a_link_began_works_as_its_role_alone_and_ends_with_it(
    identity: Identity, sessions: MemorySessions
) -> None:
    entered = await sessions.begin(Person(str(ADA).upper(), Role.SALES, one_role=True))
    known = await identity.signed_in(entered, attended=True)
    assert (known.actor, known.role, known.roles) == (str(ADA), Role.SALES, (Role.SALES,))
    not_held = await sessions.begin(Person(str(ADA), Role.ADMIN, one_role=True))
    with pytest.raises(Problem):
        await identity.signed_in(not_held, attended=True)
    assert await sessions.find(not_held, attended=True) is None


async def test_programs_are_known_while_nobody_can_read_the_register(rules: Rules, token: MakeToken) -> None:
    async def away(**_: bool) -> Register:
        raise Problem(UNAVAILABLE)

    identity = Identity(Tokens(rules), b"secret", COMPANY, colleagues=Colleagues(away, lambda: TODAY))
    assert (await identity.bearer(token("a program", Role.SALES))).actor == "a program"
    with pytest.raises(Problem, match="right now"):
        await identity.bearer(token(str(ADA), Role.SALES))


async def test_a_session_of_a_person_is_nobody_s_while_the_register_lacks_the_person(
    identity: Identity, sessions: MemorySessions
) -> None:
    of_a_person = await sessions.begin(Person(str(UUID(int=9)), Role.ADMIN, registered=True))
    with pytest.raises(Problem):
        await identity.signed_in(of_a_person, attended=True)
    of_a_link = await sessions.begin(Person("Boss", Role.ADMIN))
    assert (await identity.signed_in(of_a_link, attended=True)).role is Role.ADMIN


async def test_who_was_invited_a_moment_ago_is_known_at_once() -> None:
    async def read(*, anew: bool = False) -> Register:
        return Register(PagedMap(MEMBERS)) if anew else Register()

    late = Colleagues(read, lambda: TODAY)
    assert await late.known(str(ADA)) is not None
    assert await late.called("Ada King") is not None


async def test_an_id_of_somebody_elsewhere_costs_one_look_and_a_later_invitation_is_noticed_all_the_same() -> None:
    looks: list[bool] = []
    everybody: dict[UUID, Member] = {}

    async def read(*, anew: bool = False) -> Register:
        looks.append(anew)
        return Register(PagedMap(everybody))

    colleagues = Colleagues(read, lambda: TODAY)
    for _ in range(3):
        assert await colleagues.known(str(ADA)) is None
    assert looks.count(True) == 1
    everybody.update(MEMBERS)
    assert await colleagues.known(str(ADA)) is not None
