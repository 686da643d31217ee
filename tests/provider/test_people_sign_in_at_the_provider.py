"""People sign in at the company's identity provider: who comes in, as what, and which answers are worth nothing."""

import re

import httpx
import pytest

from domain.person.commands import AdmitPerson
from domain.roles import Role
from tests.instance import Instance
from tests.people import Json, People, fresh
from tests.provider.running import RunningProvider
from web.caller_dependency import COOKIE
from web.provider_desk import PROVIDER_PATH

CHINESE = {"Accept": "text/html", "Accept-Language": "zh"}
BACK = "/sign-in?left=yes"


def person_id(provider: RunningProvider, subject: str) -> str:
    return str(AdmitPerson(issuer=provider.issuer, subject=subject, name="any", roles=()).person)


async def known(people: People, person: str) -> Json:
    return await people.look(f"/people/{person}")


async def is_known(people: People, person: str) -> bool:
    answer = await people.client.get(f"/people/{person}", headers=people.headers(Role.AUDITOR))
    return answer.status_code == httpx.codes.OK


def refused(answer: httpx.Response, status: int, sentence: str) -> None:
    assert answer.status_code == status, answer.text
    assert f'role="alert">{sentence}' in answer.text
    assert COOKIE not in answer.cookies
    assert "Sign in with Acme" in answer.text


async def test_the_page_has_one_button_in_both_languages_that_keeps_where_one_wanted_to_go(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/sign-in", params={"next": "/orders?q=tea&x=1"})).text
    assert re.findall(r'<a class="button" href="([^"]+)">Sign in with Acme</a>', page) == [
        "/sign-in/provider?next=%2Forders%3Fq%3Dtea%26x%3D1"
    ]
    assert 'name="password"' in page
    assert "用 Acme 登录" in (await browser.get("/sign-in", headers=CHINESE)).text


async def test_who_comes_for_the_first_time_is_a_person_of_the_register_with_the_roles_of_the_provider(
    browser: httpx.AsyncClient, people: People, provider: RunningProvider
) -> None:
    subject, name, mail = fresh("ada"), fresh("Ada King"), f"{fresh('ada')}@acme.example"
    provider.say(subject, name=name, email=mail, email_verified=True, roles=["Sales EU", "Coffee", "Money"])
    entered = await provider.come(browser, subject, "/orders?limit=7")
    assert (entered.status_code, entered.headers["location"]) == (303, "/orders?limit=7")
    cookie = next(line for line in entered.headers.get_list("set-cookie") if line.startswith(f"{COOKIE}=")).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert f"{name} · Sales" in (await browser.get("/orders?limit=7")).text

    person = person_id(provider, subject)
    told = await known(people, person)
    assert (told["name"], told["email"], told["by_provider"]) == (name, mail, True)
    assert [held["role"] for held in told["roles"]] == ["sales", "finance"]
    events = [event for event in await people.timeline("/people/" + person) if event["actor"] == "program:Acme"]
    assert [event["type"].split(".")[2] for event in events] == ["PersonInvited", "RoleGranted", "RoleGranted"]
    assert "program:Acme (automatic)" in await people.page(f"/people/{person}/timeline", Role.ADMIN)
    assert events[0]["data"]["identity"] == {"issuer": provider.issuer, "subject": subject}


async def test_what_the_provider_rules_an_administrator_reads_and_does_not_change(
    browser: httpx.AsyncClient, people: People, provider: RunningProvider
) -> None:
    subject = fresh("ada")
    provider.say(subject, name=fresh("Ada"), roles="Sales EU")
    await provider.come(browser, subject)
    person = person_id(provider, subject)
    page = await people.page(f"/people/{person}", Role.ADMIN)
    assert "cannot be granted or withdrawn here" in page
    assert "sign-in-link" not in page
    assert {offer["act"] for offer in (await admins_offers(people, person))["offers"]} == {"deactivate-person"}
    for word, body in (("grant-role", {"role": "finance"}), ("withdraw-role", {"role": "sales"})):
        answer = await people.ask(f"/commands/people/{word}", {"person": person, **body})
        assert (answer.status_code, answer.json()["code"]) == (409, "ruled-by-provider")
    for way_in in ("sign-in-link", "badge"):
        answer = await people.ask(f"/people/{person}/{way_in}")
        assert (answer.status_code, answer.json()["code"]) == (409, "ruled-by-provider")
    account = (await browser.get("/account")).text
    assert "no password of yours here" in account
    assert 'name="current"' not in account


async def admins_offers(people: People, person: str) -> Json:
    answer = await people.client.get(f"/people/{person}/offers", headers=people.headers(Role.ADMIN))
    found: Json = answer.json()
    return found


async def test_roles_follow_the_provider_at_each_sign_in_and_the_person_stays_the_same(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, people: People, provider: RunningProvider
) -> None:
    subject, first_name = fresh("ada"), fresh("Ada")
    provider.say(subject, name=first_name, roles=["Sales EU"])
    await provider.come(browser, subject)
    provider.say(subject, name=fresh("Ada Lovelace"), email=f"{fresh('new')}@acme.example", roles=["Money"])
    entered = await provider.come(other_browser, subject)
    assert entered.headers["location"] == "/boards/finance"
    told = await known(people, person_id(provider, subject))
    assert (told["name"], [held["role"] for held in told["roles"]]) == (first_name, ["finance"])
    provider.say(subject, roles=["Coffee"])
    refused(await provider.come(other_browser, subject), 403, "The identity provider gives you no role here.")
    assert (await known(people, person_id(provider, subject)))["roles"] == []


async def test_the_address_of_a_colleague_who_left_makes_nobody_that_colleague(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, people: People, provider: RunningProvider
) -> None:
    old, new, mail = fresh("old"), fresh("new"), f"{fresh('desk')}@acme.example"
    for client, subject, role in ((browser, old, "Money"), (other_browser, new, "Sales EU")):
        provider.say(subject, name=fresh("Mei Chen"), email=mail, roles=[role])
        assert (await provider.come(client, subject)).status_code == 303
    first, second = [await known(people, person_id(provider, subject)) for subject in (old, new)]
    assert (first["email"], second["email"]) == (mail, None)
    assert [held["role"] for held in first["roles"]] == ["finance"]
    assert [held["role"] for held in second["roles"]] == ["sales"]


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({}, "The identity provider does not say what you work as here."),
        ({"roles": ["sales", "Coffee"]}, "The identity provider gives you no role here."),
        ({"roles": {"Sales EU": True}}, "The identity provider does not say what you work as here."),
        ({"roles": []}, "The identity provider gives you no role here."),
    ],
    ids=["without the claim", "none of ours", "of another form", "empty"],
)
async def test_without_a_role_of_ours_nobody_comes_in_or_is_written_down(
    browser: httpx.AsyncClient, people: People, provider: RunningProvider, claims: Json, sentence: str
) -> None:
    subject = fresh("nobody")
    provider.say(subject, name=fresh("Nobody"), **claims)
    refused(await provider.come(browser, subject), 403, sentence)
    assert not await is_known(people, person_id(provider, subject))


