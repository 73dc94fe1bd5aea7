"""One sealed line of the audit log in its canonical form: the bytes whose hash is a leaf of the tree."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from typing import Any, Final, Self

VERSION: Final = 1
SALT_BYTES: Final = 16
_PLAIN: Final = frozenset({str, int})
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """
    What is sealed of one entry of the audit log, written at the instant *at* (UTC, microseconds).

    *origin_digest* is ``origin_digest`` in lower-case hex: the line itself holds no address.
    """

    entry: int
    at: datetime
    actor: str
    source: str
    action: str
    subject: str
    origin_digest: str
    from_state: str = ""
    to_state: str = ""
    correlation_id: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def parse(cls, written: bytes) -> Self:
        """Return the line in *written*, or raise ``ValueError`` for what is none; it may have been changed."""
        try:
            found: Any = json.loads(written)
            return cls(
                entry=found["entry"],
                at=datetime.fromisoformat(found["at"]),
                actor=found["actor"],
                source=found["source"],
                action=found["action"],
                subject=found["subject"],
                origin_digest=found["origin"],
                from_state=found["from"],
                to_state=found["to"],
                correlation_id=found["correlation_id"],
                facts=dict(found["facts"]),
            )
        except (KeyError, TypeError, RecursionError) as fault:
            raise ValueError("this is no line of the audit log") from fault

    def is_about(self, subject: str) -> bool:
        """Whether the entry is about *subject*, an id of a payment, a refund or a person, or names it in a fact."""
        return subject in {self.subject, self.subject.partition(":")[2], *self.facts.values()}

    def __bytes__(self) -> bytes:
        """Return the line as canonical JSON, without a line end."""
        before, behind = line_parts(
            entry=self.entry,
            at=instant_text(self.at),
            actor=self.actor,
            source=self.source,
            action=self.action,
            subject=self.subject,
            from_state=self.from_state,
            to_state=self.to_state,
            correlation_id=self.correlation_id,
            facts=self.facts,
        )
        return f"{before}{quoted(self.origin_digest)}{behind}".encode()


def line_parts(
    *,
    entry: int,
    at: str,
    actor: str,
    source: str,
    action: str,
    subject: str,
    from_state: str,
    to_state: str,
    correlation_id: str,
    facts: Mapping[str, str | int],
) -> tuple[str, str]:
    """
    Return what stands in a line before the digest of its origin and behind it; *at* is an ``instant_text``.

    It is what ``canonical`` writes, in a small part of the time.
    """
    before = (
        f'{{"v":{VERSION},"action":{quoted(action)},"actor":{quoted(actor)},"at":"{at}",'
        f'"correlation_id":{quoted(correlation_id)},"entry":{entry:d},"facts":{{{_facts_text(facts)}}},'
        f'"from":{quoted(from_state)},"origin":'
    )
    return (
        before,
        f',"source":{quoted(source)},"subject":{quoted(subject)},"to":{quoted(to_state)}}}',
    )


def canonical(values: Mapping[str, object]) -> bytes:
    """
    Return *values* as one line of JSON that can be written in one way only.

    The version comes first, then the names by their code points; there are no spaces, and no escapes but
    those that JSON demands. Raises ``ValueError`` for what is neither a text, a whole number nor such a mapping.
    """
    _check(values)
    text = _ENCODER.encode(values)
    return f'{{"v":{VERSION},{text[1:]}'.encode()


def origin_digest(salt: bytes, ip: str, user_agent: str) -> str:
    """
    Return what a line holds of where a request came from, in hex.

    With the salt deleted the digest says nothing of the address, and the line can still be proved.
    """
    return sha256(salt + b"\x00" + ip.encode() + b"\x00" + user_agent.encode()).hexdigest()


def instant_text(at: datetime) -> str:
    """Return *at* as sealed lines hold it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _facts_text(facts: Mapping[str, str | int]) -> str:
    """Return what stands between the brackets of *facts*."""
    return ",".join(
        [
            f"{quoted(name)}:{quoted(value) if type(value) is str else _other_text(value)}"
            for name, value in sorted(facts.items())
        ]
    )


def _other_text(value: str | int) -> str:
    _check({"": value})
    return _ENCODER.encode(value)


def _check(values: Mapping[str, object]) -> None:
    for value in values.values():
        # Nearly all are of just these two, which is faster to see than what else they may be.
        if type(value) in _PLAIN:
            continue
        if isinstance(value, Mapping):
            _check(value)
        elif isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError("a sealed line holds texts and whole numbers only")  # noqa: TRY004 - wrong data, no wrong call
