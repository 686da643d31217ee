"""What is kept or given away so that only this company's processes can read it.

Decides: the cipher, and that what was sealed for one purpose is nothing for another one. The key is derived from that
in the data directory: who reads the database alone reads nothing. Must not know: what is sealed.
"""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken


class Seal:
    """Seals and opens for one purpose. `secret` is the one of the forms (`tokens.form_secret`)."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = hmac.digest(secret, f"ordertrail {purpose}".encode(), "sha256")
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def closed(self, text: str) -> str:
        """The text, sealed; every time another one."""
        return self._fernet.encrypt(text.encode()).decode()

    def opened(self, text: str, lifetime: timedelta | None = None) -> str:
        """What was sealed; empty for a text that is none of ours, or was sealed longer than `lifetime` ago."""
        seconds = None if lifetime is None else int(lifetime.total_seconds())
        try:
            return self._fernet.decrypt(text.encode(errors="replace"), seconds).decode()
        except InvalidToken:
            return ""
