"""One sentence and an exit code: the same data twice, a port in use, data of the other log, data of another version."""

import json
import shutil
import signal
from pathlib import Path

import pytest

from ordertrail import exits
from ordertrail.local import child_server
from ordertrail.settings import LogKind
from tests.instance import Instance

KINDS = {LogKind.EMBEDDED: "kafka", LogKind.KAFKA: "embedded"}


@pytest.fixture
def manifest(instance: Instance, tmp_path: Path) -> Path:
    """Other data with a copy of the running instance's manifest."""
    return Path(shutil.copy(instance.data / "manifest.json", tmp_path))


@pytest.fixture
def free_port(tmp_path: Path) -> str:
    return str(child_server.kept_port(tmp_path / "another.port"))


def refused(instance: Instance, **variables: str) -> str:
    """The one sentence with which `up` ends under these variables."""
    done = instance.run("up", **variables)
    assert done.returncode == exits.REFUSED, done.stdout + done.stderr
    lines = (done.stdout + done.stderr).strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].endswith(".")
    return lines[0]


def test_a_second_instance_on_the_same_data_is_refused(instance: Instance, free_port: str) -> None:
    assert (
        refused(instance, PORT=free_port) == f"Another Ordertrail already runs on the data directory {instance.data}."
    )


def test_a_port_in_use_is_refused(instance: Instance, tmp_path: Path) -> None:
    sentence = refused(instance, DATA=str(tmp_path))
    assert sentence == f"Port {instance.settings.port} on 127.0.0.1 cannot be used: address already in use."


def test_data_of_the_other_log_is_refused(instance: Instance, manifest: Path, free_port: str) -> None:
    other = KINDS[instance.settings.log]
    sentence = refused(instance, DATA=str(manifest.parent), LOG=other, PORT=free_port)
    assert f"is of LOG={instance.settings.log.value}" in sentence


def test_data_of_another_version_is_refused(instance: Instance, manifest: Path, free_port: str) -> None:
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "data_format": 99}))
    sentence = refused(instance, DATA=str(manifest.parent), PORT=free_port)
    assert "99" in sentence or "version" in sentence
    assert not (manifest.parent / "postgres").exists(), "nothing was started"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), [("PORT", "70000"), ("LOG", "paper")])
def test_a_setting_that_cannot_be_is_named(tmp_path: Path, name: str, value: str) -> None:
    assert refused(Instance(tmp_path, LogKind.EMBEDDED), **{name: value}).startswith(
        f"{name}={value} is not possible: "
    )


@pytest.mark.server
def test_it_stops_when_told_leaves_nothing_running_and_goes_on_where_it_was(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "data", LogKind.EMBEDDED)
    instance.start()
    company = (instance.data / "manifest.json").read_text()
    assert instance.stop(signal.SIGINT) == exits.STOPPED
    instance.start()
    assert (instance.data / "manifest.json").read_text() == company
    assert instance.stop(signal.SIGTERM) == exits.STOPPED
