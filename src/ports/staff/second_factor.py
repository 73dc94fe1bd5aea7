"""The second factor: TOTP codes (RFC 6238) of an authenticator app, each valid for one step of 30 seconds."""

from datetime import datetime
from typing import Protocol


class SecondFactor(Protocol):
    def new_seed(self) -> str:
        """Return a new seed: 160 random bits in Base32, as authenticator apps read it."""
        ...

    def step_of(self, seed: str, code: str, at: datetime) -> int | None:
        """
        Return the time step whose code under *seed* is *code*, None for any other text.

        The step of the instant *at* counts, the one before and the one after. Codes are compared in
        constant time.
        """
        ...

    def provisioning_uri(self, seed: str, owner: str) -> str:
        """Return the ``otpauth`` URI, for a QR code, that gives *seed* of *owner* to an app."""
        ...
