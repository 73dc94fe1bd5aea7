"""The documents of a scenario: those that a payment's status names, each downloaded and found in an email."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from entrypoints.cli.demo.clients import Astray, StudentClient

PDF: Final = b"%PDF-"


@dataclass(frozen=True, slots=True)
class IssuedDocuments:
    """The numbers of a payment's documents, credit notes in the order of issue."""

    invoice_number: str | None
    credit_note_numbers: tuple[str, ...]

    @property
    def numbers(self) -> tuple[str, ...]:
        invoice = (self.invoice_number,) if self.invoice_number else ()
        return invoice + self.credit_note_numbers


async def documents_of(
    client: StudentClient, transaction_id: str, emails: Iterable[Mapping[str, Any]]
) -> IssuedDocuments:
    """
    Return the documents of a payment, or raise ``Astray`` for one that is not what it should be.

    Each is fetched as its student would, and came with one of the student's *emails*, byte for byte
    as long.
    """
    known = await client.status_of(transaction_id)
    issued = IssuedDocuments(known["invoice_number"], tuple(known["credit_note_numbers"]))
    mailed = {
        file["name"]: file["size"]
        for each in emails
        if each["to"] == client.student.email
        for file in each["attachments"]
    }
    for number in issued.numbers:
        content = await client.document(transaction_id, number)
        if not content.startswith(PDF):
            raise Astray(f"{number} is no PDF")
        name = f"{number.replace('/', '-')}.pdf"
        if mailed.get(name) != len(content):
            raise Astray(f"{number} did not come by mail as it was filed")
    return issued
