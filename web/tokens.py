"""Who is calling: tokens (JWT) of programs.

Decides: which tokens are believed, and who a token says its bearer is. What a role may do is decided in
domain/access.py. Must not know: commands, storage, the log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from domain.roles import Role
from domain.texts import is_blank
from web.clock import now
from web.problems import NOT_SIGNED_IN, UNKNOWN_ROLE, Problem

ALGORITHMS: Final = frozenset({"EdDSA", "ES256", "RS256"})
AUDIENCE: Final = "ordertrail"
LEEWAY: Final = timedelta(seconds=60)
MOST_REMEMBERED: Final = 10_000
LATEST_EXPIRY: Final = datetime(9999, 1, 1, tzinfo=UTC)
LONGEST_TOKEN: Final = 8_192
LONGEST_ACTOR: Final = 100
LONGEST_CARRIER: Final = 200
NO_KEYS: Final = '{"keys": []}'
"""A key set that nothing is signed with."""
REQUIRED_CLAIMS: Final = ("iss", "aud", "exp", "iat", "sub", "role", "company")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, as what, for which company; `training` callers reach training companies only."""

    actor: str
    role: Role
    company: str
    training: bool = False
    carrier: str | None = None
    """The carrier that a caller with the role `carrier` works for."""
    until: datetime | None = field(default=None, compare=False)
    """When the token that names the caller is believed no longer; None where no token does."""
    name: str = field(default="", compare=False)
    """What a person of the register is called; empty for programs and for whoever acts under a name alone."""
    roles: tuple[Role, ...] = field(default=(), compare=False)
    """All that a person of the register works as today; by a badge, all that it is good for."""
    by_badge: bool = field(default=False, compare=False)
    """Whether a badge was scanned, and nothing else is known of who it is but a PIN."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which tokens are believed. `keys` is a JSON Web Key Set (RFC 7517), ours or the company's identity provider's."""

    keys: str
    issuer: str
    company: str
    training: bool = False
    audience: str = AUDIENCE


def ensure_key(path: Path) -> Ed25519PrivateKey:
    """The private key in `path` (PEM), made with mode 0600 where there is none; ValueError if it is of another kind."""
    if not path.exists():
        _write_new_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path.name} holds no Ed25519 private key")  # noqa: TRY004 - the value in the file is wrong, not a type in the program
    return key


def _write_new_key(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_bytes(pem)
    try:
        # A link instead of a rename: of two processes that start together, the first one's key stays.
        path.hardlink_to(beside)
    except FileExistsError:
        return
    finally:
        beside.unlink()


def key_set(key: Ed25519PrivateKey) -> str:
    """The JSON Web Key Set with the public half of our own key, for `Rules.keys`."""
    public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return json.dumps({"keys": [{**public, "kid": _thumbprint(public), "alg": "EdDSA", "use": "sig"}]})


def _thumbprint(public: Mapping[str, Any]) -> str:
    """RFC 7638: SHA-256 over the required members in lexical order."""
    canonical = json.dumps({name: public[name] for name in ("crv", "kty", "x")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def issue_token(
    key: Ed25519PrivateKey, caller: Caller, *, issuer: str, lifetime: timedelta, audience: str = AUDIENCE
) -> str:
    """A token for `caller`, signed with our own key."""
    issued = now()
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": issued,
        "exp": issued + lifetime,
        "sub": caller.actor,
        "role": caller.role.value,
        "company": caller.company,
        "training": caller.training,
        **({"carrier": caller.carrier} if caller.carrier else {}),
    }
    kid = _thumbprint(OKPAlgorithm.to_jwk(key.public_key(), as_dict=True))
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid})


def form_secret(key: Ed25519PrivateKey) -> bytes:
    """Secret of the forms' tokens; the same in every process that has the key."""
    raw = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    return hmac.digest(raw, b"ordertrail forms", "sha256")


def form_token(secret: bytes, session: str) -> str:
    """What a form must carry in addition to the cookie `session`."""
    return base64.urlsafe_b64encode(hmac.digest(secret, session.encode(), "sha256")).rstrip(b"=").decode()


class UnknownKey(Problem):
    """The token was signed with a key that is not known here."""

    def __init__(self) -> None:
        refused = unauthorised("the token was signed with a key that is not known here")
        super().__init__(refused.kind, refused.detail, headers=refused.headers)


