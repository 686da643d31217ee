"""Which tokens are believed, and what is answered to the others."""

import base64
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm

from domain.roles import Role
from tests.web.conftest import COMPANY, ISSUER, MakeToken
from web.problems import Problem
from web.sessions import MemorySessions, Person
from web.tokens import AUDIENCE, Caller, Rules, Tokens, ensure_key, issue_token, key_set


def claims(**other: object) -> dict[str, Any]:
    now = datetime.now(UTC)
    usual = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "sub": "ada",
        "role": "sales",
        "company": COMPANY,
    }
    return {name: value for name, value in (usual | other).items() if value is not None}


def signed(key: Ed25519PrivateKey, **other: object) -> str:
    kid = json.loads(key_set(key))["keys"][0]["kid"]
    return jwt.encode(claims(**other), key, algorithm="EdDSA", headers={"kid": kid})


def test_a_token_of_ours_names_its_bearer(rules: Rules, token: MakeToken) -> None:
    assert Tokens(rules).caller(token("grace", Role.WAREHOUSE)) == Caller("grace", Role.WAREHOUSE, COMPANY)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, "expired"),
        ({"exp": None}, "exp is missing"),
        ({"iat": None}, "iat is missing"),
        ({"iat": datetime(2200, 1, 1, tzinfo=UTC)}, "not valid yet"),
        ({"iss": "https://evil.invalid/"}, "another issuer"),
        ({"iss": None}, "iss is missing"),
        ({"aud": "somebody-else"}, "another audience"),
        ({"aud": None}, "aud is missing"),
        ({"company": "other"}, "another company"),
        ({"company": None}, "company is missing"),
        ({"training": True}, "another company"),
        ({"training": 0}, "another company"),
        ({"sub": ""}, "names nobody"),
        ({"sub": "a" * 101}, "names nobody"),
        ({"sub": "a\nb"}, "names nobody"),
        ({"sub": " "}, "names nobody"),
        ({"sub": "\u3164"}, "names nobody"),
        ({"sub": "workflow"}, "names nobody"),
        ({"sub": 7}, "cannot be read"),
        ({"exp": "soon"}, "cannot be read"),
    ],
)
def test_a_token_with_a_wrong_claim_is_not_believed(
    rules: Rules, key: Ed25519PrivateKey, other: dict[str, object], reason: str
) -> None:
    with pytest.raises(Problem) as refused:
        Tokens(rules).caller(signed(key, **other))
    assert refused.value.kind.status == 401
    assert reason in refused.value.detail


@pytest.mark.parametrize("role", ["emperor", "workflow", "", 7, None, ["sales"]])
def test_a_role_that_no_token_may_carry_is_forbidden(rules: Rules, key: Ed25519PrivateKey, role: object) -> None:
    with pytest.raises(Problem) as refused:
        Tokens(rules).caller(signed(key, role=role))
    assert refused.value.kind.status == (401 if role is None else 403)


def test_a_token_within_the_leeway_is_still_good(rules: Rules, token: MakeToken) -> None:
    assert Tokens(rules).caller(token(seconds=-30)).actor == "ada"


def test_a_token_of_a_foreign_key_is_not_believed(rules: Rules) -> None:
    foreign = issue_token(
        Ed25519PrivateKey.generate(), Caller("ada", Role.SALES, COMPANY), issuer=ISSUER, lifetime=timedelta(minutes=5)
    )
    with pytest.raises(Problem, match="not known here"):
        Tokens(rules).caller(foreign)


