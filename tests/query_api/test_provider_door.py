"""What is said at the door to whom the identity provider cannot let in, or the register does not take."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.decider import Rejected
from domain.person.commands import AdmitPerson
from domain.person.decisions import LastAdmin, NotActive, TooManyPeople
from domain.roles import Role
from projections.register import RegisterReader
from query_api.sentences import LANGUAGES, Language
from tests.query_api.conftest import CHINESE, PAGE, SESSIONS, Api, api_on
from tests.spec import NOW
from tests.web.test_provider import ISSUER, TERMS, Acme, claims, no_connection, signed
from web.caller_dependency import COOKIE
from web.colleagues import Colleagues
from web.database import UNAVAILABLE, borrowed, edge_pool
from web.problems import ProblemKind
from web.provider import ANSWER_REFUSED, DISCOVERY_PATH, PROVIDER_AWAY, ProviderTerms
from web.provider_desk import CALLBACK_PATH, PROVIDER_PATH
from web.provider_door import (
    NO_ROLE_THERE,
    NOT_ADMITTED,
    ONLY_ADMIN,
    PROVIDER_DOOR_PROBLEMS,
    SHUT_OUT,
    Admit,
    ProviderDoor,
)
from web.provider_starts import ProviderStarts
from web.sign_in_codes import SignInCodes
from web.signin import SignIn


def refusing(rule: type[Rejected]) -> Admit:
    async def admit(_: AdmitPerson) -> None:
        raise rule

    return admit


async def unseen(_: AdmitPerson) -> None:
    """Recorded, and not in the views."""


@asynccontextmanager
async def door_of(url: str, acme: Acme, admit: Admit = unseen) -> AsyncIterator[Api]:
    """Pages behind a door to this provider."""
    terms = ProviderTerms("Acme", ISSUER, "ordertrail", TERMS.redirect, roles={"Sales": Role.SALES})
    async with edge_pool(url, 4) as pool:
        colleagues = Colleagues(RegisterReader(partial(borrowed, pool)).read, NOW.date)
        door = ProviderDoor(acme.known(terms), ProviderStarts(pool), admit, colleagues)
        async with api_on(url, sign_in=SignIn(SignInCodes(pool), SESSIONS, provider=door)) as api:
            yield api


async def come(api: Api, acme: Acme, **said: object) -> httpx.Response:
    """To the provider and back, with a token that says this."""
    begun = await api.client.get(PROVIDER_PATH, params={"next": "/orders"}, headers=PAGE)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(begun.headers["location"]).query).items()}
    acme.token = signed(claims(nonce=asked["nonce"], **said))
    back = {"state": asked["state"], "code": "the code"}
    return await api.client.get(CALLBACK_PATH, params=back, headers=PAGE)


def told(answer: httpx.Response, kind: ProblemKind) -> None:
    assert answer.status_code == kind.status
    sentence = LANGUAGES[Language.EN].refusals.get(kind.code, kind.title)
    assert f'role="alert">{sentence}' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert COOKIE not in answer.cookies
    assert f"{PROVIDER_PATH}?next=%2Forders" in answer.text, "the page that was wanted is kept"


@pytest.mark.parametrize("kind", PROVIDER_DOOR_PROBLEMS, ids=lambda kind: kind.code)
@pytest.mark.parametrize("language", Language)
def test_whoever_stays_out_reads_why_in_the_own_language(kind: ProblemKind, language: Language) -> None:
    assert LANGUAGES[language].refusals[kind.code]


async def test_while_the_provider_is_away_the_page_says_so_and_nothing_is_begun(shop_url: str) -> None:
    acme = Acme(instead={DISCOVERY_PATH: no_connection})
    async with door_of(shop_url, acme) as api:
        answer = await api.client.get(PROVIDER_PATH, params={"next": "/orders"}, headers=PAGE)
        told(answer, PROVIDER_AWAY)
        assert answer.headers["retry-after"] == "5"
        assert not answer.cookies
        assert "没有回应" in (await api.client.get(PROVIDER_PATH, headers=CHINESE)).text


async def test_a_provider_that_goes_away_meanwhile_is_told_of_in_the_same_way(shop_url: str) -> None:
    acme = Acme(instead={"/token": no_connection})
    async with door_of(shop_url, acme) as api:
        told(await come(api, acme, roles="Sales"), PROVIDER_AWAY)


@pytest.mark.parametrize(
    ("rule", "kind"), [(NotActive, SHUT_OUT), (LastAdmin, ONLY_ADMIN), (TooManyPeople, NOT_ADMITTED)]
)
async def test_whom_the_register_does_not_take_is_told_why(
    shop_url: str, rule: type[Rejected], kind: ProblemKind
) -> None:
    acme = Acme()
    async with door_of(shop_url, acme, refusing(rule)) as api:
        told(await come(api, acme, roles="Sales"), kind)


async def test_nobody_comes_in_whom_pages_do_not_know_yet(shop_url: str) -> None:
    acme = Acme()
    async with door_of(shop_url, acme) as api:
        told(await come(api, acme, roles="Sales"), UNAVAILABLE)
        told(await come(api, acme, roles="Coffee"), NO_ROLE_THERE)


@pytest.mark.parametrize(
    ("said", "name", "email"),
    [
        ({"name": "Ada King", "email": "ada@acme.example"}, "Ada King", "ada@acme.example"),
        ({"name": "Ada", "email": "ada@acme.example", "email_verified": False}, "Ada", None),
        ({"name": " ", "preferred_username": "ada"}, "ada", None),
        ({"name": "\u202eadA", "email": "ada@acme.example"}, "ada@acme.example", "ada@acme.example"),
        ({"name": ["Ada"], "email": 7}, "7", None),
        ({"name": "Ada", "email": "ada@acme.example", "email_verified": "false"}, "Ada", None),
        ({"name": "Ada", "email": "Bea"}, "Ada", None),
        ({"name": "x" * 201}, "x" * 200, None),
        ({"name": "", "email": f"{'x' * 200}@acme.example"}, "x" * 200, None),
    ],
)
async def test_somebody_is_called_by_the_first_claim_that_can_be_read(
    shop_url: str, said: dict[str, object], name: str, email: str | None
) -> None:
    asked: list[AdmitPerson] = []

    async def admit(command: AdmitPerson) -> None:
        asked.append(command)

    acme = Acme()
    async with door_of(shop_url, acme, admit) as api:
        await come(api, acme, roles="Sales", **said)
    assert [(command.name, command.email, command.subject) for command in asked] == [(name, email, "7")]


async def test_a_subject_may_be_as_long_as_providers_make_it(shop_url: str) -> None:
    acme = Acme()
    async with door_of(shop_url, acme) as api:
        told(await come(api, acme, roles="Sales", name="Ada", sub="x" * 255), UNAVAILABLE)
        told(await come(api, acme, roles="Sales", name=None, sub="x" * 255), UNAVAILABLE)


@pytest.mark.parametrize("wanted", ["/a\0b", "https://evil.example/", "x" * 2_000])
async def test_only_a_page_of_ours_is_kept_for_the_way_back(shop_url: str, wanted: str) -> None:
    async with door_of(shop_url, Acme()) as api:
        begun = await api.client.get(PROVIDER_PATH, params={"next": wanted}, headers=PAGE)
        assert begun.status_code == 303
        async with edge_pool(shop_url, 1) as pool, borrowed(pool) as connection:
            kept = await (await connection.execute("SELECT next FROM web.provider_start")).fetchall()
    assert {next_page for (next_page,) in kept} <= {"", "/orders"}


@pytest.mark.parametrize("subject", ["x" * 256, "7\u200b", "é", ""])
async def test_a_subject_that_could_be_taken_for_another_is_refused(shop_url: str, subject: str) -> None:
    acme = Acme()
    async with door_of(shop_url, acme) as api:
        told(await come(api, acme, roles="Sales", sub=subject), ANSWER_REFUSED)
