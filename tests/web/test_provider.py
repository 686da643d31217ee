"""Which answers of an identity provider are believed: one that forges, one that is away, one that is somebody else."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from domain.roles import Role
from web import fetching, provider
from web.clock import now
from web.problems import Problem, ProblemKind
from web.provider import (
    ANSWER_REFUSED,
    DISCOVERY_PATH,
    PROVIDER_AWAY,
    PROVIDER_REFUSED,
    ROLES_MISSING,
    Proofs,
    Provider,
    ProviderAnswer,
    ProviderTerms,
)

ISSUER = "https://login.example"
TERMS = ProviderTerms("Acme", ISSUER, "ordertrail", "https://orders.example/sign-in/callback", secret="s: 100%")
KEY, NEW_KEY = (generate_private_key(65537, 2048) for _ in range(2))
PROOFS = Proofs("the nonce", "the verifier")
ANSWER = ProviderAnswer(code="the code", iss=ISSUER)
HOUR = 3_600


def pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def published(**keys: RSAPrivateKey) -> dict[str, Any]:
    return {"keys": [{**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid} for kid, key in keys.items()]}


def claims(**other: object) -> dict[str, Any]:
    """Those of a good ID token; None leaves one out."""
    at = int(now().timestamp())
    good = {"iss": ISSUER, "aud": "ordertrail", "sub": "7", "iat": at, "exp": at + HOUR, "nonce": PROOFS.nonce}
    return {name: value for name, value in {**good, **other}.items() if value is not None}


def signed(told: dict[str, Any], key: RSAPrivateKey = KEY, kid: str = "k") -> str:
    return jwt.encode(told, key, algorithm="RS256", headers={"kid": kid})


@dataclass
class Acme:
    """What answers at each address, and what was asked there."""

    token: str = field(default_factory=lambda: signed(claims()))
    document: dict[str, Any] = field(
        default_factory=lambda: {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
        }
    )
    keys: dict[str, Any] = field(default_factory=lambda: published(k=KEY))
    instead: dict[str, Callable[[], Awaitable[httpx.Response]]] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path
        if path in self.instead:
            return await self.instead[path]()
        return httpx.Response(
            200, json={DISCOVERY_PATH: self.document, "/keys": self.keys, "/token": {"id_token": self.token}}[path]
        )

    def known(self, terms: ProviderTerms = TERMS) -> Provider:
        return Provider(terms, httpx.AsyncClient(transport=httpx.MockTransport(self)))


async def refusal(acme: Acme, answer: ProviderAnswer = ANSWER, proofs: Proofs = PROOFS) -> ProblemKind | None:
    try:
        await acme.known().claims(answer, proofs)
    except Problem as refused:
        return refused.kind
    return None


async def test_a_browser_is_sent_with_what_binds_the_answer_to_us() -> None:
    acme = Acme()
    address = httpx.URL(await acme.known().address("the state", PROOFS))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"the verifier").digest()).rstrip(b"=").decode()
    assert str(address).startswith(f"{ISSUER}/auth?")
    assert dict(address.params) == {
        "response_type": "code",
        "client_id": "ordertrail",
        "redirect_uri": TERMS.redirect,
        "scope": "openid profile email",
        "state": "the state",
        "nonce": "the nonce",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    acme.document["authorization_endpoint"] += "?tenant=1"
    assert dict(httpx.URL(await acme.known().address("s", PROOFS)).params)["tenant"] == "1"


async def test_a_good_answer_is_believed() -> None:
    assert (await Acme().known().claims(ANSWER, PROOFS))["sub"] == "7"


@pytest.mark.parametrize(
    ("methods", "terms", "header", "in_body"),
    [
        (None, TERMS, "Basic " + base64.b64encode(b"ordertrail:s%3A+100%25").decode(), {}),
        (["client_secret_post"], TERMS, None, {"client_id": ["ordertrail"], "client_secret": ["s: 100%"]}),
        (None, replace(TERMS, secret=""), None, {"client_id": ["ordertrail"]}),
    ],
    ids=["in the header", "in the body", "a public client"],
)
async def test_the_code_is_exchanged_with_the_verifier_and_as_whom_we_are_known(
    methods: list[str] | None, terms: ProviderTerms, header: str | None, in_body: dict[str, list[str]]
) -> None:
    acme = Acme()
    if methods:
        acme.document["token_endpoint_auth_methods_supported"] = methods
    await acme.known(terms).claims(ANSWER, PROOFS)
    sent = next(request for request in acme.asked if request.url.path == "/token")
    assert sent.headers.get("authorization") == header
    assert parse_qs(sent.content.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["the code"],
        "code_verifier": ["the verifier"],
        "redirect_uri": [TERMS.redirect],
        **in_body,
    }


def by_hand(header: dict[str, str], secret: bytes) -> str:
    """A good token but for how it is signed: libraries refuse to make such a one."""
    head = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims()))
    mac = base64.urlsafe_b64encode(hmac.digest(secret, head, "sha256")).rstrip(b"=")
    return b".".join((head, mac)).decode()


AT = int(now().timestamp())
FORGED = {
    "another issuer": signed(claims(iss="https://evil.example")),
    "an issuer that begins alike": signed(claims(iss=f"{ISSUER}/")),
    "another audience": signed(claims(aud="other")),
    "several audiences, given to nobody": signed(claims(aud=["ordertrail", "other"])),
    "given to another": signed(claims(azp="other")),
    "expired": signed(claims(exp=AT - 2 * HOUR, iat=AT - 3 * HOUR)),
    "of the future": signed(claims(iat=AT + HOUR, exp=AT + 2 * HOUR)),
    "not valid yet": signed(claims(nbf=AT + HOUR)),
    "of another sign-in": signed(claims(nonce="another")),
    "a nonce that is no text": signed(claims(nonce=["the nonce"])),
    "a nonce of half a letter": signed(claims(nonce="\ud800")),
    "of another key": signed(claims(), NEW_KEY),
    "of an unknown key": signed(claims(), NEW_KEY, "new"),
    "unsigned": by_hand({"alg": "none", "kid": "k"}, b"").rpartition(".")[0] + ".",
    "signed with the public key as a secret": by_hand({"alg": "HS256", "kid": "k"}, pem(KEY)),
    "cut": signed(claims())[:-10],
    "no token": "x",
    **{f"without {claim}": signed(claims(**{claim: None})) for claim in ("iss", "aud", "exp", "iat", "sub", "nonce")},
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
async def test_a_forged_or_foreign_token_is_not_believed(token: str) -> None:
    assert await refusal(Acme(token)) is ANSWER_REFUSED


async def test_a_token_for_several_counts_where_it_was_given_to_us() -> None:
    assert await refusal(Acme(signed(claims(aud=["ordertrail", "other"], azp="ordertrail")))) is None


@pytest.mark.parametrize("iss", ["https://other.example", f"{ISSUER}/"])
async def test_an_answer_that_names_another_issuer_is_refused_before_its_code_is_sent_anywhere(iss: str) -> None:
    acme = Acme()
    assert await refusal(acme, replace(ANSWER, iss=iss)) is ANSWER_REFUSED
    assert "/token" not in {request.url.path for request in acme.asked}


@pytest.mark.parametrize(("promised", "expected"), [(True, ANSWER_REFUSED), (False, None)])
async def test_an_answer_without_issuer_counts_only_of_a_provider_that_does_not_promise_it(
    *, promised: bool, expected: ProblemKind | None
) -> None:
    acme = Acme()
    acme.document["authorization_response_iss_parameter_supported"] = promised
    assert await refusal(acme, replace(ANSWER, iss="")) is expected


@pytest.mark.parametrize("answer", [replace(ANSWER, error="access_denied"), replace(ANSWER, code="")])
async def test_a_refusal_of_the_provider_is_told_as_one(answer: ProviderAnswer) -> None:
    assert await refusal(Acme(), answer) is PROVIDER_REFUSED


async def no_connection() -> httpx.Response:
    raise httpx.ConnectError("away")


async def never() -> httpx.Response:
    await asyncio.Event().wait()
    raise AssertionError


def giving(answer: httpx.Response) -> Callable[[], Awaitable[httpx.Response]]:
    async def given() -> httpx.Response:
        return answer

    return given


OUTAGES = {
    "no connection": no_connection,
    "slow": never,
    "a fault": giving(httpx.Response(503)),
    "too large": giving(httpx.Response(200, content=b"x" * (fetching.LARGEST_ANSWER + 1))),
    "no JSON": giving(httpx.Response(200, text="<html>")),
    "led elsewhere": giving(httpx.Response(302, headers={"Location": "https://evil.example/"})),
}


@pytest.mark.parametrize("path", [DISCOVERY_PATH, "/keys", "/token"])
@pytest.mark.parametrize("outage", OUTAGES.values(), ids=OUTAGES)
async def test_a_provider_that_is_away_or_slow_is_waited_for_no_longer_than_we_said(
    outage: Callable[[], Awaitable[httpx.Response]], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "FETCH_S", 0.05 if outage is never else fetching.FETCH_S)
    acme = Acme(instead={path: outage})
    assert await refusal(acme) is PROVIDER_AWAY
    assert not [request for request in acme.asked if request.url.host != "login.example"]


async def test_a_provider_that_is_away_is_not_asked_again_by_everybody_who_comes() -> None:
    acme = Acme(instead={DISCOVERY_PATH: no_connection})
    known = acme.known()
    for _ in range(5):
        with pytest.raises(Problem) as refused:
            await known.address("s", PROOFS)
        assert (refused.value.kind.status, refused.value.headers) == (503, {"Retry-After": "5"})
    assert len(acme.asked) == 1


async def test_a_code_that_the_provider_does_not_take_is_worth_nothing() -> None:
    acme = Acme(instead={"/token": giving(httpx.Response(400, json={"error": "invalid_grant"}))})
    assert await refusal(acme) is ANSWER_REFUSED
    assert await refusal(Acme(instead={"/token": giving(httpx.Response(200, json={"id_token": 7}))})) is ANSWER_REFUSED


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://login.example/token"},
        {"authorization_endpoint": "http://login.example/auth"},
        {"jwks_uri": "file:///keys"},
        {"jwks_uri": None},
    ],
)
async def test_a_discovery_document_of_another_or_that_leads_past_https_is_not_used(other: dict[str, object]) -> None:
    acme = Acme()
    acme.document |= other
    assert await refusal(acme) is PROVIDER_AWAY
    assert [request.url.path for request in acme.asked] == [DISCOVERY_PATH]


async def test_a_new_key_is_asked_for_at_once_and_for_unknown_ones_only_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acme = Acme()
    known = acme.known()
    await known.claims(ANSWER, PROOFS)
    acme.keys, acme.token = published(new=NEW_KEY), signed(claims(), NEW_KEY, "new")
    with pytest.raises(Problem):
        await known.claims(ANSWER, PROOFS)
    monkeypatch.setattr(provider, "PAUSE_S", 0.0)
    assert (await known.claims(ANSWER, PROOFS))["sub"] == "7"
    acme.token = signed(claims())
    with pytest.raises(Problem):
        await known.claims(ANSWER, PROOFS)


@pytest.mark.parametrize("issuer", ["http://login.example", "ftp://127.0.0.1", "login.example", "", "http://[::1"])
def test_only_https_and_this_machine_are_asked(issuer: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Acme().known(replace(TERMS, issuer=issuer))


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:3000", "http://[::1]:3000", "http://localhost"])
def test_a_provider_on_this_machine_needs_no_certificate(issuer: str) -> None:
    assert Acme().known(replace(TERMS, issuer=issuer)).terms.issuer == issuer


def test_the_secret_is_not_told_by_accident() -> None:
    assert TERMS.secret not in repr(TERMS)


ROLES = replace(TERMS, roles={"Sales": Role.SALES, "Vertrieb": Role.SALES, "Money": Role.FINANCE})


@pytest.mark.parametrize(
    ("said", "roles"),
    [
        ("Sales", (Role.SALES,)),
        (["Money", "Vertrieb", "Sales", "Coffee", 7], (Role.FINANCE, Role.SALES)),
        ([], ()),
    ],
)
def test_values_that_are_agreed_on_are_roles_and_others_are_none(said: object, roles: tuple[Role, ...]) -> None:
    assert ROLES.roles_in({"roles": said}) == roles


@pytest.mark.parametrize("claims", [{"groups": ["Sales"]}, {"roles": None}, {"roles": {"Sales": 1}}, {"roles": True}])
def test_a_token_that_says_nothing_that_can_be_read_of_roles_is_no_word_against_any(claims: dict[str, object]) -> None:
    with pytest.raises(Problem) as refused:
        ROLES.roles_in(claims)
    assert refused.value.kind is ROLES_MISSING
