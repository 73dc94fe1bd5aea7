"""Each kind of document reads back from its snapshot as it was written."""

import pytest

from domain.documents.document_snapshot import from_snapshot, sha256_of, snapshot
from domain.documents.invoicing import credit_for
from domain.documents.tax_document import Particulars, TaxDocument
from fakes.clock import NOON
from fakes.documents.issued import POLICY, a_company, an_invoice, numbered, paid_back


def credit_note() -> Particulars:
    return credit_for(
        an_invoice(), [], paid_back("1.00"), company=a_company(), policy=POLICY, at=NOON
    )


@pytest.mark.parametrize(
    "document", [an_invoice(), numbered(credit_note())], ids=["invoice", "credit note"]
)
def test_a_document_is_read_back_from_its_text(document: TaxDocument) -> None:
    """
    Company, buyer, payment, tax heads and price; of a credit note its invoice too.
    """
    text = snapshot(document)

    assert from_snapshot(text, sha256_of(text)) == document
