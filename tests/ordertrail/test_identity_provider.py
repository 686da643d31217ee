"""An identity provider's keys: new ones work at once, withdrawn ones end, and only https is asked."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.roles import Role
from ordertrail import identity_provider
from ordertrail.applications import identified
from ordertrail.identity_provider import IdentityProvider
from ordertrail.issuer import Issuer
from ordertrail.manifest import Manifest
from ordertrail.settings import LogKind, Settings, SettingsError, from_environment
from tests.timing import DEADLINE_S
from web.caller_dependency import Identity
from web.fetching import LARGEST_ANSWER
from web.problems import Problem
from web.sessions import MemorySessions
from web.tokens import NO_KEYS, Caller, Rules, Tokens, UnknownKey, issue_token, key_set

URL = "https://provider.invalid/keys"
ISSUER = "https://provider.invalid/"
RULES = Rules(NO_KEYS, ISSUER, "test")
OLD, NEW = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


class Provider:
    """What is published, and how often it was asked."""

    def __init__(self, *keys: Ed25519PrivateKey) -> None:
        self.asked = 0
        self.answer = httpx.Response(200)
        self.publish(*keys)

    def publish(self, *keys: Ed25519PrivateKey) -> None:
        published = [key for one in keys for key in json.loads(key_set(one))["keys"]]
        self.answer = httpx.Response(200, json={"keys": published})

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == URL
        self.asked += 1
        return self.answer


def token(key: Ed25519PrivateKey) -> str:
    return issue_token(key, Caller("ada", Role.SALES, "test"), issuer=ISSUER, lifetime=timedelta(minutes=5))


def kept_by(provider: Provider) -> tuple[IdentityProvider, Tokens, Identity]:
    keys, tokens = IdentityProvider(URL, RULES, httpx.MockTransport(provider)), Tokens(RULES)
    return keys, tokens, Identity(tokens, b"", refresh_keys=lambda: keys.refresh(tokens))


async def test_a_key_that_is_not_known_yet_is_asked_for() -> None:
    provider = Provider(OLD)
    _, _, identity = kept_by(provider)
    assert (await identity.bearer(token(OLD))).actor == "ada"
    assert provider.asked == 1


async def test_with_an_identity_provider_our_own_forms_are_believed_and_our_own_tokens_are_not(tmp_path: Path) -> None:
    given = {"data": tmp_path, "token_issuer": ISSUER, "token_key_set": "https://127.0.0.1:1/keys"}
    manifest = Manifest(log=LogKind.EMBEDDED, company="test", training=True, number_prefix="DEMO", partitions=1)
    issuer, ada = Issuer(Settings.model_validate(given), manifest), Caller("ada", Role.SALES, "test", training=True)
    async with identified(issuer, manifest, MemorySessions()) as identity:
        assert await identity.bearer(issuer.form_token(ada)) == ada
        with pytest.raises(Problem, match="another issuer"):
            await identity.bearer(issuer.token(ada, timedelta(minutes=5)))


async def test_tokens_of_unknown_keys_ask_the_provider_once_in_a_while_only() -> None:
    provider = Provider(OLD)
    _, _, identity = kept_by(provider)
    for _ in range(5):
        with pytest.raises(UnknownKey):
            await identity.bearer(token(NEW))
    assert provider.asked == 1


async def test_a_withdrawn_key_ends_even_for_tokens_that_were_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_provider, "PAUSE_S", 0.0)
    provider = Provider(OLD)
    keys, tokens, identity = kept_by(provider)
    assert (await identity.bearer(token(OLD))).actor == "ada"
    provider.publish(NEW)
    await keys.refresh(tokens)
    with pytest.raises(Problem):
        await identity.bearer(token(OLD))
    assert (await identity.bearer(token(NEW))).actor == "ada"


async def test_the_keys_are_asked_for_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity_provider, "PAUSE_S", 0.0)
    monkeypatch.setattr(identity_provider, "REFRESH_S", 0.0)
    provider = Provider(OLD)
    keys, tokens, _ = kept_by(provider)
    keeping = asyncio.create_task(keys.keep(tokens))
    async with asyncio.timeout(DEADLINE_S):
        while provider.asked < 3:  # noqa: ASYNC110 - nobody is told of it
            await asyncio.sleep(0)
    keeping.cancel()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"Location": "http://elsewhere.invalid/"}),
        httpx.Response(200, text="no json"),
        httpx.Response(200, json={"keys": []}),
        httpx.Response(200, content=b"x" * (LARGEST_ANSWER + 1)),
    ],
    ids=["error", "redirect", "no json", "empty", "too large"],
)
async def test_known_keys_stay_while_the_provider_is_unwell(
    answer: httpx.Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity_provider, "PAUSE_S", 0.0)
    provider = Provider(OLD)
    keys, tokens, identity = kept_by(provider)
    await keys.refresh(tokens)
    provider.answer = answer
    await keys.refresh(tokens)
    assert (await identity.bearer(token(OLD))).actor == "ada"


def test_keys_come_by_https_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="https"):
        IdentityProvider("http://provider.invalid/keys", RULES)
    monkeypatch.setenv("TOKEN_KEY_SET", "http://provider.invalid/keys")
    with pytest.raises(SettingsError, match="TOKEN_KEY_SET"):
        from_environment()
