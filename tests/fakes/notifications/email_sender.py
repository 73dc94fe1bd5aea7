"""A mail server that keeps every letter in a list, or does with it what a test planned."""

from dataclasses import dataclass, field

from ports.notifications.email_sender import Email


@dataclass(slots=True)
class Mailbag:
    letters: list[Email] = field(default_factory=list)
    gateway_failure: list[Exception] = field(default_factory=list)

    async def send(self, email: Email) -> None:
        if self.gateway_failure:
            raise self.gateway_failure.pop(0)
        self.letters.append(email)
