"""What a log line may hold: named fields only, and no card, address, key or token in any."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from domain.sign_in.server_key import KEY_MARK
from domain.text.card_number import redact

TEXT_MAX: Final = 1000
ITEMS_MAX: Final = 50
SECRET_CHARACTERS_MIN: Final = 6
HIDDEN: Final = "[hidden]"

ALLOWED: Final = frozenset(
    {
        # what it is about
        "payment", "transaction_id", "order_id", "entry", "course_id", "discount_code", "document_number",
        "inbox_id", "outbox_id", "event_id", "bank_event", "response_id", "bank_status",
        "bank_status_id", "refund_id", "kind", "subject",
        # what happened
        "state", "status", "status_code", "outcome", "reason", "source", "step", "problem",
        "needs_attention", "field", "fields", "error", "trouble", "event_type", "dispute",
        "amount", "file", "copy",
        # how it went
        "owner", "method", "route", "attempt", "attempts", "count", "seconds", "milliseconds", "limit",
        "next_at", "at", "age_seconds", "bytes",
        # which part of us
        "job", "process", "pid", "port", "host", "version", "revision", "environment", "gateway",
        "workers", "signal", "schedule", "queue", "dependency",
    }
)  # fmt: skip

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_EMAIL: Final = re.compile(r"[^\s@<>\"'(),;:=/]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_IN_URL: Final = re.compile(r"(?<=://)[^\s/@\"']*@")
_QUERY: Final = re.compile(r"(?<=[\w/])\?[^\s\"'<>]+")
_CREDENTIALS: Final = re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_SERVER_KEY: Final = re.compile(rf"{KEY_MARK}[A-Za-z0-9_]+", re.IGNORECASE)
_TOKEN: Final = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


class Redaction:
    """Removes from a text what must not be logged: known secrets, then what has the form of one."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self._secrets: frozenset[str] = frozenset()
        self.hide(hidden)

    def hide(self, secrets: Iterable[str]) -> None:
        """Remove *secrets* as well, but for those that are too short to be one."""
        self._secrets |= {each for each in secrets if len(each) >= SECRET_CHARACTERS_MIN}
        # The longest first: a secret may begin with another one.
        words = sorted(self._secrets, key=len, reverse=True)
        self._hidden = re.compile("|".join(map(re.escape, words)) if words else r"(?!)")

    def __call__(self, text: str) -> str:
        clean = self._hidden.sub(HIDDEN, text)
        clean = _CREDENTIALS.sub(rf"\1 {HIDDEN}", clean)
        clean = _SERVER_KEY.sub(HIDDEN, clean)
        clean = _TOKEN.sub(HIDDEN, clean)
        clean = _IN_URL.sub(f"{HIDDEN}@", clean)
        clean = _QUERY.sub(f"?{HIDDEN}", clean)
        clean = _EMAIL.sub(HIDDEN, clean)
        clean = str(redact(clean))
        clean = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", clean)
        return clean if len(clean) <= TEXT_MAX else f"{clean[:TEXT_MAX]}…"

    def value(self, value: object) -> object:
        """Return *value* as JSON can hold it: numbers and None as they are, all else as text."""
        match value:
            case None | bool() | float():
                return value
            case int():
                # A card number is a number, too.
                return value if abs(value) < 10**12 else self(str(value))
            case Mapping():
                pairs = list(value.items())[:ITEMS_MAX]
                return redact({self(str(name)): self.value(each) for name, each in pairs})
            case list() | tuple() | set() | frozenset():
                return [self.value(each) for each in list(value)[:ITEMS_MAX]]
            case _:
                return self(str(value))
