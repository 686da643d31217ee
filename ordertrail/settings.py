"""Every setting of the product, read once from the environment. The only place that reads it.

Decides: names, defaults and bounds. Must not know: what is done with a value: `wiring.py` hands each to whoever needs
it. An empty variable counts as not given, as `make` and compose files pass them on.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.access import STAFF
from domain.contact_values import Phone
from domain.recorded import MOST_PARTITIONS
from domain.roles import Role
from domain.values import Text
from web.fetching import is_guarded

PARTITIONS: Final = 4
PRODUCTION_REPLICATION: Final = 3


class SettingsError(Exception):
    """A variable has an impossible value; the message is one sentence."""


class LogKind(StrEnum):
    """Where the log lies: in PostgreSQL or on Kafka."""

    EMBEDDED = "embedded"
    KAFKA = "kafka"


Where = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


PICTURES: Final = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
"""Media type by suffix of what browsers show as a picture."""
LARGEST_PICTURE: Final = 200_000


def _picture(path: Path) -> Path:
    if path.suffix.lower() not in PICTURES:
        raise ValueError(f"a file that ends in {', '.join(PICTURES)} is expected")
    if not path.is_file():
        raise ValueError("there is no such file")
    if path.stat().st_size > LARGEST_PICTURE:
        raise ValueError(f"the file has more than {LARGEST_PICTURE} bytes")
    return path


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


def _known_zone(name: str) -> str:
    try:
        _zone(name)
    except (OSError, ValueError, LookupError):
        raise ValueError("a time zone of the IANA database is expected, such as Asia/Shanghai") from None
    return name


def _guarded(issuer: str) -> str:
    if not is_guarded(issuer):
        raise ValueError("https:// is expected, or an address of this machine")
    return issuer


def _object(text: object) -> object:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        raise ValueError('an object in JSON is expected, such as {"Sales EU": "sales"}') from None


def _of_people(roles: dict[str, Role]) -> dict[str, Role]:
    if not set(roles.values()) <= STAFF:
        raise ValueError("roles of people are expected")
    return roles


class Settings(BaseSettings):
    """What an instance runs with. A program that talks to a running instance reads the same variables."""

    model_config = SettingsConfigDict(frozen=True, env_ignore_empty=True, case_sensitive=False, extra="ignore")

    host: str = "127.0.0.1"
    """HOST: the address to listen on."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    """PORT: both APIs and all pages."""
    data: Where = Path(".ordertrail").absolute()
    """DATA: everything this instance keeps on disk: manifest, token key, embedded servers."""
    log: LogKind = LogKind.EMBEDDED
    """LOG: `embedded` (in PostgreSQL) or `kafka`."""
    sample: bool = True
    """SAMPLE: whether a first run of a training company plays about 60 real invoices."""
    training: bool = True
    """TRAINING: whether a first run on empty data makes a training company; kept in the manifest and the claims."""
    company: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")] | None = None
    """COMPANY: id of a new company, part of every event's source; a random one where nothing is given."""
    company_name: Annotated[str, Field(min_length=1, max_length=60)] = "Ordertrail"
    """COMPANY_NAME: what pages call the company."""
    company_address: Text | None = None
    """COMPANY_ADDRESS: on one line, for customers and on papers."""
    company_phone: Phone | None = None
    """COMPANY_PHONE: where customers call."""
    company_email: Annotated[str, Field(max_length=200, pattern=r"^[^@\s<>]+@[^@\s<>]+$")] | None = None
    """COMPANY_EMAIL: where customers write."""
    company_hours: Text | None = None
    """COMPANY_HOURS: when somebody answers, such as `Mon-Fri 9-17`."""
    company_logo: Annotated[Where, AfterValidator(_picture)] | None = None
    """COMPANY_LOGO: file of a picture (.svg, .png, .jpg, .webp; at most 200 kB) that stands before the name."""
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """TIME_ZONE: the company's, by its name in the IANA database, such as `Asia/Shanghai`. Business dates, the year in
    order numbers, times on pages and in forms are of it; what was recorded keeps the dates that it was given."""
    number_prefix: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,7}$")] | None = None
    """NUMBER_PREFIX: of order numbers of a new company; `OT` where nothing is given, always `DEMO` for training."""
    partitions: Annotated[int, Field(ge=1, le=MOST_PARTITIONS)] = PARTITIONS
    """PARTITIONS: of a new log; fixed from then on."""
    kafka_bootstrap_servers: str | None = None
    """KAFKA_BOOTSTRAP_SERVERS: brokers to use; without them `LOG=kafka` starts one here."""
    kafka_replication: Annotated[int, Field(ge=1, le=9)] | None = None
    """KAFKA_REPLICATION: of a new topic; 1 for the broker started here, otherwise 3."""
    kafka_flush: bool = False
    """KAFKA_FLUSH: whether the broker writes every commit to the disk first; also starts one here that does so."""
    kafka_tls: bool = False
    """KAFKA_TLS: whether the brokers are reached by TLS; their certificates are checked."""
    kafka_ca_file: Where | None = None
    """KAFKA_CA_FILE: who has signed the brokers' certificates (PEM), where the system does not know; means TLS."""
    kafka_certificate_file: Where | None = None
    """KAFKA_CERTIFICATE_FILE: our own certificate and its key (PEM), for brokers that ask for one; means TLS."""
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """KAFKA_SASL_MECHANISM: how we sign in at the brokers."""
    kafka_username: str = ""
    """KAFKA_USERNAME: as whom."""
    kafka_password: SecretStr = SecretStr("")
    """KAFKA_PASSWORD: and by which password."""
    database_url: SecretStr | None = None
    """DATABASE_URL: PostgreSQL to use; without it one is started here."""
    database_owner_url: SecretStr | None = None
    """DATABASE_OWNER_URL: the same database for a role that may change tables: migrations run with it, and the role of
    DATABASE_URL may then only read the log and add to it."""
    token_issuer: str | None = None
    """TOKEN_ISSUER: whose tokens are accepted; without it this instance issues its own."""
    token_key_set: Annotated[str, Field(pattern="^https://")] | None = None
    """TOKEN_KEY_SET: https URL of that issuer's public keys (JWKS)."""
    provider_issuer: Annotated[str, Field(max_length=200), AfterValidator(_guarded)] | None = None
    """PROVIDER_ISSUER: the identity provider (OpenID Connect) at which people sign in, by its https address."""
    provider_name: Annotated[str, Field(min_length=1, max_length=60)] = "the company's account"
    """PROVIDER_NAME: what the button at the door calls it."""
    provider_client_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """PROVIDER_CLIENT_ID: as whom this instance is known there."""
    provider_client_secret: SecretStr = SecretStr("")
    """PROVIDER_CLIENT_SECRET: and by which secret; none for a public client."""
    provider_scope: Annotated[str, Field(pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$")] = "openid profile email"
    """PROVIDER_SCOPE: what is asked for there; perhaps one more for the claim of roles."""
    provider_roles_claim: Annotated[str, Field(min_length=1, max_length=200)] = "roles"
    """PROVIDER_ROLES_CLAIM: which claim of the ID token says what somebody works as."""
    provider_roles: Annotated[dict[str, Role], NoDecode, BeforeValidator(_object), AfterValidator(_of_people)] = {}
    """PROVIDER_ROLES: which of our roles each value of that claim is, as JSON: `{"Sales EU": "sales"}`. Without it the
    values are the names of our roles."""
    session_idle_minutes: Annotated[int, Field(ge=1, le=720)] = 30
    """SESSION_IDLE_MINUTES: after so long without its person a session ends; every one ends after 12 hours."""
    take_minutes: Annotated[int, Field(ge=1, le=720)] = 30
    """TAKE_MINUTES: how long somebody is on an order who takes it; after that, their colleagues see nobody."""
    public_url: str | None = None
    """PUBLIC_URL: how customers and staff reach this instance, where a proxy stands before it."""
    ordertrail_cache: Where = Path(__file__).parents[1] / ".cache"
    """ORDERTRAIL_CACHE: where the Kafka jars are kept."""
    ordertrail_heartbeat: Where | None = None
    """ORDERTRAIL_HEARTBEAT: file that a server process touches every second; `up` gives one to each that it starts."""

    @property
    def zone(self) -> tzinfo:
        """The company's time zone."""
        return _zone(self.time_zone)

    @property
    def url(self) -> str:
        """Where this machine reaches the instance."""
        host = "127.0.0.1" if self.host in {"", "0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    @property
    def links(self) -> str:
        """What precedes the path in links for people."""
        return (self.public_url or self.url).rstrip("/")

    @property
    def replication(self) -> int:
        """Copies of every record on Kafka: what is given, otherwise one on a broker of our own and three elsewhere."""
        own = self.kafka_bootstrap_servers is None
        return self.kafka_replication or (1 if own else PRODUCTION_REPLICATION)

    @property
    def prefix(self) -> str:
        """Prefix of a new company's order numbers."""
        return "DEMO" if self.training else (self.number_prefix or "OT")


def from_environment() -> Settings:
    """The settings; `SettingsError` names the variable and what is wrong with it."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name, reason = str(first["loc"][0]).upper(), first["msg"].removeprefix("Value error, ")
        reason = reason[0].lower() + reason[1:]
        raise SettingsError(f"{name}={first['input']} is not possible: {reason}.") from None


def child_environment(settings: Settings, database_url: str, bootstrap: str | None) -> dict[str, str]:
    """The environment of a child process: ours, with the places of the servers that were started or found."""
    found = {
        "DATA": str(settings.data),
        "DATABASE_URL": database_url,
        "KAFKA_REPLICATION": str(settings.replication),
    }
    if bootstrap:
        found["KAFKA_BOOTSTRAP_SERVERS"] = bootstrap
    return {**os.environ, **found}