async def test_who_is_deactivated_here_stays_out_whatever_the_provider_says(
    browser: httpx.AsyncClient, people: People, provider: RunningProvider
) -> None:
    subject = fresh("pat")
    provider.say(subject, name=fresh("Pat"), roles=["Sales EU"])
    await provider.come(browser, subject)
    gone = await people.do("/commands/people/deactivate", {"person": person_id(provider, subject)})
    await people.client.get(f"/people?after={gone['position']}", headers=people.headers(Role.ADMIN))
    refused(await provider.come(browser, subject), 403, "You are deactivated here.")
    await people.do("/commands/people/activate", {"person": person_id(provider, subject)})
    assert (await provider.come(browser, subject)).status_code == 303


async def test_the_last_administrator_stays_one_and_stays_out(
    browser: httpx.AsyncClient, people: People, provider: RunningProvider
) -> None:
    subject = fresh("boss")
    provider.say(subject, name=fresh("Boss"), roles=["Boss"])
    assert (await provider.come(browser, subject)).status_code == 303
    provider.say(subject, name="any", roles=["Sales EU"])
    refused(await provider.come(browser, subject), 403, "The identity provider says that you are an administrator no")
    assert [held["role"] for held in (await known(people, person_id(provider, subject)))["roles"]] == ["admin"]


async def begun_by(provider: RunningProvider, browser: httpx.AsyncClient, next_page: str = "/stock") -> tuple[str, str]:
    """A colleague who has signed in at the provider; the subject and the address that leads back."""
    subject = fresh("cleo")
    provider.say(subject, name=fresh("Cleo"), roles=["Sales EU"])
    begun = await browser.get(PROVIDER_PATH, params={"next": next_page})
    return subject, await provider.way_back(browser, begun, subject)


