"""The company's identity provider as people sign in there: OpenID Connect, authorization code flow with PKCE.

Decides: which of its answers are believed. Endpoints and keys come from its discovery document; an ID token counts that
is signed by such a key, and made for us, now, and for the sign-in that it answers. Must not know: who may sign in here,
cookies, where sign-ins that were begun are kept.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import jwt
import orjson
from pydantic import BaseModel, ValidationError

from domain.roles import Role
from web.fetching import fetched, is_guarded
from web.problems import Problem, ProblemKind
from web.tokens import LEEWAY, key_of, usable_keys

logger = logging.getLogger(__name__)

DISCOVERED_S: Final = 600.0
PAUSE_S: Final = 5.0
"""After a failure the provider is not asked again for so long; unknown keys are asked for at most so often."""
DISCOVERY_PATH: Final = "/.well-known/openid-configuration"
ID_TOKEN_CLAIMS: Final = ("iss", "aud", "exp", "iat", "sub", "nonce")

PROVIDER_AWAY: Final = ProblemKind(
    "identity-provider-away", 503, "The identity provider does not answer. Try again in a moment."
)
PROVIDER_REFUSED: Final = ProblemKind("identity-provider-refused", 403, "The identity provider did not let you in.")
ANSWER_REFUSED: Final = ProblemKind(
    "identity-provider-not-believed", 403, "What the identity provider answered cannot be believed. Begin again."
)
ROLES_MISSING: Final = ProblemKind(
    "identity-provider-without-roles", 403, "The identity provider does not say what you work as here."
)
PROVIDER_PROBLEMS: Final = (PROVIDER_AWAY, PROVIDER_REFUSED, ANSWER_REFUSED, ROLES_MISSING)


@dataclass(frozen=True, slots=True)
class ProviderTerms:
    """What the company and its provider have agreed on."""

    name: str
    """What people call it."""
    issuer: str
    client_id: str
    redirect: str
    """Where it sends people back to."""
    secret: str = field(default="", repr=False)
    """Empty for a public client."""
    scope: str = "openid profile email"
    claim: str = "roles"
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Which of our roles each value of the claim is; where none is named, roles are called as here."""

    def roles_in(self, claims: Mapping[str, Any]) -> tuple[Role, ...]:
        """Ours among those that it gives; `Problem` 403 where it says nothing of roles, or nothing that can be read."""
        said = claims.get(self.claim)
        words = [said] if isinstance(said, str) else said
        if not isinstance(words, list):
            raise Problem(ROLES_MISSING)
        return tuple(dict.fromkeys(self.roles[word] for word in words if isinstance(word, str) and word in self.roles))


