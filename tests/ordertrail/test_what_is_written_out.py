"""What leaves an instance by files and output: an export is its owner's alone, a log stays small, links are no log lines."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from ordertrail import exits, manifest, ready_message
from ordertrail.cli import app
from ordertrail.local import child_server
from ordertrail.local.servers import Endpoints
from ordertrail.manifest import DataRefused
from ordertrail.operating.log_export import export_file
from ordertrail.settings import LogKind, Settings
from tests.instance import until
from tests.timing import DEADLINE_S


def test_an_export_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    with export_file(str(file)) as output:
        output.write(b"0:1\t{}\n")
    assert file.read_bytes() == b"0:1\t{}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_an_export_replaces_nothing(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    file.write_text("precious")
    with pytest.raises(DataRefused, match="exists already"), export_file(str(file)):
        pytest.fail("it is refused before anything is written")
    file.unlink()
    with pytest.raises(DataRefused, match="exists already"), export_file(str(file)):
        file.write_text("precious")
    assert file.read_text() == "precious"


def test_a_broken_export_takes_no_name(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), export_file(str(file)):
            raise ZeroDivisionError
        assert not file.exists()


@pytest.mark.parametrize("hours", ["876000", "721", "0", "inf"])
def test_a_token_lives_for_thirty_days_at_most(hours: str) -> None:
    done = CliRunner().invoke(app, ["token", "--role", "admin", "--actor", "eve", "--hours", hours])
    assert done.exit_code == exits.REFUSED
    assert "--hours" in done.output


@pytest.mark.parametrize("command", ["sign-in", "token"])
@pytest.mark.parametrize(
    ("role", "actor"),
    [("workflow", "eve"), ("admin", "workflow"), ("admin", ""), ("admin", "e\nve"), ("admin", "e" * 101)],
)
def test_nobody_is_let_in_as_our_own_rules_or_without_a_name(command: str, role: str, actor: str) -> None:
    done = CliRunner().invoke(app, [command, "--role", role, "--actor", actor])
    assert done.exit_code == exits.REFUSED
    assert "printable" in done.output


def test_the_log_of_a_running_process_stays_small(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [sys.executable, "-uc", "print('first' * 100); input(); print('second')"],
            stdin=subprocess.PIPE,
            stdout=output,
            text=True,
        ) as running,
    ):
        until(lambda: log.stat().st_size > 0, DEADLINE_S, "the first words")
        child_server.keep_small(log, largest=400)
        assert log.read_text() == ""
        running.communicate("\n")
    assert log.read_text() == "second\n", "appended, not behind a hole"
    assert log.with_suffix(".previous.log").read_text() == "first" * 100 + "\n"


def test_a_log_that_is_not_there_or_small_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    child_server.keep_small(log)
    log.write_text("few words")
    child_server.keep_small(log)
    assert log.read_text() == "few words"


@pytest.mark.parametrize(
    ("training", "terminal", "links"),
    [(False, False, 0), (True, False, len(ready_message.SIGN_INS)), (False, True, len(ready_message.SIGN_INS))],
)
async def test_sign_in_links_are_printed_to_a_terminal_or_in_training_only(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, training: bool, terminal: bool, links: int
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    said: list[str] = []
    settings = Settings(data=tmp_path, log=LogKind.EMBEDDED)
    endpoints = Endpoints(url=settings.url, database_url=database_url, bootstrap=None)
    manifest = SimpleNamespace(training=training)
    await ready_message.greet(settings, endpoints, manifest, said.append)  # type: ignore[arg-type]  # reads one field
    assert sum("/sign-in?code=" in line for line in said) == links
    assert any("ordertrail sign-in" in line for line in said)


@pytest.mark.parametrize("words", [["verify"], ["rebuild", "--back"]], ids=" ".join)
def test_a_database_in_which_nothing_was_made_yet_is_told_in_one_sentence(
    empty_database_url: str, tmp_path: Path, words: list[str]
) -> None:
    manifest.save(tmp_path, manifest.settle(None, [], Settings(data=tmp_path, log=LogKind.EMBEDDED), "0a1b"))
    variables = {"DATA": str(tmp_path), "LOG": "embedded", "DATABASE_URL": empty_database_url}
    done = CliRunner().invoke(app, words, env=variables)
    assert (done.exit_code, done.stdout) == (exits.REFUSED, "")
    assert done.stderr.startswith("The database lacks what `ordertrail up` makes: relation ")
    assert done.stderr.count("\n") == 1
