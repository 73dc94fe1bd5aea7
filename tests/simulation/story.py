"""What happened in a life, in plain words and in order: the same seed tells the same story, byte for byte."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

IST: Final = timedelta(hours=5, minutes=30)


@dataclass(slots=True)
class Story:
    now: Callable[[], datetime]
    lines: list[str] = field(default_factory=list)

    def tell(self, who: str, what: str) -> None:
        """Note that *who* did *what*, now."""
        self.lines.append(f"{self.now() + IST:%d %b %H:%M:%S.%f}"[:-3] + f"  {who}: {what}")

    @property
    def digest(self) -> str:
        """The SHA-256 of all that was told."""
        return sha256("\n".join(self.lines).encode()).hexdigest()
