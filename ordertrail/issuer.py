"""This instance's own tokens: the key in the data directory, what it signs, and which tokens are accepted.

Decides: where the key lies and who is the issuer. Must not know: what a role may do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ordertrail.identity_provider import IdentityProvider
from ordertrail.settings import SettingsError
from web.tokens import NO_KEYS, Caller, Rules, ensure_key, form_secret, issue_token, key_set

if TYPE_CHECKING:
    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings

KEY_FILE: Final = "token.key"
ISSUER: Final = "ordertrail"
"""Issuer of an instance's own tokens, where no TOKEN_ISSUER is given."""
FORM_ISSUER: Final = "ordertrail:forms"
FORM_LIFETIME: Final = timedelta(minutes=1)


class Issuer:
    """Issues tokens with the data directory's own key."""

    def __init__(self, settings: Settings, manifest: Manifest) -> None:
        self._key = ensure_key(settings.data / KEY_FILE)
        self._settings = settings
        self._manifest = manifest

    def token(self, caller: Caller, lifetime: timedelta) -> str:
        """A token for the caller."""
        return issue_token(self._key, caller, issuer=ISSUER, lifetime=lifetime)

    def own_rules(self) -> Rules:
        """Our own tokens are accepted where no other issuer is named."""
        return Rules(key_set(self._key), ISSUER, self._manifest.company, self._manifest.training)

    def provider(self) -> IdentityProvider | None:
        """The identity provider that the settings name; None where we issue the tokens ourselves."""
        settings, manifest = self._settings, self._manifest
        if settings.token_issuer is None:
            return None
        if settings.token_key_set is None:
            raise SettingsError("TOKEN_ISSUER needs TOKEN_KEY_SET, the address of its keys.")
        rules = Rules(NO_KEYS, settings.token_issuer, manifest.company, manifest.training)
        return IdentityProvider(settings.token_key_set, rules)

    def form_token(self, caller: Caller) -> str:
        """With what `up` asks for health; stays within the instance."""
        return issue_token(self._key, caller, issuer=FORM_ISSUER, lifetime=FORM_LIFETIME)

    def form_rules(self) -> Rules:
        """Forms are accepted whoever the issuer of everybody else's tokens is."""
        return Rules(key_set(self._key), FORM_ISSUER, self._manifest.company, self._manifest.training)

    def form_secret(self) -> bytes:
        """The secret that protects forms."""
        return form_secret(self._key)
