"""What is agreed with an identity provider comes from variables that belong together, and its secret is told to nobody."""

import pytest
from pydantic import ValidationError

from domain.access import STAFF
from domain.roles import Role
from ordertrail import settings
from ordertrail.provider_setup import provider_terms
from ordertrail.settings import Settings, SettingsError

AGREED = {"provider_issuer": "https://login.example", "provider_client_id": "ordertrail"}
SECRET = "not for logs"


def made(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_without_an_issuer_nobody_is_sent_anywhere() -> None:
    assert provider_terms(made(provider_client_id="ordertrail", provider_client_secret=SECRET)) is None


def test_an_issuer_needs_a_client() -> None:
    with pytest.raises(SettingsError, match="PROVIDER_ISSUER needs PROVIDER_CLIENT_ID"):
        provider_terms(made(provider_issuer="https://login.example"))


def test_people_are_led_back_to_the_public_address() -> None:
    terms = provider_terms(made(**AGREED, public_url="https://orders.example/", port=8123))
    assert terms
    assert terms.redirect == "https://orders.example/sign-in/callback"


def test_the_mapping_is_json_and_without_one_roles_are_called_as_here(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = provider_terms(made(**AGREED))
    assert terms
    assert terms.roles == {role.value: role for role in STAFF}
    for name, value in {"ISSUER": "https://login.example", "CLIENT_ID": "o", "ROLES": '{"Sales EU": "sales"}'}.items():
        monkeypatch.setenv(f"PROVIDER_{name}", value)
    terms = provider_terms(settings.from_environment())
    assert terms
    assert terms.roles == {"Sales EU": Role.SALES}


@pytest.mark.parametrize("role", ["carrier", "workflow", "boss"])
def test_only_roles_of_people_can_be_given_there(role: str) -> None:
    with pytest.raises(ValidationError, match="provider_roles"):
        made(**AGREED, provider_roles={"X": role})


@pytest.mark.parametrize("value", ["{", "sales", "[]", '{"Sales": "carrier"}'])
def test_a_mapping_that_is_none_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PROVIDER_ROLES", value)
    with pytest.raises(SettingsError, match=r"^PROVIDER_ROLES[^\n]*\.$"):
        settings.from_environment()


def test_the_secret_is_told_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER_CLIENT_SECRET", SECRET)
    found = settings.from_environment()
    terms = provider_terms(found.model_copy(update=AGREED))
    assert terms
    assert terms.secret == SECRET
    assert SECRET not in f"{found!r} {found} {terms!r} {terms}"
