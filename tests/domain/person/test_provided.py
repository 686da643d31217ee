"""Who comes by the company's identity provider: known by its word alone, with the roles that it says and no others."""

from datetime import timedelta

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.access import STAFF
from domain.catalogue import PERSON
from domain.offering import Act
from domain.offers import people_offers
from domain.person.commands import ActivatePerson, AdmitPerson, DeactivatePerson, GrantRole, PersonCommand, WithdrawRole
from domain.person.decisions import (
    MOST_PEOPLE,
    LastAdmin,
    NotActive,
    RoleOfPrograms,
    RuledByProvider,
    TooManyPeople,
)
from domain.person.events import (
    PersonActivated,
    PersonalDetails,
    PersonDeactivated,
    PersonInvited,
    ProviderIdentity,
    RoleGranted,
    RoleWithdrawn,
)
from domain.person.state import Register
from domain.roles import Role
from domain.stream_names import PEOPLE
from tests.domain.person.test_register import ADMIN_MEI, MEI, TODAY, TOM, context, granted, invited
from tests.spec import NOW, Spec

given = Spec(PERSON, PEOPLE).given

ISSUER = "https://login.example"


def admit(
    *roles: Role, subject: str = "7", name: str = "Ada King", email: str | None = None, issuer: str = ISSUER
) -> AdmitPerson:
    return AdmitPerson(issuer=issuer, subject=subject, name=name, email=email, roles=roles)


ADA = admit().person


def came(name: str = "Ada King", email: str | None = None) -> PersonInvited:
    identity = ProviderIdentity(issuer=ISSUER, subject="7")
    details = PersonalDetails(name=name, email=email)
    return PersonInvited(person=ADA, details=details, identity=identity, occurred_at=NOW)


def test_the_first_sign_in_makes_the_person_with_the_roles_of_the_provider() -> None:
    told = admit(Role.SALES, Role.FINANCE, email="ada@shop.example")
    expected = (came(email="ada@shop.example"), granted(ADA, Role.SALES), granted(ADA, Role.FINANCE))
    state = given(*ADMIN_MEI).when(told).then(*expected)
    assert state.members[ADA].identity == ProviderIdentity(issuer=ISSUER, subject="7")


def test_whom_the_provider_gives_no_role_is_not_written_into_the_register() -> None:
    given(*ADMIN_MEI).when(admit()).then_nothing()


def test_signing_in_again_with_the_same_roles_records_nothing() -> None:
    given(came(), granted(ADA)).when(admit(Role.SALES, name="Ada Lovelace", email="al@shop.example")).then_nothing()


def test_what_the_provider_says_otherwise_is_granted_and_withdrawn() -> None:
    changed = (granted(ADA, Role.FINANCE), RoleWithdrawn(person=ADA, role=Role.SALES, occurred_at=NOW))
    given(came(), granted(ADA)).when(admit(Role.FINANCE)).then(*changed)
    given(came(), granted(ADA)).when(admit()).then(changed[1])


def test_who_comes_takes_nobody_s_place_at_the_door() -> None:
    known = given(*ADMIN_MEI, invited(TOM, "Bea", "bea@shop.example"))
    known.when(admit(Role.SALES, email="bea")).then(came(), granted(ADA))
    known.when(admit(Role.SALES, name="bea@shop.example")).then(came("bea@shop.example 2"), granted(ADA))


@pytest.mark.parametrize("other", [{"subject": "8"}, {"issuer": "https://other.example"}])
def test_another_subject_is_another_person_also_with_the_same_name_and_address(other: dict[str, str]) -> None:
    told = admit(Role.SALES, email="ada@shop.example", **other)
    state = given(came(email="ada@shop.example"), granted(ADA)).when(told).state
    assert told.person != ADA
    assert state.members[told.person].name == "Ada King (ada@shop.example)"
    assert state.members[told.person].email is None
    assert state.members[ADA].name == "Ada King"


