"""The register of people as administrators and auditors read it, and nobody else."""

import re
from uuid import UUID

import pytest

from domain.person.state import Member
from domain.roles import Role
from domain.stream_names import PEOPLE
from tests.query_api.conftest import Api
from tests.query_api.shop import shop

SHOP = shop()
MEMBERS = {member.name: member for member in SHOP.people.members.values()}
MEI, TOM, GONE = (MEMBERS[name] for name in ("陈梅", "Tom Baker", "Pat Gone"))
READERS = {Role.ADMIN, Role.AUDITOR}


def of(member: Member, part: str = "") -> str:
    return f"/people/{member.id}{part}"


async def seen(api: Api, path: str, role: Role = Role.ADMIN, *, chinese: bool = False) -> str:
    answer = await api.page(path, role, chinese=chinese)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.WORKFLOW])
@pytest.mark.parametrize("path", ["/people", "/people/offers", of(MEI), of(MEI, "/offers"), of(MEI, "/timeline")])
async def test_only_admins_and_auditors_read_who_works_here(api: Api, path: str, role: Role) -> None:
    assert (await api.get(path, role)).status_code == (200 if role in READERS else 403)
    assert ("/people" in (await api.page("/", role)).text) is (role in READERS)


async def test_the_list_says_what_everybody_works_as_today(api: Api) -> None:
    told = {each["name"]: each for each in (await api.get("/people", Role.AUDITOR)).json()["people"]}
    assert set(told) == set(MEMBERS)
    tom = told["Tom Baker"]
    assert [(role["role"], role["until"], role["now"]) for role in tom["roles"]] == [
        ("sales", None, True),
        ("finance", "2026-12-31", True),
        ("purchasing", "2026-03-02", False),
    ]
    assert (told["Pat Gone"]["active"], [role["now"] for role in told["Pat Gone"]["roles"]]) == (False, [False])


@pytest.mark.parametrize(
    ("chinese", "words"),
    [
        (False, ["People", "Sales, Finance (Deputy until 31 Dec 2026)", "ended 2 Mar 2026", "Deactivated"]),
        (True, ["人员", "代班至 2026年12月31日", "已于 2026年3月2日 结束", "已停用"]),
    ],
)
async def test_the_page_says_it_in_words(api: Api, chinese: bool, words: list[str]) -> None:
    page = await seen(api, "/people", chinese=chinese)
    for word in words:
        assert word in page
    assert f'href="{of(TOM)}"' in page


async def test_the_list_is_read_page_by_page_and_everybody_met_once(api: Api) -> None:
    met, path = [], "/people?limit=2"
    while path:
        answer = await api.get(path, Role.ADMIN)
        met += [each["id"] for each in answer.json()["people"]]
        path = answer.links.get("next", {}).get("url", "")
    assert sorted(met) == sorted(str(member.id) for member in MEMBERS.values())


async def test_an_admin_invites_from_the_list_and_an_auditor_only_looks(api: Api) -> None:
    page = await seen(api, "/people?act=invite-person")
    assert 'action="/commands/people/invite"' in page
    choices = re.findall(r'<option value="([a-z-]+)"', page)
    assert "sales" in choices
    assert not {"workflow", "carrier"} & set(choices)
    for path in ("/people", of(TOM)):
        assert 'class="acts"' not in await seen(api, path, Role.AUDITOR)


async def test_what_may_be_done_about_a_person_stands_on_the_person_s_page_and_is_told_to_programs(api: Api) -> None:
    told = (await api.get(of(TOM, "/offers"), Role.ADMIN)).json()["offers"]
    acts = [(offer["act"], offer["given"].get("role")) for offer in told]
    withdrawn = [("withdraw-role", role) for role in ("sales", "finance", "purchasing")]
    assert acts == [("grant-role", None), *withdrawn, ("deactivate-person", None)]
    page = await seen(api, of(TOM))
    for word in ("Grant role", "Withdraw role · Finance", "Deactivate"):
        assert word in page
    opened = await seen(api, of(TOM, f"?act=grant-role.{TOM.id}"))
    assert f'name="person" value="{TOM.id}"' in opened
    assert 'name="until"' in opened
    assert "Activate again" in await seen(api, of(GONE))


async def test_the_last_admin_is_not_offered_to_go(api: Api) -> None:
    told = (await api.get(of(MEI, "/offers"), Role.ADMIN)).json()["offers"]
    assert {offer["act"] for offer in told} == {"grant-role"}


async def test_a_person_s_timeline_is_that_person_s_alone(api: Api) -> None:
    events = (await api.get(of(TOM, "/timeline"), Role.AUDITOR)).json()["events"]
    assert {event["data"]["person"] for event in events} == {str(TOM.id)}
    assert [event["sentence"] for event in events] == [
        "Invited: Tom Baker (tom@shop.example).",
        "Role granted: Sales.",
        "Role granted: Finance, as a deputy until 31 Dec 2026.",
        "Role granted: Purchasing, as a deputy until 2 Mar 2026.",
    ]
    assert {event["stream"] for event in events} == {PEOPLE}


@pytest.mark.parametrize("person", ["nobody", "%00", str(UUID(int=5)), str(UUID(int=5)) + "0"])
async def test_whom_nobody_invited_is_not_found(api: Api, person: str) -> None:
    for part in ("", "/offers", "/timeline"):
        answer = await api.get(f"/people/{person}{part}", Role.ADMIN)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-person")
    assert "No such person" in (await api.page(f"/people/{person}", Role.ADMIN)).text


async def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    answer = await api.get("/people?cursor=WzFd", Role.ADMIN)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
