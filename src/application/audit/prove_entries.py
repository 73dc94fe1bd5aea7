"""Prove that the entries about a subject are in the sealed audit log, each by a file of its own."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from application.audit.read_archive import ReadArchive
from domain.audit.audit_line import AuditLine
from domain.audit.checkpoint import InclusionProof
from domain.audit.merkle_proofs import Span, inclusion_spans, span_root
from domain.audit.merkle_tree import leaf_hash
from domain.audit.signed_note import SignedNote
from domain.audit.trail import TrailBroken
from domain.payments.payment_state import State
from ports.audit.sealed_log import SealedLog
from ports.audit_log import AuditEntry, Origin, Source

PROVED_MAX: Final = 1_000
"""Entries about one subject that are proved at once."""

SPANS_AT_ONCE: Final = 16
"""Of which one statement reads the leaves: of each no more than one checkpoint seals."""


@dataclass(frozen=True, slots=True)
class ProvedLine:
    """The bytes of a sealed line, and the proof that it is in the log; *archived* is one that left the database."""

    line: bytes
    proof: InclusionProof
    archived: bool = False


@dataclass(frozen=True, slots=True)
class ProveEntries:
    """*archive* has the lines that have left the database, None where none was ever archived."""

    log: SealedLog
    archive: ReadArchive | None = None

    async def __call__(self, subject: str) -> Sequence[ProvedLine]:
        """
        Return the sealed lines about *subject* with their proofs under the last checkpoint, the oldest first.

        Raises ``TrailBroken`` for a line that is not as it was sealed.
        """
        state = await self.log.state()
        archived = await self._archived(subject)
        about = sorted({*await self.log.leaves_about(subject, at_most=PROVED_MAX), *archived})
        size = state.tree.size
        spans = {index: inclusion_spans(index, size) for index in about if index < size}
        if not spans:
            return []
        roots = await self._roots({span for each in spans.values() for span in each})
        # What the database has is what is proved, so that a change of it is found.
        lines = await self.log.lines([*spans])
        note = SignedNote.parse(state.note)
        return [
            _proved(
                lines.get(index, archived.get(index, b"")),
                InclusionProof(index, [roots[span] for span in each], note),
                archived=index not in lines,
            )
            for index, each in spans.items()
        ]

    async def _roots(self, spans: Collection[Span]) -> Mapping[Span, bytes]:
        """Return the root of each of *spans*; entries that stand near each other have most of them in common."""
        roots: dict[Span, bytes] = {}
        wanted = sorted(spans, key=lambda span: (span.start, span.stop))
        for first in range(0, len(wanted), SPANS_AT_ONCE):
            some = wanted[first : first + SPANS_AT_ONCE]
            for span, parts in zip(some, await self.log.leaves_of(some), strict=True):
                try:
                    roots[span] = span_root(span, parts)
                except ValueError as gone:
                    raise TrailBroken(span.start, "leaves of the log are gone") from gone
        return roots

    async def _archived(self, subject: str) -> Mapping[int, bytes]:
        """Return what archived months have about *subject* itself, by index."""
        if self.archive is None:
            return {}
        found: dict[int, bytes] = {}
        async with aclosing(self.archive.about(subject)) as lines:
            async for each in lines:
                found[each.index] = each.line
                if len(found) == PROVED_MAX:
                    break
        return found


def _proved(line: bytes, proof: InclusionProof, *, archived: bool) -> ProvedLine:
    if not proof.proves(leaf_hash(line)):
        raise TrailBroken(proof.index, "the line is not as it was sealed")
    return ProvedLine(line, proof, archived)


def entry_of(line: bytes) -> AuditEntry:
    """Return the entry in a sealed *line*, without where it came from: that is not sealed."""
    found = AuditLine.parse(line)
    return AuditEntry(
        at=found.at,
        origin=Origin(
            actor=found.actor,
            source=Source(found.source),
            correlation_id=found.correlation_id,
        ),
        action=found.action,
        subject=found.subject,
        from_state=State(found.from_state) if found.from_state else None,
        to_state=State(found.to_state) if found.to_state else None,
        facts={name: str(value) for name, value in found.facts.items()},
    )
