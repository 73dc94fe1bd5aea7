"""A code that only the phone of its owner shows, and only for half a minute."""

from datetime import datetime
from typing import Protocol


class SecondFactor(Protocol):
    def new_seed(self) -> str:
        """Return a seed that nobody has or can guess: 160 random bits, as apps take them in."""
        ...

    def step_of(self, seed: str, code: str, at: datetime) -> int | None:
        """
        Return the time step whose code under *seed* is *code*: the one of *at*, the one before or the
        one after. None for any other text; comparing tells nothing by how long it takes.
        """
        ...

    def invitation(self, seed: str, owner: str) -> str:
        """Return the address, shown as a QR code, by which an app learns *seed* as *owner*'s."""
        ...
