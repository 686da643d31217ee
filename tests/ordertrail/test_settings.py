"""Settings come from variables, and a variable that cannot be is named in one sentence."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from ordertrail import settings
from ordertrail.settings import LogKind, SettingsError


def test_variables_become_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {"PORT": "8123", "DATA": str(tmp_path), "LOG": "kafka", "SAMPLE": "no"}.items():
        monkeypatch.setenv(name, value)
    found = settings.from_environment()
    assert (found.port, found.data, found.log, found.sample) == (8123, tmp_path, LogKind.KAFKA, False)
    assert found.url == "http://127.0.0.1:8123"


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("", "127.0.0.1"),
        (str(IPv4Address(0)), "127.0.0.1"),
        (str(IPv6Address(0)), "127.0.0.1"),
        ("10.0.0.7", "10.0.0.7"),
    ],
)
def test_whoever_listens_everywhere_is_reached_by_this_machine_itself(host: str, reached: str) -> None:
    assert settings.Settings(host=host, port=8123).url == f"http://{reached}:8123"


def test_an_empty_variable_counts_as_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("LOG", "")
    assert (settings.from_environment().port, settings.from_environment().log) == (8000, LogKind.EMBEDDED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80000"),
        ("LOG", "paper"),
        ("PARTITIONS", "0"),
        ("SAMPLE", "perhaps"),
        ("TIME_ZONE", "Mars/Base"),
        ("TIME_ZONE", "Asia"),
        ("TIME_ZONE", "Beijing"),
        ("TIME_ZONE", "../../etc/passwd"),
        ("COMPANY_PHONE", "call us"),
        ("COMPANY_EMAIL", "nobody"),
        ("COMPANY_HOURS", "x" * 201),
        ("COMPANY_LOGO", "/no/such/logo.png"),
        ("COMPANY_LOGO", __file__),
        ("PROVIDER_ISSUER", "http://login.example"),
        ("PROVIDER_SCOPE", "profile"),
        ("PROVIDER_SCOPE", "openid  email"),
    ],
)
def test_an_impossible_value_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name}={value} is not possible: [^\n]*\.$"):
        settings.from_environment()


def test_a_reason_says_what_would_be_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIME_ZONE", "Peking")
    said = "TIME_ZONE=Peking is not possible: a time zone of the IANA database is expected, such as Asia/Shanghai."
    with pytest.raises(SettingsError, match=f"^{said}$"):
        settings.from_environment()


def test_a_logo_is_a_picture_of_a_size_that_every_page_can_bear(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG")
    monkeypatch.setenv("COMPANY_LOGO", str(logo))
    assert settings.from_environment().company_logo == logo
    logo.write_bytes(b"\x89PNG" + bytes(settings.LARGEST_PICTURE))
    with pytest.raises(SettingsError, match="more than"):
        settings.from_environment()