class Tokens:
    """Accepts or refuses tokens. A verified one is remembered until it expires, because verifying a signature is slow.

    Several issuers may be accepted, e.g. the company's identity provider and, for sign-in links, ourselves.
    """

    def __init__(self, *rules: Rules, clock: Callable[[], datetime] = now) -> None:
        self._rules = {rule.issuer: (rule, usable_keys(rule.keys)) for rule in rules}
        self._clock = clock
        self._known: dict[str, tuple[datetime, Caller]] = {}

    def caller(self, token: str) -> Caller:
        """The caller that `token` names; `Problem` 401 if it is not valid, 403 if its role does not exist here."""
        known = self._known.get(token)
        if known is not None and self._clock() < known[0]:
            return known[1]
        rules, claims = self._verified(token)
        until = _end_of(claims)
        caller = replace(_named(rules, claims), until=until)
        if len(self._known) >= MOST_REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[token] = (until, caller)
        return caller

    def replace_keys(self, rules: Rules) -> None:
        """Believe the tokens of this issuer by these keys from now on; whom withdrawn keys named is forgotten."""
        self._rules[rules.issuer] = (rules, usable_keys(rules.keys))
        self._known.clear()

    def _verified(self, token: str) -> tuple[Rules, Mapping[str, Any]]:
        if len(token) > LONGEST_TOKEN:
            raise unauthorised("the token is too long")
        try:
            rules, keys = self._issuer_of(token)
            key = key_of(token, keys)
            return rules, jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=rules.audience,
                issuer=rules.issuer,
                leeway=LEEWAY,
                options={"require": list(REQUIRED_CLAIMS)},
            )
        except jwt.ExpiredSignatureError:
            raise unauthorised("the token has expired") from None
        except jwt.InvalidKeyError:
            raise UnknownKey from None
        except (jwt.PyJWTError, ValueError, OverflowError) as error:
            raise unauthorised(_plain(error)) from None

    def _issuer_of(self, token: str) -> tuple[Rules, Sequence[jwt.PyJWK]]:
        """What the token itself says; only which keys are tried depends on it."""
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        if issuer is None:
            raise jwt.MissingRequiredClaimError("iss")
        if not isinstance(issuer, str) or issuer not in self._rules:
            raise jwt.InvalidIssuerError
        return self._rules[issuer]


def usable_keys(keys: str) -> Sequence[jwt.PyJWK]:
    """Those of a key set by which we believe anybody; `jwt.PyJWTError` or ValueError where it is none."""
    if keys == NO_KEYS:
        return []
    return [key for key in jwt.PyJWKSet.from_json(keys).keys if key.algorithm_name in ALGORITHMS]


def key_of(token: str, keys: Sequence[jwt.PyJWK]) -> jwt.PyJWK:
    """By which the token says it is signed; `jwt.InvalidKeyError` where that is none of these."""
    header = jwt.get_unverified_header(token)
    if str(header.get("alg")) not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    kid = header.get("kid")
    for key in keys:
        if key.key_id == kid or (kid is None and len(keys) == 1):
            return key
    raise jwt.InvalidKeyError


def _named(rules: Rules, claims: Mapping[str, Any]) -> Caller:
    actor, training = claims["sub"], claims.get("training", False)
    if claims["company"] != rules.company or training is not rules.training:
        raise unauthorised("the token is for another company")
    if not is_name(actor):
        raise unauthorised("the token names nobody")
    return Caller(actor, _role(claims["role"]), rules.company, rules.training, _carrier(claims.get("carrier")))


def _end_of(claims: Mapping[str, Any]) -> datetime:
    """When the token is believed no longer; the claim may be larger than any date."""
    return datetime.fromtimestamp(min(float(claims["exp"]) + LEEWAY.total_seconds(), LATEST_EXPIRY.timestamp()), UTC)


def is_name(actor: str) -> bool:
    """Whether a person or program may be called so: `workflow` is the name that our own rules act under."""
    return 0 < len(actor) <= LONGEST_ACTOR and actor.isprintable() and not is_blank(actor) and actor != Role.WORKFLOW


def _carrier(name: object) -> str | None:
    if name is not None and not (isinstance(name, str) and 0 < len(name) <= LONGEST_CARRIER):
        raise unauthorised("the token's carrier is none")
    return name


def _role(word: object) -> Role:
    if not isinstance(word, str) or word not in {role.value for role in Role if role is not Role.WORKFLOW}:
        raise Problem(UNKNOWN_ROLE, f"no role is called {str(word)[:40]!r}")
    return Role(word)


def _plain(error: Exception) -> str:
    """Why a token was refused, for the log of a program's author; never the token or one of its values."""
    sentences: dict[type[Exception], str] = {
        jwt.InvalidAudienceError: "the token is for another audience",
        jwt.InvalidIssuerError: "the token is from another issuer",
        jwt.ImmatureSignatureError: "the token is not valid yet",
        jwt.InvalidSignatureError: "the signature is wrong",
        jwt.InvalidAlgorithmError: "the token's algorithm is not allowed",
    }
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"the claim {error.claim} is missing"
    return sentences.get(type(error), "the token cannot be read")


def unauthorised(detail: str = "") -> Problem:
    """401 with the challenge that RFC 6750 asks for."""
    challenge = 'Bearer realm="ordertrail"' + (
        f', error="invalid_token", error_description="{detail}"' if detail else ""
    )
    return Problem(NOT_SIGNED_IN, detail, headers={"WWW-Authenticate": challenge})