class ProviderEndpoints(BaseModel):
    """What the discovery document says (OpenID Connect Discovery 1.0, 3), as far as it matters here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: Sequence[str] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True, slots=True)
class Published:
    """What the provider has published, and until when that is good."""

    endpoints: ProviderEndpoints
    keys: Sequence[jwt.PyJWK]
    until: float


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What a browser brings back from the provider; empty where it is missing."""

    code: str = ""
    error: str = ""
    iss: str = ""


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is known only here until the provider answers."""

    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """RFC 7636, 4.2."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Provider:
    """Speaks with the provider; `client` is closed by whoever made it."""

    def __init__(self, terms: ProviderTerms, client: httpx.AsyncClient) -> None:
        if not is_guarded(terms.issuer):
            raise ValueError("whoever can change what the provider says can be anybody: it is asked by https")
        self.terms = terms
        self._client = client
        self._published: Published | None = None
        self._failed_at = float("-inf")
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def address(self, state: str, proofs: Proofs) -> str:
        """Where a browser is sent to sign in; `Problem` 503 while the provider is away."""
        endpoint = (await self._known()).endpoints.authorization_endpoint
        asked = {
            "response_type": "code",
            "client_id": self.terms.client_id,
            "redirect_uri": self.terms.redirect,
            "scope": self.terms.scope,
            "state": state,
            "nonce": proofs.nonce,
            "code_challenge": proofs.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    async def claims(self, answer: ProviderAnswer, proofs: Proofs) -> Mapping[str, Any]:
        """What the ID token says that the answer is good for; `Problem` 403 where it is good for none, 503 while the
        provider is away.
        """
        endpoints = (await self._known()).endpoints
        # RFC 9207: an answer of another provider, which our browser was led to, says so here.
        named = answer.iss or endpoints.authorization_response_iss_parameter_supported
        if named and answer.iss != self.terms.issuer:
            raise Problem(ANSWER_REFUSED)
        if answer.error or not answer.code:
            raise Problem(PROVIDER_REFUSED)
        return await self._verified(await self._exchanged(endpoints, answer.code, proofs.verifier), proofs.nonce)

    async def _exchanged(self, endpoints: ProviderEndpoints, code: str, verifier: str) -> str:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.terms.redirect,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        ident, secret = self.terms.client_id, self.terms.secret
        if secret and "client_secret_basic" in endpoints.token_endpoint_auth_methods_supported:
            known = f"{quote_plus(ident)}:{quote_plus(secret)}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(known.encode()).decode()}"
        else:
            body |= {"client_id": ident} | ({"client_secret": secret} if secret else {})
        request = self._client.build_request("POST", endpoints.token_endpoint, data=body, headers=headers)
        try:
            told = orjson.loads(await fetched(self._client, request))
        except httpx.HTTPStatusError as refused:
            if not refused.response.is_client_error:
                raise _away(refused) from None
            logger.warning("the identity provider takes no code of ours: %s", refused.response.status_code)
            raise Problem(ANSWER_REFUSED) from None
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise _away(error) from None
        token = told.get("id_token") if isinstance(told, dict) else None
        if not isinstance(token, str):
            raise Problem(ANSWER_REFUSED)
        return token

    async def _verified(self, token: str, nonce: str) -> Mapping[str, Any]:
        try:
            claims = self._decoded(token, await self._key_of(token))
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            logger.warning("the identity provider's ID token is not believed: %s", type(error).__name__)
            raise Problem(ANSWER_REFUSED) from None
        ours = hmac.compare_digest(str(claims["nonce"]).encode(errors="replace"), nonce.encode())
        # OpenID Connect Core 1.0, 3.1.3.7: of a token for several, it is said to whom it was given.
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        party = claims.get("azp", None if several else self.terms.client_id)
        if not ours or party != self.terms.client_id:
            raise Problem(ANSWER_REFUSED)
        return claims

    def _decoded(self, token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self.terms.client_id,
            issuer=self.terms.issuer,
            leeway=LEEWAY,
            options={"require": list(ID_TOKEN_CLAIMS)},
        )
        return claims

    async def _key_of(self, token: str) -> jwt.PyJWK:
        """The key may be newer than those that we know."""
        try:
            return key_of(token, (await self._known()).keys)
        except jwt.InvalidKeyError:
            return key_of(token, (await self._known(anew=True)).keys)

    async def _known(self, *, anew: bool = False) -> Published:
        """What is published, ten minutes old at most; `Problem` 503 while the provider is away."""
        async with self._asking:
            at = asyncio.get_running_loop().time()
            known = self._published
            if known is not None and at < known.until and not (anew and at - self._asked_at >= PAUSE_S):
                return known
            if at - self._failed_at < PAUSE_S:
                raise _away(None)
            self._asked_at = at
            try:
                self._published = await self._read(at + DISCOVERED_S)
            except (httpx.HTTPError, TimeoutError, ValueError, jwt.PyJWTError) as error:
                self._failed_at = asyncio.get_running_loop().time()
                raise _away(error) from None
            return self._published

    async def _read(self, until: float) -> Published:
        get = self._client.build_request
        document = await fetched(self._client, get("GET", self.terms.issuer.rstrip("/") + DISCOVERY_PATH))
        try:
            endpoints = ProviderEndpoints.model_validate_json(document)
        except ValidationError:
            raise ValueError("the discovery document is none") from None
        addresses = (endpoints.authorization_endpoint, endpoints.token_endpoint, endpoints.jwks_uri)
        if endpoints.issuer != self.terms.issuer or not all(map(is_guarded, addresses)):
            raise ValueError("the discovery document is another provider's, or leads where nobody is safe")
        keys = await fetched(self._client, get("GET", endpoints.jwks_uri))
        return Published(endpoints, usable_keys(keys.decode()), until)


def _away(error: Exception | None) -> Problem:
    if error is not None:
        logger.warning("the identity provider cannot be asked: %s", type(error).__name__)
    return Problem(PROVIDER_AWAY, headers={"Retry-After": str(int(PAUSE_S))})
