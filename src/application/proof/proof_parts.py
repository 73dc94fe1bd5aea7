"""What a proof pack says of each part of a payment: only fields that are named here, as JSON that people can read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Final

from domain.audit.record_line import RecordLine
from domain.documents.tax_document import TaxDocument
from domain.money import Money
from domain.reconciliation.discrepancy import Discrepancy
from domain.reconciliation.resolution import DiscrepancyResolution
from domain.settlements.settlement_line import SettlementLine
from ports.audit_log import AuditEntry
from ports.documents.document_files import DocumentOnFile
from ports.ledger.ledger_queries import PostedJournal
from ports.proof.proof_contents import ProofContents
from ports.proof.proof_reads import ToldDelivery
from ports.settlements.settlement_reads import StoredLine

LINE_FIELDS: Final = (
    "line_no", "line_type", "direction", "mid", "tid", "payment_id", "attempt", "refund_id", "bank_txn_id", "rrn",
    "arn", "utr", "settlement_id", "method", "gross", "fee", "cgst", "sgst", "igst", "utgst", "net", "txn_at",
    "settled_on", "status_word", "on_hold",
)  # fmt: skip
"""What is told of a line of a settlement file."""

BANK_FIELDS: Final = (
    "status", "captured", "captured_currency", "refunded", "refunding", "failure_reason", "bank_txn_id",
    "bank_reference", "effective_amount", "surcharge", "offer", "closed_at", "review_reasons",
)  # fmt: skip
"""What is told of a payment that the bank has answered."""


def parts_of(contents: ProofContents) -> Mapping[str, bytes]:
    """Return the files of *contents* by their names, but for those of documents, the audit log and the page."""
    payment = asdict(contents.payment)
    bank = {name: payment.pop(name) for name in BANK_FIELDS}
    bank |= {"method": contents.details.method, "asked_at": contents.details.asked_at}
    refunds, disputes = payment.pop("refunds"), payment.pop("disputes")
    parts: dict[str, object] = {
        "bank-webhooks": [asdict(each) for each in contents.webhooks],
        "decisions": [_decision(each) for each in contents.decisions],
        "discrepancies": [
            _discrepancy(each.discrepancy, each.resolutions) for each in contents.discrepancies
        ],
        "disputes": disputes,
        "documents": [_document(each) for each in contents.documents],
        "emails": [asdict(each) for each in contents.emails],
        "ledger": [_journal(each) for each in contents.journals],
        "order-status": bank,
        "payment": payment | {"price": _price(contents)},
        "refunds": refunds,
        "settlement-lines": [_line(each) for each in contents.lines],
        "timeline": [_entry(each) for each in contents.trail],
        "webhook-deliveries": [_delivery(each) for each in contents.deliveries],
    }
    return {f"{name}.json": written(each) for name, each in parts.items()}


def written(value: object) -> bytes:
    """Return *value* as JSON on lines of its own; the same value makes the same bytes."""
    text = json.dumps(plain(value), ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()


def plain(value: object) -> object:
    """Return what stands for *value* in JSON; instants are in UTC, amounts in rupees with two decimals."""
    match value:
        case Money():
            return value.plain()
        case Mapping():
            return {str(name): plain(each) for name, each in value.items()}
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case str() | int() | None:
            return value
        case Sequence():
            return [plain(each) for each in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no form in a proof pack")


def _price(contents: ProofContents) -> Mapping[str, object]:
    details = asdict(contents.details)
    return {
        name: details[name]
        for name in details
        if name not in {"method", "asked_at", "bank_reference"}
    }


def _entry(entry: AuditEntry) -> Mapping[str, object]:
    return {
        "at": entry.at,
        "actor": entry.origin.actor,
        "source": entry.origin.source,
        "correlation_id": entry.origin.correlation_id,
        "action": entry.action,
        "from": entry.from_state,
        "to": entry.to_state,
        "facts": entry.facts,
    }


def _decision(row: RecordLine) -> Mapping[str, object]:
    return {
        "version": row.fields["version"],
        "at": row.at,
        "basis": row.fields["basis"],
        "told": json.loads(str(row.fields["told"])),
    }


def _document(on_file: DocumentOnFile) -> Mapping[str, object]:
    document: TaxDocument = on_file.registered.document
    void = on_file.registered.cancelled
    return {
        "number": str(document.number),
        "kind": document.particulars.kind,
        "date": document.particulars.date,
        "total": document.heads.total,
        "cancelled": None if void is None else {"at": void.at, "why": void.why},
        "copies": [
            {
                "copy": each.copy,
                "sha256": each.file,
                "size": each.size_bytes,
                "filed_at": each.filed_at,
                "says_cancelled": each.void,
            }
            for each in on_file.filings
        ],
    }


def _journal(journal: PostedJournal) -> Mapping[str, object]:
    return {
        "number": journal.number,
        "kind": journal.key.kind,
        "subject": journal.key.subject,
        "sequence": journal.key.sequence,
        "day": journal.day,
        "posted_on": journal.posted_on,
        "posted_at": journal.posted_at,
        "reference": journal.reference,
        "reverses": journal.reverses,
        "entries": [
            {
                "account": each.account,
                "amount": each.amount,
                "transaction_id": each.payment,
                "settlement": each.settlement,
                "discrepancy": each.discrepancy,
            }
            for each in journal.entries
        ],
    }


def _line(stored: StoredLine) -> Mapping[str, object]:
    line: SettlementLine = stored.reported.line
    return {
        "file_sha256": stored.reported.file,
        "state": stored.state,
        "cause": stored.cause,
    } | {name: getattr(line, name) for name in LINE_FIELDS}


def _discrepancy(
    discrepancy: Discrepancy, resolutions: Sequence[DiscrepancyResolution]
) -> Mapping[str, object]:
    finding = discrepancy.finding
    return {
        "id": discrepancy.id,
        "type": finding.type,
        "cause": finding.cause,
        "about": finding.ref,
        "settlement": finding.settlement,
        "difference": Money(finding.difference_paise),
        "lines": [{"file_sha256": each.file, "line_no": each.line_no} for each in finding.lines],
        "evidence": dict(finding.evidence),
        "state": discrepancy.state,
        "owner": discrepancy.owner,
        "first_found_at": discrepancy.first_found_at,
        "last_found_at": discrepancy.last_found_at,
        "closed_by": discrepancy.closed_by,
        "resolutions": [
            {
                "action": each.action,
                "state": each.state,
                "amount": each.amount,
                "note": each.note,
                "decided_by": each.decided_by,
                "decided_at": each.decided_at,
                "approved_by": each.approved_by,
                "approved_at": each.approved_at,
                "ended_by": each.ended_by,
                "ended_at": each.ended_at,
            }
            for each in resolutions
        ],
    }


def _delivery(told: ToldDelivery) -> Mapping[str, object]:
    logged = told.delivery
    return {
        "endpoint": told.endpoint,
        "event_id": logged.event_id,
        "type": logged.event.type,
        "occurred_at": logged.event.at,
        "sequence": logged.event.sequence,
        "data": logged.event.data,
        "state": logged.state,
        "attempts": logged.attempts,
        "closed_at": logged.closed_at,
        "why": logged.why,
    }
