"""The files for containers give each service no more than it needs, and put no secret or data of ours into an image."""

import fnmatch
import re

import pytest

from tests.architecture.test_sizes import ROOT

COMPOSE = (ROOT / "docker-compose.yml").read_text()
BROKERS = ["kafka-1", "kafka-2", "kafka-3"]
SERVICES = [*BROKERS, "postgres", "ordertrail"]


def block(name: str, text: str = COMPOSE) -> str:
    """What is written under a name, without comments; a broker includes what all brokers share."""
    found = re.search(rf"^( *){name}:(.*\n(?:(?:\1 .*)?\n)*)", text, re.MULTILINE)
    assert found is not None, name
    shared = block("x-broker") if "<<: *broker" in found[2] else ""
    return re.sub(r"^ *#.*\n", "", shared + found[2], flags=re.MULTILINE)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_no_capability_it_need_not_have_and_says_whether_it_is_well(service: str) -> None:
    written = block(service)
    assert "cap_drop: [ALL]" in written
    assert "no-new-privileges:true" in written
    assert "healthcheck:" in written


@pytest.mark.parametrize("service", ["postgres", "ordertrail"])
def test_our_process_and_the_database_write_to_their_volumes_only(service: str) -> None:
    assert "read_only: true" in block(service)


@pytest.mark.parametrize("service", [*BROKERS, "postgres"])
def test_brokers_and_database_are_reached_from_nowhere_else(service: str) -> None:
    assert "networks: [backend]" in block(service)
    assert "ports:" not in block(service)
    assert "internal: true" in block("backend", COMPOSE.partition("\nnetworks:")[2])


@pytest.mark.parametrize("path", [".ordertrail", ".env", ".env.production", ".data", ".git"])
def test_data_and_secrets_go_into_no_image(path: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert any(fnmatch.fnmatchcase(path, pattern.lstrip("/")) for pattern in ignored)
