"""How connections to Kafka are protected. Must not know: the wire: both our own and kafka-python's clients take it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KafkaSecurity:
    """TLS when there is a context, SASL when a mechanism is named (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)."""

    ssl_context: ssl.SSLContext | None = None
    mechanism: str | None = None
    username: str = ""
    password: str = field(default="", repr=False)

    def options(self) -> dict[str, object]:
        """The same, as kafka-python calls it."""
        protocol = ("SASL_" if self.mechanism else "") + ("SSL" if self.ssl_context else "PLAINTEXT")
        return {
            "security_protocol": protocol,
            "ssl_context": self.ssl_context,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.username or None,
            "sasl_plain_password": self.password or None,
        }
