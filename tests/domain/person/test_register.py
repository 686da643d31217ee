"""Who may work here as what: nobody grants himself a role, and somebody is always left who looks after people."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.catalogue import PERSON
from domain.decider import Context, Rejected
from domain.offers import people_offers
from domain.person.commands import (
    ActivatePerson,
    AdmitPerson,
    DeactivatePerson,
    GrantRole,
    InvitePerson,
    PersonCommand,
    WithdrawRole,
)
from domain.person.decisions import (
    MOST_PEOPLE,
    EmailTaken,
    LastAdmin,
    NameTaken,
    NotActive,
    OwnRole,
    RoleEndsInThePast,
    RoleOfPrograms,
    TooManyPeople,
    UnknownPerson,
)
from domain.person.events import (
    PersonActivated,
    PersonalDetails,
    PersonDeactivated,
    PersonInvited,
    RegisterEvent,
    RoleGranted,
    RoleWithdrawn,
)
from domain.person.offers import offers_of_kind
from domain.person.state import Member, Register
from domain.roles import Role
from domain.stream_names import PEOPLE
from tests.spec import NOW, Spec

given = Spec(PERSON, PEOPLE).given

MEI, TOM, EVE = (UUID(int=number) for number in (1, 2, 3))
TODAY = NOW.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def invited(person: UUID = MEI, name: str = "Mei Chen", email: str | None = None) -> PersonInvited:
    return PersonInvited(person=person, details=PersonalDetails(name=name, email=email), occurred_at=NOW)


def granted(person: UUID = MEI, role: Role = Role.SALES, until: date | None = None) -> RoleGranted:
    return RoleGranted(person=person, role=role, until=until, occurred_at=NOW)


ADMIN_MEI = (invited(MEI), granted(MEI, Role.ADMIN))
SALES_TOM = (invited(TOM, "Tom"), granted(TOM, Role.SALES))


def test_who_is_invited_is_called_by_the_command_and_works_as_the_role_that_was_said() -> None:
    told = InvitePerson(name="Mei Chen", email="mei@example.com", role=Role.SALES, reason="new")
    state = (
        given()
        .when(told, command_id=MEI)
        .then(
            PersonInvited(
                person=MEI,
                details=PersonalDetails(name="Mei Chen", email="mei@example.com"),
                occurred_at=NOW,
                reason="new",
            ),
            granted(MEI, Role.SALES),
        )
    )
    assert state.members[MEI] == Member(MEI, "Mei Chen", "mei@example.com", ((Role.SALES, None),))


@pytest.mark.parametrize("name", ["Mei Chen", "MeiChen", "mei  chen", "ＭＥＩ Chen", " MEI CHEN "])
def test_no_two_people_are_called_alike(name: str) -> None:
    given(invited()).when(InvitePerson(name=name, role=Role.SALES), command_id=TOM).then_rejected(NameTaken)


def test_no_two_people_have_the_same_address_and_many_may_have_none() -> None:
    known = given(invited(MEI, email="m@example.com"), invited(TOM, "Tom"))
    asked = InvitePerson(name="Eve", email="M@example.com", role=Role.SALES)
    known.when(asked, command_id=EVE).then_rejected(EmailTaken)
    known.when(InvitePerson(name="Eve", role=Role.SALES), command_id=EVE).then_kinds(PersonInvited, RoleGranted)


def test_nobody_is_called_by_another_s_address_or_reached_by_another_s_name() -> None:
    known = given(invited(MEI, email="m@example.com"), invited(TOM, "Tom"))
    known.when(InvitePerson(name="M@Example.com", role=Role.SALES), command_id=EVE).then_rejected(NameTaken)
    known.when(InvitePerson(name="Eve", email="TOM", role=Role.SALES), command_id=EVE).then_rejected(EmailTaken)


@pytest.mark.parametrize("role", [Role.CARRIER, Role.WORKFLOW])
def test_what_programs_work_as_is_granted_to_nobody(role: Role) -> None:
    given().when(InvitePerson(name="Mei", role=role), command_id=MEI).then_rejected(RoleOfPrograms)
    given(invited()).when(GrantRole(person=MEI, role=role)).then_rejected(RoleOfPrograms)


def test_the_register_has_an_end() -> None:
    full = [invited(UUID(int=number), f"person {number}") for number in range(MOST_PEOPLE)]
    one_less = given(*full[1:])
    asked = InvitePerson(name="one more", role=Role.SALES)
    one_less.when(asked, command_id=UUID(int=MOST_PEOPLE)).then_kinds(PersonInvited, RoleGranted)
    given(*full).when(asked, command_id=UUID(int=MOST_PEOPLE)).then_rejected(TooManyPeople)


def test_somebody_may_work_as_several_and_as_a_deputy_until_a_day() -> None:
    state = (
        given(*SALES_TOM)
        .when(GrantRole(person=TOM, role=Role.FINANCE, until=TODAY, reason="holidays"))
        .then(granted(TOM, Role.FINANCE, TODAY).model_copy(update={"reason": "holidays"}))
    )
    tom = state.members[TOM]
    assert tom.roles_on(TODAY) == {Role.SALES, Role.FINANCE}
    assert tom.roles_on(TOMORROW) == {Role.SALES}


def test_a_new_end_takes_the_place_of_the_old_one_and_the_same_one_is_nothing_new() -> None:
    known = given(*SALES_TOM, granted(TOM, Role.FINANCE, TODAY))
    known.when(GrantRole(person=TOM, role=Role.FINANCE, until=TODAY)).then_nothing()
    state = known.when(GrantRole(person=TOM, role=Role.FINANCE)).then(granted(TOM, Role.FINANCE))
    assert dict(state.members[TOM].roles) == {Role.SALES: None, Role.FINANCE: None}


def test_no_role_ends_before_it_begins_by_the_company_s_day() -> None:
    asked = GrantRole(person=TOM, role=Role.FINANCE, until=YESTERDAY)
    given(*SALES_TOM).when(asked).then_rejected(RoleEndsInThePast)
    late = datetime(2026, 3, 2, 4, tzinfo=UTC)
    west = timezone(timedelta(hours=-5))
    given(*SALES_TOM).when(asked, at=late, zone=west).then_kinds(RoleGranted)


def test_nobody_grants_himself_a_role_and_anybody_may_give_one_up() -> None:
    known = given(*ADMIN_MEI, *SALES_TOM, granted(TOM, Role.ADMIN))
    known.when(GrantRole(person=TOM, role=Role.FINANCE), by=str(TOM)).then_rejected(OwnRole)
    known.when(WithdrawRole(person=TOM, role=Role.ADMIN), by=str(TOM)).then_kinds(RoleWithdrawn)


def test_a_role_that_nobody_has_is_withdrawn_already() -> None:
    given(*SALES_TOM).when(WithdrawRole(person=TOM, role=Role.FINANCE)).then_nothing()


def test_who_is_deactivated_works_as_nothing_and_comes_back_as_before() -> None:
    gone = given(*SALES_TOM).when(DeactivatePerson(person=TOM)).then(PersonDeactivated(person=TOM, occurred_at=NOW))
    assert gone.members[TOM].roles_on(TODAY) == frozenset()
    away = given(*SALES_TOM, PersonDeactivated(person=TOM, occurred_at=NOW))
    away.when(DeactivatePerson(person=TOM)).then_nothing()
    away.when(GrantRole(person=TOM, role=Role.FINANCE)).then_rejected(NotActive)
    back = away.when(ActivatePerson(person=TOM)).then(PersonActivated(person=TOM, occurred_at=NOW))
    assert back.members[TOM].roles_on(TODAY) == {Role.SALES}
    given(*SALES_TOM).when(ActivatePerson(person=TOM)).then_nothing()


@pytest.mark.parametrize(
    "command",
    [
        GrantRole(person=EVE, role=Role.SALES),
        WithdrawRole(person=EVE, role=Role.SALES),
        DeactivatePerson(person=EVE),
        ActivatePerson(person=EVE),
    ],
)
def test_of_whom_nobody_knows_nothing_is_decided(command: PersonCommand) -> None:
    given(*ADMIN_MEI).when(command).then_rejected(UnknownPerson)


LEAVING = [
    WithdrawRole(person=MEI, role=Role.ADMIN),
    DeactivatePerson(person=MEI),
    GrantRole(person=MEI, role=Role.ADMIN, until=TOMORROW),
]


@pytest.mark.parametrize("command", LEAVING)
def test_the_last_admin_stays(command: PersonCommand) -> None:
    given(*ADMIN_MEI, *SALES_TOM).when(command).then_rejected(LastAdmin)


@pytest.mark.parametrize("command", LEAVING)
def test_one_of_two_admins_may_go(command: PersonCommand) -> None:
    assert len(given(*ADMIN_MEI, *SALES_TOM, granted(TOM, Role.ADMIN)).when(command).events) == 1


@pytest.mark.parametrize("command", LEAVING)
@pytest.mark.parametrize("second", [(granted(TOM, Role.ADMIN, TOMORROW),), (granted(TOM, Role.ADMIN), PersonDeactivated(person=TOM, occurred_at=NOW))])  # fmt: skip
def test_a_deputy_and_who_is_away_are_no_admins_to_rely_on(
    command: PersonCommand, second: tuple[RegisterEvent, ...]
) -> None:
    given(*ADMIN_MEI, *SALES_TOM, *second).when(command).then_rejected(LastAdmin)


IDS = (MEI, TOM, EVE)
roles = st.sampled_from([Role.ADMIN, Role.ADMIN, Role.SALES, Role.FINANCE, Role.CARRIER])
days = st.sampled_from([None, YESTERDAY, TODAY, TOMORROW])
ADMITTED = tuple(
    AdmitPerson(issuer="https://a.example", subject=subject, name="Mei", roles=(Role.SALES,)) for subject in ("1", "2")
)
people = st.sampled_from((*IDS, *(command.person for command in ADMITTED)))
commands: st.SearchStrategy[PersonCommand] = st.one_of(
    st.builds(InvitePerson, name=st.sampled_from(["Mei", "Tom", "Eve", "mei"]), role=roles),
    st.builds(GrantRole, person=people, role=roles, until=days),
    st.builds(WithdrawRole, person=people, role=roles),
    st.builds(DeactivatePerson, person=people),
    st.builds(ActivatePerson, person=people),
    st.builds(
        lambda known, roles: known.model_copy(update={"roles": tuple(roles)}),
        st.sampled_from(ADMITTED),
        st.lists(roles, max_size=3),
    ),
)
sent = st.tuples(commands, st.sampled_from([str(MEI), str(TOM), "somebody with a link"]))


def context(by: str, invitation: UUID) -> Context:
    return Context(actor=by, role=Role.ADMIN, occurred_at=NOW, stream=PEOPLE, command_id=invitation)


def decided(state: Register, command: PersonCommand, who: Context) -> tuple[RegisterEvent, ...] | None:
    try:
        return PERSON.decide(state, command, who)
    except Rejected:
        return None


@given_any(st.lists(sent, max_size=20))
def test_in_every_history_an_admin_stays_nobody_promotes_himself_and_offers_are_what_is_taken(
    history: list[tuple[PersonCommand, str]],
) -> None:
    state = Register()
    for command, by in history:
        invitation = next((each for each in IDS if each not in state.members and str(each) != by), UUID(int=99))
        who = context("program:provider" if isinstance(command, AdmitPerson) else by, invitation)
        events = decided(state, command, who)
        is_offered = any(offer.covers(command) for offer in offers_of_kind(state, command, 1, who))
        assert is_offered is bool(events) or is_taken_name(state, command) or isinstance(command, AdmitPerson)
        after = state
        for event in events or ():
            after = PERSON.evolve(after, event)
            granted_by_hand = isinstance(event, RoleGranted) and not isinstance(command, AdmitPerson)
            assert not (granted_by_hand and str(event.person) == by), "somebody granted himself a role"
            assert not (granted_by_hand and after.members[event.person].identity), "the provider was overruled"
        assert after.lasting_admins or not state.lasting_admins, "nobody is left"
        state = after


def is_taken_name(state: Register, command: PersonCommand) -> bool:
    """A form cannot say which names are taken: it is told when it is sent."""
    return isinstance(command, InvitePerson) and any(
        known.name.casefold() == command.name.casefold() for known in state.members.values()
    )


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_only_admins_are_offered_anything_about_people(role: Role) -> None:
    state = given(*ADMIN_MEI, *SALES_TOM).state
    who = Context(actor="ada", role=role, occurred_at=NOW, stream=PEOPLE)
    for member in (None, state.members[TOM]):
        assert people_offers(state, member, 4, who) == ()