def test_a_foreign_key_that_claims_our_key_id_is_not_believed(rules: Rules) -> None:
    kid = json.loads(rules.keys)["keys"][0]["kid"]
    forged = jwt.encode(claims(), Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": kid})
    with pytest.raises(Problem, match="signature is wrong"):
        Tokens(rules).caller(forged)


def test_an_unsigned_token_is_not_believed(rules: Rules) -> None:
    with pytest.raises(Problem, match="algorithm is not allowed"):
        Tokens(rules).caller(jwt.encode(claims(), "", algorithm="none"))


@pytest.mark.parametrize("algorithm", [[], {}, 5, None])
def test_a_token_whose_algorithm_is_no_word_is_not_believed(rules: Rules, algorithm: object) -> None:
    _, payload, signature = jwt.encode(claims(), "", algorithm="none").split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": algorithm}).encode()).rstrip(b"=").decode()
    with pytest.raises(Problem, match="algorithm is not allowed"):
        Tokens(rules).caller(f"{header}.{payload}.{signature}")


def test_our_public_key_used_as_a_password_is_not_believed(rules: Rules, key: Ed25519PrivateKey) -> None:
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    with pytest.raises(Problem, match="algorithm is not allowed"):
        Tokens(rules).caller(jwt.encode(claims(), public, algorithm="HS256"))


@pytest.mark.parametrize("text", ["", ".", "a.b.c", "💥", "x" * 10_000, "eyJhbGciOiJFZERTQSJ9..", "\x00"])
def test_what_is_no_token_is_not_believed(rules: Rules, text: str) -> None:
    with pytest.raises(Problem) as refused:
        Tokens(rules).caller(text)
    assert refused.value.kind.status == 401


def test_a_companys_own_identity_provider_can_sign() -> None:
    theirs = ec.generate_private_key(ec.SECP256R1())
    keys = json.dumps({"keys": [{**ECAlgorithm.to_jwk(theirs.public_key(), as_dict=True), "kid": "2026"}]})
    token = jwt.encode(claims(), theirs, algorithm="ES256", headers={"kid": "2026"})
    assert Tokens(Rules(keys, ISSUER, COMPANY)).caller(token).actor == "ada"


def test_of_two_issuers_each_signs_with_its_own_key_only(rules: Rules, key: Ed25519PrivateKey) -> None:
    theirs = Ed25519PrivateKey.generate()
    tokens = Tokens(rules, Rules(key_set(theirs), "https://provider.invalid/", COMPANY))
    assert tokens.caller(signed(key)).actor == "ada"
    assert tokens.caller(signed(theirs, iss="https://provider.invalid/")).actor == "ada"
    for forged in (signed(theirs), signed(key, iss="https://provider.invalid/")):
        with pytest.raises(Problem, match="not known here"):
            tokens.caller(forged)


def test_a_key_only_signs_with_its_own_algorithm(rules: Rules) -> None:
    kid = json.loads(rules.keys)["keys"][0]["kid"]
    theirs = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with pytest.raises(Problem, match="algorithm is not allowed"):
        Tokens(rules).caller(jwt.encode(claims(), theirs, algorithm="RS256", headers={"kid": kid}))


def test_a_remembered_token_is_forgotten_when_it_expires(rules: Rules, token: MakeToken) -> None:
    clock = [datetime.now(UTC)]
    tokens = Tokens(rules, clock=lambda: clock[0])
    text = token(seconds=-50)
    assert tokens.caller(text).actor == "ada"
    tampered = tokens._known[text]
    tokens._known[text] = (tampered[0], Caller("remembered", Role.SALES, COMPANY))
    assert tokens.caller(text).actor == "remembered"
    clock[0] += timedelta(seconds=30)
    assert tokens.caller(text).actor == "ada"


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key.pem"
    first = ensure_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_set(ensure_key(path)) == key_set(first)
    assert [file.name for file in path.parent.iterdir()] == ["key.pem"]


def test_a_file_with_another_kind_of_key_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(ValueError, match=r"key\.pem holds no Ed25519 private key"):
        ensure_key(path)


async def test_a_request_without_a_token_is_challenged(client: httpx.AsyncClient) -> None:
    answer = await client.get("/me")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="ordertrail"'
    assert answer.json()["code"] == "not-signed-in"


async def test_a_refused_token_is_challenged_with_the_reason(client: httpx.AsyncClient, token: MakeToken) -> None:
    answer = await client.get("/me", headers={"Authorization": f"Bearer {token(seconds=-100)}"})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.json()["detail"] == "the token has expired"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "token"])
async def test_another_kind_of_authorization_is_not_taken(client: httpx.AsyncClient, header: str) -> None:
    assert (await client.get("/me", headers={"Authorization": header})).status_code == 401


async def cookie_of(sessions: MemorySessions, actor: str = "ada") -> dict[str, str]:
    return {"Cookie": f"ordertrail={await sessions.begin(Person(actor, Role.SALES))}"}


async def test_a_page_is_read_with_the_cookie(client: httpx.AsyncClient, sessions: MemorySessions) -> None:
    answer = await client.get("/me", headers=await cookie_of(sessions))
    assert answer.json()["actor"] == "ada"


async def test_a_post_with_the_cookie_needs_the_forms_token(
    client: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    cookie = await cookie_of(sessions)
    csrf = (await client.get("/me", headers=cookie)).json()["csrf"]
    refused = await client.post("/me", headers=cookie)
    assert (refused.status_code, refused.json()["code"]) == (403, "forged-form")
    assert (await client.post("/me", headers=cookie, data={"csrf": "é"})).status_code == 403
    assert (await client.post("/me", headers={**cookie, "X-CSRF-Token": csrf})).status_code == 200
    assert (await client.post("/me", headers=cookie, data={"csrf": csrf})).status_code == 200


async def test_a_forms_token_is_good_for_its_own_session_only(
    client: httpx.AsyncClient, sessions: MemorySessions
) -> None:
    csrf = (await client.get("/me", headers=await cookie_of(sessions, "eve"))).json()["csrf"]
    answer = await client.post("/me", headers={**await cookie_of(sessions), "X-CSRF-Token": csrf})
    assert answer.status_code == 403


async def test_a_bearer_needs_no_forms_token(client: httpx.AsyncClient, token: MakeToken) -> None:
    assert (await client.post("/me", headers={"Authorization": f"bearer {token()}"})).status_code == 200
