"""A mail as a person would see it, and the box that keeps the latest of them in memory."""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Final

import msgspec

LETTERS_MAX: Final = 500
BYTES_MAX: Final = 64 * 1024 * 1024
# What the library raises when a header or a body is not what it says it is.
MALFORMED: Final = (LookupError, ValueError, TypeError, AttributeError, AssertionError)


class Attachment(msgspec.Struct, frozen=True):
    """A file in a mail; *size* in bytes."""

    name: str
    size: int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that arrived; *to* names everyone it was handed over for."""

    id: str
    sender: str = msgspec.field(name="from")
    to: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    received_at: datetime

    @property
    def weight(self) -> int:
        return len(self.text) + len(self.html) + len(self.subject) + len(self.to)


class Mailbox:
    """Keeps what arrived, oldest first; the oldest goes when it is too many or too much."""

    def __init__(self, *, letters_max: int = LETTERS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._letters: OrderedDict[str, Message] = OrderedDict()
        self._files: dict[str, tuple[bytes, ...]] = {}
        self._letters_max, self._bytes_max = letters_max, bytes_max
        self._weight = 0

    def __iter__(self) -> Iterator[Message]:
        return iter(tuple(self._letters.values()))

    def __len__(self) -> int:
        return len(self._letters)

    def get(self, letter_id: str) -> Message | None:
        return self._letters.get(letter_id)

    def file(self, letter_id: str, number: int) -> tuple[str, bytes] | None:
        """Return name and content of a letter's *number*-th file, from 0."""
        files = self._files.get(letter_id, ())
        if not 0 <= number < len(files):
            return None
        return self._letters[letter_id].attachments[number].name, files[number]

    def drop(self, letter: Message, files: tuple[bytes, ...] = ()) -> None:
        """Put *letter* in, as a postman does; *files* in the order of its attachments."""
        self._letters[letter.id] = letter
        self._files[letter.id] = files
        self._weight += _weight(letter, files)
        while len(self._letters) > self._letters_max or self._weight > self._bytes_max:
            place, oldest = self._letters.popitem(last=False)
            self._weight -= _weight(oldest, self._files.pop(place))

    def empty(self) -> None:
        self._letters.clear()
        self._files.clear()
        self._weight = 0


def _weight(letter: Message, files: tuple[bytes, ...]) -> int:
    return letter.weight + sum(map(len, files))


def files_in(raw: bytes) -> tuple[bytes, ...]:
    """Return the files in the mail *raw*, in the order in which a letter names them."""
    parts = message_from_bytes(raw, policy=modern).walk()
    return tuple(_bytes_of(each) for each in parts if not each.is_multipart() and _is_file(each))


def read_message(
    raw: bytes, *, letter_id: str, sender: str, recipients: list[str], received_at: datetime
) -> Message:
    """Return the letter in *raw*; whatever is malformed in it is shown as far as it can be read."""
    message = message_from_bytes(raw, policy=modern)
    parts = list(message.walk())
    bodies = [each for each in parts if not each.is_multipart() and not _is_file(each)]
    return Message(
        id=letter_id,
        sender=_header(message, "from") or sender,
        to=", ".join(recipients),
        subject=_header(message, "subject"),
        text=_first(bodies, "text/plain"),
        html=_first(bodies, "text/html"),
        attachments=tuple(
            Attachment(name=_file_name(each), size=len(_bytes_of(each)))
            for each in parts
            if not each.is_multipart() and _is_file(each)
        ),
        received_at=received_at,
    )


def _first(bodies: list[EmailMessage], kind: str) -> str:
    return next((_text_of(each) for each in bodies if each.get_content_type() == kind), "")


def _is_file(part: EmailMessage) -> bool:
    try:
        return bool(part.get_filename()) or part.get_content_disposition() == "attachment"
    except MALFORMED:
        return True


def _file_name(part: EmailMessage) -> str:
    try:
        return str(part.get_filename() or "unnamed")
    except MALFORMED:
        return "unnamed"


def _text_of(part: EmailMessage) -> str:
    try:
        return str(part.get_content())
    except MALFORMED:
        return _bytes_of(part).decode("utf-8", errors="replace")


def _bytes_of(part: EmailMessage) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except MALFORMED:
        return b""
    return content if isinstance(content, bytes) else b""


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except MALFORMED:
        return ""
