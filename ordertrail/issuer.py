"""This instance's own tokens: the key in the data directory, what it signs, and which tokens are accepted.

Decides: where the key lies and who is the issuer. Must not know what a role may do.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import httpx

from web.tokens import Caller, Rules, ensure_key, form_secret, issue_token, key_set

if TYPE_CHECKING:
    from ordertrail.manifest import Manifest
    from ordertrail.settings import Settings

KEY_FILE: Final = "token.key"
ISSUER: Final = "ordertrail"
"""Issuer of an instance's own tokens, where no TOKEN_ISSUER is given."""


class Issuer:
    """Issues tokens with the data directory's own key."""

    def __init__(self, settings: Settings, manifest: Manifest) -> None:
        self._key = ensure_key(settings.data / KEY_FILE)
        self._settings = settings
        self._manifest = manifest

    def token(self, caller: Caller, lifetime: timedelta) -> str:
        """A token for the caller."""
        return issue_token(self._key, caller, issuer=ISSUER, lifetime=lifetime)

    def rules(self) -> Rules:
        """Which tokens are accepted: our own, or those of the issuer that the settings name."""
        settings, manifest = self._settings, self._manifest
        keys = (
            httpx.get(settings.token_key_set).raise_for_status().text if settings.token_key_set else key_set(self._key)
        )
        return Rules(keys, settings.token_issuer or ISSUER, manifest.company, manifest.training)

    def form_secret(self) -> bytes:
        """The secret that protects forms."""
        return form_secret(self._key)