NOT_BEGUN = "This sign-in was not begun in this browser"


async def test_an_answer_counts_once(browser: httpx.AsyncClient, provider: RunningProvider) -> None:
    _, back = await begun_by(provider, browser)
    assert (await browser.get(back)).status_code == 303
    refused(await browser.get(back), 403, NOT_BEGUN)


async def test_a_code_is_not_taken_a_second_time_under_a_fresh_state(
    browser: httpx.AsyncClient, provider: RunningProvider
) -> None:
    _, used = await begun_by(provider, browser)
    await browser.get(used)
    again = await browser.get(PROVIDER_PATH, params={"next": "/stock"})
    fresh_state = httpx.URL(again.headers["location"]).params["state"]
    answer = await browser.get(httpx.URL(used).copy_set_param("state", fresh_state))
    refused(answer, 403, "What the identity provider answered cannot be believed.")
    assert "/sign-in/provider?next=%2Fstock" in answer.text, "the page that was wanted is kept"


async def test_an_answer_is_worth_nothing_in_another_browser(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, provider: RunningProvider, people: People
) -> None:
    subject, back = await begun_by(provider, browser)
    await other_browser.get(PROVIDER_PATH)
    refused(await other_browser.get(back), 403, NOT_BEGUN)
    assert not await is_known(people, person_id(provider, subject))
    assert (await browser.get(back)).status_code == 303, "nobody else uses it up"


async def test_a_code_of_another_browsers_sign_in_is_worth_nothing_under_the_own_state(
    browser: httpx.AsyncClient, other_browser: httpx.AsyncClient, provider: RunningProvider
) -> None:
    _, stolen = await begun_by(provider, browser)
    _, own = await begun_by(provider, other_browser)
    mixed = httpx.URL(own).copy_set_param("code", httpx.URL(stolen).params["code"])
    refused(await other_browser.get(mixed), 403, "What the identity provider answered cannot be believed.")


@pytest.mark.parametrize("named", ["https://other.example", ""])
async def test_an_answer_that_names_another_issuer_or_none_is_refused(
    browser: httpx.AsyncClient, provider: RunningProvider, named: str
) -> None:
    _, back = await begun_by(provider, browser)
    answer = await browser.get(httpx.URL(back).copy_set_param("iss", named))
    refused(answer, 403, "What the identity provider answered cannot be believed.")


async def test_who_does_not_sign_in_there_is_told_so_and_may_try_again(
    browser: httpx.AsyncClient, provider: RunningProvider
) -> None:
    begun = await browser.get(PROVIDER_PATH, params={"next": "/stock"})
    back = await provider.cancelled(browser, begun)
    assert "error=access_denied" in back
    answer = await browser.get(back)
    refused(answer, 403, "The identity provider did not let you in.")
    assert "/sign-in/provider?next=%2Fstock" in answer.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:0"])
async def test_nobody_is_led_elsewhere(browser: httpx.AsyncClient, provider: RunningProvider, elsewhere: str) -> None:
    _, back = await begun_by(provider, browser, elsewhere)
    assert (await browser.get(back)).headers["location"] == "/boards/sales"


async def test_who_signs_out_is_out_and_told_that_the_provider_may_still_know_the_browser(
    browser: httpx.AsyncClient, provider: RunningProvider
) -> None:
    _, back = await begun_by(provider, browser)
    await browser.get(back)
    session = browser.cookies[COOKIE]
    left = await browser.post("/sign-out")
    assert left.headers["location"] == BACK
    assert "Acme may still know this browser" in (await browser.get(BACK)).text
    browser.cookies.set(COOKIE, session)
    assert (await browser.get("/orders")).status_code == 401


async def test_nothing_of_a_sign_in_is_in_the_log_of_the_server(
    browser: httpx.AsyncClient, provider: RunningProvider, instance: Instance
) -> None:
    subject, back = await begun_by(provider, browser)
    assert (await browser.get(back)).status_code == 303
    said = "".join(file.read_text(errors="replace") for file in instance.data.rglob("*.log"))
    known = httpx.URL(back).params
    assert f"ready {instance.url}" in said
    for secret in (subject, known["code"], known["state"], "a secret", "a+secret"):
        assert secret not in said
