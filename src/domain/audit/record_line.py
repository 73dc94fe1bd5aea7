"""One row on record as a line of an archived month: the bytes that are hashed and kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from domain.audit.audit_line import canonical, instant_text
from domain.audit.record_kind import RecordKind

_HEAD: Final = frozenset({"v", "kind", "at", "id", "payment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """
    The row *number* of its kind, which was finished at the instant *at* (UTC, microseconds).

    *payment* is the order that it is about, of ours or not. *fields* are texts and whole numbers.
    """

    kind: RecordKind
    at: datetime
    number: int
    payment: str
    fields: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def place(self) -> tuple[datetime, int]:
        """By what the rows of a kind stand in order."""
        return self.at, self.number

    def __bytes__(self) -> bytes:
        """Return the line as canonical JSON, without a line end."""
        head = {
            "kind": self.kind.value,
            "at": instant_text(self.at),
            "id": self.number,
            "payment": self.payment,
        }
        return canonical({**self.fields, **head})

    @classmethod
    def parse(cls, written: bytes) -> Self:
        """Return the line in *written*, or raise ``ValueError`` for what is none."""
        try:
            found: Any = json.loads(written)
            return cls(
                kind=RecordKind(found["kind"]),
                at=datetime.fromisoformat(found["at"]),
                number=found["id"],
                payment=found["payment"],
                fields={name: value for name, value in found.items() if name not in _HEAD},
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
            raise ValueError("this is no line of an archived month") from fault
