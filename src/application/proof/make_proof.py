"""Make the proof pack of a payment: gather what is known of it, write it file by file, and sign the manifest."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO, Final

from application.audit.prove_entries import ProvedLine, ProveEntries, entry_of
from application.audit.read_records import ReadRecords
from application.documents.fetch_file import FetchFile, file_name
from application.proof.archived_traces import ArchivedTraces
from application.proof.proof_parts import parts_of
from domain.audit.proof_archive import AUDIT, LINE, PROOF, ProofArchive
from domain.audit.proof_pack import Manifest
from domain.audit.signed_note import SignedNote
from domain.audit.trail import TrailBroken
from domain.errors import DomainError
from domain.identifiers import DiscrepancyId, PaymentId, StudentId
from domain.reconciliation.discrepancy import Discrepancy
from ports.audit.checkpoint_signer import CheckpointSigner
from ports.audit_log import AuditEntry, AuditReads, Origin
from ports.clock import Clock
from ports.documents.document_files import FiledDocuments
from ports.ledger.ledger_queries import LedgerQueries
from ports.payments.payment_queries import PaymentQueries
from ports.proof.proof_contents import DecidedDiscrepancy, ProofContents, ProofPage
from ports.proof.proof_reads import ProofReads
from ports.reconciliation.discrepancy_queries import (
    DiscrepancyFilter,
    DiscrepancyOrder,
    DiscrepancyQueries,
)
from ports.refunds.refund_queries import RefundQueries, StaffPaymentView
from ports.settlements.settlement_reads import SettlementReads
from ports.unit_of_work import UnitOfWork

LISTED_MAX: Final = 1_000
"""Of each list about one payment; more than a payment can have, so that no pack is without end."""

PAGE: Final = "index.html"
DOCUMENTS: Final = "documents/"


class ProofUnsigned(DomainError):
    """No key of the audit log is set here: a pack that nobody signs proves nothing."""


class ProofRefused(DomainError):
    """The audit log about the payment is not as it was sealed; *index* is the line that shows it."""

    def __init__(self, broken: TrailBroken) -> None:
        self.index = broken.index
        super().__init__(f"the audit log is {broken}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofMade:
    """What was written: how many files, and the SHA-256 (hex) of the manifest that names them."""

    files: int
    manifest_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeProof:
    """*signer* is None where no key is set."""

    payments: PaymentQueries
    refunds: RefundQueries
    audit: AuditReads
    prove: ProveEntries
    reads: ProofReads
    records: ReadRecords
    filed: FiledDocuments
    fetch_file: FetchFile
    ledger: LedgerQueries
    settlements: SettlementReads
    discrepancies: DiscrepancyQueries
    page: ProofPage
    signer: CheckpointSigner | None
    unit_of_work: UnitOfWork
    clock: Clock

    async def __call__(self, payment: PaymentId, to: BinaryIO, origin: Origin) -> ProofMade:
        """
        Write the pack of *payment* to *to*; one document at a time is in memory. The audit log names who asked.

        Raises
        - ``NotFound``;
        - ``ProofUnsigned``, and nothing is read;
        - ``ProofRefused`` when the audit log is broken;
        - ``DocumentNotReady`` for a file that is lost and is made again;
        - ``FilesUnavailable``.
        """
        if self.signer is None:
            raise ProofUnsigned("no key of the audit log is set: SHULK_AUDIT_KEY_FILE")
        view = await self.refunds.of_payment(payment)
        proved, archived = await self._proved(payment)
        contents = await self._contents(view, proved, archived)
        files = {**parts_of(contents), **_audit_files(proved)}
        documents = {
            f"{DOCUMENTS}{file_name(on_file, filing.copy)}": (on_file, filing)
            for on_file in contents.documents
            for filing in on_file.filings
        }
        names = sorted({*files, *documents, PAGE})
        files[PAGE] = self.page.explain(contents, names)
        archive = ProofArchive(to)
        for name in names:
            content = files.get(name)
            if content is None:
                content = await self.fetch_file(payment, *documents[name])
            await asyncio.to_thread(archive.add, name, content)
        manifest = Manifest(payment=payment, made_at=contents.made_at, files=archive.files)
        note = SignedNote(manifest.text, self.signer.sign(manifest.text))
        await asyncio.to_thread(archive.finish, manifest, str(note))
        made = ProofMade(files=len(names), manifest_sha256=sha256(bytes(manifest)).hexdigest())
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=contents.made_at,
                    origin=origin,
                    action="proof.made",
                    subject=payment,
                    facts={"manifest_sha256": made.manifest_sha256, "files": str(made.files)},
                )
            )
        return made

    async def _proved(self, payment: PaymentId) -> tuple[Sequence[ProvedLine], ArchivedTraces]:
        try:
            return await self.prove(payment), await ArchivedTraces.read(self.records, payment)
        except TrailBroken as broken:
            raise ProofRefused(broken) from broken

    async def _contents(
        self, view: StaffPaymentView, proved: Sequence[ProvedLine], archived: ArchivedTraces
    ) -> ProofContents:
        payment = PaymentId(view.transaction_id)
        return ProofContents(
            made_at=self.clock.now(),
            payment=view,
            details=await self.payments.details(payment, StudentId(view.student_id)),
            trail=[
                *(entry_of(each.line) for each in proved if each.archived),
                *reversed(await self.audit.about(payment, at_most=LISTED_MAX)),
            ],
            sealed=len(proved),
            decisions=archived.decisions_and(
                await self.records.rows.lines_about(payment, at_most=LISTED_MAX)
            ),
            webhooks=archived.webhooks_and(await self.reads.webhooks(payment, at_most=LISTED_MAX)),
            documents=(await self.filed.about(payment)).documents,
            journals=await self.ledger.about(payment),
            lines=await self.settlements.lines_about([payment]),
            discrepancies=await self._discrepancies(view),
            emails=archived.emails_and(await self.reads.emails(payment, at_most=LISTED_MAX)),
            deliveries=await self.reads.deliveries(payment, at_most=LISTED_MAX),
        )

    async def _discrepancies(self, view: StaffPaymentView) -> Sequence[DecidedDiscrepancy]:
        """Return what runs found about the payment, or about one of its refunds."""
        found: dict[DiscrepancyId, Discrepancy] = {}
        for each in (view.transaction_id, *(refund.refund_id for refund in view.refunds)):
            page = await self.discrepancies.page(
                DiscrepancyFilter(search=each),
                order=DiscrepancyOrder.FOUND,
                at=self.clock.now(),
                at_most=LISTED_MAX,
            )
            found |= {discrepancy.id: discrepancy for discrepancy in page.items}
        in_order = sorted(found.values(), key=lambda each: (each.first_found_at, each.id))
        return [
            DecidedDiscrepancy(each, await self.discrepancies.resolutions(each.id))
            for each in in_order
        ]


def _audit_files(proved: Sequence[ProvedLine]) -> Mapping[str, bytes]:
    files: dict[str, bytes] = {}
    for each in proved:
        name = f"{AUDIT}{each.proof.index}"
        files[name + LINE] = each.line + b"\n"
        files[name + PROOF] = str(each.proof).encode()
    return files
