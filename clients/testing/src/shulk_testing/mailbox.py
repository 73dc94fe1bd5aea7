"""The emails that Shulk has sent, as its mailbox shows them."""

from dataclasses import dataclass
from typing import Any, Final

from shulk_testing.api import Student
from shulk_testing.calls import expect
from shulk_testing.waiting import wait_for

SECONDS: Final = 30.0


@dataclass(frozen=True)
class Message:
    """An email as text and HTML; *attachments* are the names of its files."""

    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[str, ...]


class Mailbox:
    """The mailbox at *url*."""

    def __init__(self, url: str) -> None:
        self.url = url

    def to(self, student: Student) -> list[Message]:
        """Return what *student* got so far, the oldest first."""
        found: list[dict[str, Any]] = expect(200, "GET", f"{self.url}/messages").body
        return [_message(each) for each in found if student.email in each["to"]]

    def wait_for(self, student: Student, subject: str = "", *, seconds: float = SECONDS) -> Message:
        """Return the first email to *student* with *subject* in its subject, or raise ``NeverCame``."""

        def look() -> Message | None:
            return next((each for each in self.to(student) if subject in each.subject), None)

        return wait_for(look, seconds, lambda: f"got {[each.subject for each in self.to(student)]}")


def _message(found: dict[str, Any]) -> Message:
    return Message(
        to=found["to"],
        subject=found["subject"],
        text=found["text"],
        html=found["html"],
        attachments=tuple(each["name"] for each in found["attachments"]),
    )
