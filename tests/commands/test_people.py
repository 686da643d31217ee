"""People are invited, given roles and let go by the same commands as everything else, one register for all of them."""

import asyncio
import json
import logging
from uuid import UUID

import pytest

from domain.offering import Act
from domain.person.events import PersonDeactivated, PersonInvited, RoleGranted, RoleWithdrawn
from domain.roles import Role
from domain.stream_names import PEOPLE
from tests.commands.conftest import Api, bearer, problem
from tests.commands.test_form_posts import led_to, refused, sign_in

INVITE, GRANT, WITHDRAW, DEACTIVATE = (
    f"/commands/people/{word}" for word in ("invite", "grant-role", "withdraw-role", "deactivate")
)


async def invited(api: Api, name: str, role: Role = Role.SALES, **more: str) -> str:
    """The new person's id."""
    answer = await api.post(INVITE, {"name": name, "role": role, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["person"])


async def kinds(api: Api) -> list[type]:
    return [type(recorded.event) for recorded in await api.events()]


async def test_an_invitation_tells_the_id_under_which_the_person_acts_and_a_repeated_one_the_same(api: Api) -> None:
    asked = {"name": "Mei Chen", "role": "sales"}
    answers = [await api.post(INVITE, asked, idempotency_key="hr-7") for _ in range(2)]
    first, again = (answer.json() for answer in answers)
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert first["person"] == again["person"]
    recorded = (await api.events())[0]
    assert isinstance(recorded.event, PersonInvited)
    assert (recorded.stream, str(recorded.event.person)) == (PEOPLE, first["person"])
    assert await kinds(api) == [PersonInvited, RoleGranted]


async def test_of_two_admins_who_withdraw_each_other_at_the_same_moment_one_stays(api: Api) -> None:
    mei, tom = await invited(api, "Mei", Role.ADMIN), await invited(api, "Tom", Role.ADMIN)
    answers = await asyncio.gather(
        api.post(WITHDRAW, {"person": tom, "role": "admin"}, authorization=bearer(actor=mei)),
        api.post(WITHDRAW, {"person": mei, "role": "admin"}, authorization=bearer(actor=tom)),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refusal = next(answer for answer in answers if answer.status_code == 409)
    problem(refusal, 409, "last-admin")
    assert (await kinds(api)).count(RoleWithdrawn) == 1


async def test_nobody_grants_himself_a_role(api: Api) -> None:
    mei = await invited(api, "Mei", Role.ADMIN)
    own = await api.post(GRANT, {"person": mei, "role": "finance"}, authorization=bearer(actor=mei))
    problem(own, 409, "own-role")
    answer = await api.post(GRANT, {"person": mei, "role": "finance", "until": "2999-12-31"})
    assert answer.json()["person"] == mei


async def test_a_person_whom_nobody_invited_is_unknown(api: Api) -> None:
    problem(await api.post(DEACTIVATE, {"person": str(UUID(int=7))}), 404, "unknown-person")
    assert await api.events() == []


async def test_a_preview_says_what_would_become_of_the_register_and_invites_nobody(api: Api) -> None:
    told = (await api.post(f"{INVITE}?preview=true", {"name": "Mei", "role": "admin"})).json()
    assert (told["state_before"], told["state_after"]) == (
        {"people": 0, "lasting_admins": 0},
        {"people": 1, "lasting_admins": 1},
    )
    assert [event["type"] for event in told["events"]] == [
        "ordertrail.person.PersonInvited.v1",
        "ordertrail.person.RoleGranted.v1",
    ]
    assert await api.events() == []


async def test_people_are_let_go_in_bulk_too(api: Api) -> None:
    people = [await invited(api, name) for name in ("Mei", "Tom")]
    lines = "\n".join(json.dumps({"address": DEACTIVATE, "body": {"person": person}}) for person in people)
    answer = await api.post("/commands/bulk", lines.encode(), content_type="application/x-ndjson")
    assert [json.loads(line)["answer"]["person"] for line in answer.text.splitlines()] == people
    assert (await kinds(api)).count(PersonDeactivated) == 2


async def test_who_acts_on_what_an_older_page_showed_is_asked(api: Api) -> None:
    tom = await invited(api, "Tom")
    csrf = await sign_in(api, Role.ADMIN)
    seen = (await api.events())[-1].version
    act = f"{Act.DEACTIVATE_PERSON}.{tom}"
    form = {"csrf": csrf, "back": f"/people/{tom}", "person": tom, "act": act, "version": str(seen)}
    assert (await api.post(DEACTIVATE, {"person": tom})).status_code == 200
    answer = await api.client.post(DEACTIVATE, data={**form, "key": "k1"})
    assert (await refused(answer)).answer["code"] == "changed-meanwhile"
    await invited(api, "Eve")
    back = {**form, "act": f"{Act.ACTIVATE_PERSON}.{tom}", "version": str(seen + 1), "key": "k2"}
    path, query = led_to(await api.client.post("/commands/people/activate", data=back))
    assert path == f"/people/{tom}"
    assert query["done"] == back["act"]


async def test_no_name_and_no_address_reaches_the_log_of_the_server(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await invited(api, "Mei Chen", email="mei@example.com")
        problem(await api.post(INVITE, {"name": "mei chen", "role": "sales"}), 409, "name-taken")
        again = {"name": "Tom", "email": "MEI@example.com", "role": "sales"}
        problem(await api.post(INVITE, again), 409, "email-taken")
    assert "name-taken" in caplog.text
    assert "mei" not in caplog.text.lower()