def test_somebody_who_was_invited_with_the_same_address_is_not_taken_for_the_person() -> None:
    known = (invited(MEI, "Ada King", "ada@shop.example"), granted(MEI, Role.ADMIN))
    state = given(*known).when(admit(Role.SALES, email="ADA@shop.example")).state
    assert state.members[MEI].roles == ((Role.ADMIN, None),)
    assert state.members[ADA].roles == ((Role.SALES, None),)


def test_who_is_called_like_others_is_told_from_all_of_them() -> None:
    known = (invited(MEI, "Ada King"), invited(admit(subject="8").person, "Ada King 2"))
    assert given(*known).when(admit(Role.SALES)).state.members[ADA].name == "Ada King 3"


@pytest.mark.parametrize("command", [GrantRole(person=ADA, role=Role.FINANCE), WithdrawRole(person=ADA, role=Role.SALES)])  # fmt: skip
def test_what_the_provider_rules_nobody_grants_or_withdraws_by_hand(command: PersonCommand) -> None:
    given(*ADMIN_MEI, came(), granted(ADA)).when(command).then_rejected(RuledByProvider)


def test_of_whom_the_provider_rules_only_the_way_out_is_offered() -> None:
    state = given(*ADMIN_MEI, came(), granted(ADA)).state
    offers = people_offers(state, state.members[ADA], 4, context(str(MEI), MEI))
    assert [offer.act for offer in offers] == [Act.DEACTIVATE_PERSON]


def test_who_is_deactivated_stays_out_whatever_the_provider_says_until_coming_back() -> None:
    gone = (*ADMIN_MEI, came(), granted(ADA), PersonDeactivated(person=ADA, occurred_at=NOW))
    given(*gone).when(admit(Role.SALES, Role.FINANCE)).then_rejected(NotActive)
    given(*gone).when(ActivatePerson(person=ADA)).then(PersonActivated(person=ADA, occurred_at=NOW))
    given(*gone, PersonActivated(person=ADA, occurred_at=NOW)).when(admit(Role.SALES)).then_nothing()


def test_the_last_admin_stays_also_when_the_provider_says_otherwise() -> None:
    given(came(), granted(ADA, Role.ADMIN)).when(admit(Role.SALES)).then_rejected(LastAdmin)
    given(came(), granted(ADA, Role.ADMIN)).when(DeactivatePerson(person=ADA)).then_rejected(LastAdmin)
    given(*ADMIN_MEI, came(), granted(ADA, Role.ADMIN)).when(admit(Role.SALES)).then_kinds(RoleGranted, RoleWithdrawn)


@pytest.mark.parametrize("role", sorted(set(Role) - STAFF))
def test_the_provider_grants_no_role_of_programs(role: Role) -> None:
    given().when(admit(Role.SALES, role)).then_rejected(RoleOfPrograms)


def test_a_full_register_takes_nobody_more_and_lets_in_whom_it_knows() -> None:
    others = (invited(admit(subject=f"n{number}").person, f"n{number}") for number in range(MOST_PEOPLE - 1))
    full = given(*others, came(), granted(ADA))
    full.when(admit(Role.SALES)).then_nothing()
    full.when(admit(Role.SALES, subject="8")).then_rejected(TooManyPeople)


claims = st.lists(st.sampled_from(sorted(STAFF - {Role.ADMIN})), max_size=4)


@given_any(st.lists(claims, min_size=1, max_size=6))
def test_after_each_sign_in_the_roles_are_those_of_the_provider(signed_in: list[list[Role]]) -> None:
    state = Register()
    for roles in signed_in:
        for event in PERSON.decide(state, admit(*roles), context("program:login", MEI)):
            state = PERSON.evolve(state, event)
        held = state.members[ADA].roles_on(TODAY + timedelta(days=1)) if ADA in state.members else frozenset()
        assert held == frozenset(roles)
