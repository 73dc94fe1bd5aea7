"""The audit lines about tax documents that the worker issues, files and regenerates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from domain.documents.tax_document import Particulars
from ports.audit_log import AuditEntry, Origin, Source
from ports.unit_of_work import Work

BY_WORKER: Final = Origin(actor="system", source=Source.DOCUMENT)


def audit_document(
    work: Work, particulars: Particulars, action: str, facts: Mapping[str, str], at: datetime
) -> None:
    """Collect one entry of the audit log about the document with *particulars*."""
    work.audit.add(
        AuditEntry(
            at=at,
            origin=BY_WORKER,
            action=action,
            subject=particulars.payment.order,
            facts=facts,
        )
    )
