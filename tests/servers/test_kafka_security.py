"""The log on a broker that speaks TLS and wants to know who comes (SASL_SSL, SCRAM-SHA-512), by the settings alone."""

import asyncio
import contextlib
import gc
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from typing_extensions import override

from ordertrail.local import child_server
from ordertrail.local.kafka import LocalKafka
from ordertrail.settings import LogKind, Settings, SettingsError
from ordertrail.wiring import kafka_security
from streams.kafka.log import KafkaLog
from streams.log import Log, LogError
from tests.streams.contract_log import OWNER, read_all, some, stored
from tests.timing import DEADLINE_S

# kafka-python leaves the socket of a TLS connection that failed to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

USER, PASSWORD = "ordertrail", "a-password-of-its-own"
MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule"


class SecureKafka(LocalKafka):
    """A broker with a second door, for clients that know its certificate and a password."""

    def __init__(self, data_dir: Path, libs_dir: Path, certificate: Path) -> None:
        super().__init__(data_dir, libs_dir)
        self._certificate = certificate
        self.data_dir.mkdir()
        self.door = f"127.0.0.1:{child_server.kept_port(self.data_dir / 'secure.port')}"

    @override
    def _configure(self, port: int) -> None:
        super()._configure(port)
        file = self._work / "server.properties"
        plain = next(line for line in file.read_text().splitlines() if line.startswith("listeners="))
        more = [
            f"{plain},SECURE://{self.door}",
            f"advertised.listeners=PLAINTEXT://127.0.0.1:{port},SECURE://{self.door}",
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
            "inter.broker.listener.name=PLAINTEXT",
            "sasl.enabled.mechanisms=SCRAM-SHA-512",
            f"listener.name.secure.scram-sha-512.sasl.jaas.config={MODULE} required;",
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={self._certificate}",
        ]
        file.write_text("\n".join([file.read_text(), *more, ""]))


@pytest.fixture(autouse=True)
def nothing_is_left_for_other_tests() -> Iterator[None]:
    yield
    gc.collect()


@dataclass(frozen=True)
class Secure:
    door: str
    ca: Path


@pytest.fixture(scope="module")
def secure(
    tmp_path_factory: pytest.TempPathFactory, kafka_jars: Path, run_beside: Callable[[Coroutine[Any, Any, Any]], Any]
) -> Iterator[Secure]:
    place = tmp_path_factory.mktemp("secure")
    ca = certificate(place, "broker")
    (place / "store.pem").write_text((place / "broker.key").read_text() + ca.read_text())
    broker = SecureKafka(place / "kafka", kafka_jars, place / "store.pem")
    plain = run_beside(broker.start())
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=plain)) as admin:
        known = UserScramCredentialUpsertion(USER, ScramMechanism.SCRAM_SHA_512, PASSWORD)
        assert admin.alter_user_scram_credentials([known]) == {USER: None}
    yield Secure(broker.door, ca)
    run_beside(broker.stop())


def certificate(place: Path, name: str) -> Path:
    """A certificate of one's own for this machine, made on the spot."""
    key, made = place / f"{name}.key", place / f"{name}.crt"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=broker"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run([*words, *names, "-keyout", key, "-out", made], check=True, capture_output=True)
    return made


@contextlib.asynccontextmanager
async def log_by(secure: Secure, **settings: object) -> AsyncIterator[Log]:
    """A new log by these settings and no others."""
    given = {"kafka_ca_file": secure.ca, "kafka_sasl_mechanism": "SCRAM-SHA-512", "kafka_username": USER}
    known = Settings.model_validate({"log": LogKind.KAFKA, **given, "kafka_password": PASSWORD, **settings})
    log = KafkaLog(secure.door, 2, topic=f"events-{uuid4()}", replication=1, security=kafka_security(known))
    try:
        yield log
    finally:
        await log.close()


async def test_a_log_is_written_and_read_by_tls_and_scram(secure: Secure) -> None:
    async with log_by(secure) as log:
        await log.open()
        claim = await log.claim(0, OWNER)
        await log.append(claim, some(1, 3))
        assert await read_all(log, 0) == stored(some(1, 3), claim)


WRONG: dict[str, dict[str, object]] = {
    "password": {"kafka_password": "another"},
    "user": {"kafka_username": "eve"},
    "mechanism": {"kafka_sasl_mechanism": "SCRAM-SHA-256"},
    "nobody": {"kafka_sasl_mechanism": None},
    "unknown certificate": {"kafka_ca_file": None, "kafka_tls": True},
    "no TLS": {"kafka_ca_file": None},
}


async def test_whoever_is_not_known_or_does_not_know_the_broker_gets_nothing(secure: Secure) -> None:
    """Beside each other, since each takes as long as a broker may be away."""

    async def refusal(wrong: dict[str, object]) -> str:
        async with log_by(secure, **wrong) as log:
            try:
                await log.open()
            except (LogError, OSError) as refused:
                return str(refused)
        return ""

    async with asyncio.timeout(DEADLINE_S):
        refusals = await asyncio.gather(*map(refusal, WRONG.values()))
    assert dict(zip(WRONG, map(bool, refusals), strict=True)) == dict.fromkeys(WRONG, True)
    assert PASSWORD not in str(refusals)


def test_a_password_is_sent_in_the_open_by_no_setting() -> None:
    with pytest.raises(SettingsError, match="KAFKA_TLS"):
        kafka_security(Settings(kafka_sasl_mechanism="PLAIN", kafka_username="u"))


def test_a_file_that_is_no_certificate_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for file in ("ca.pem", "nowhere.pem"):
        with pytest.raises(SettingsError, match="KAFKA_CA_FILE"):
            kafka_security(Settings(kafka_ca_file=tmp_path / file))
