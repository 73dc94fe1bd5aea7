"""A document cannot say what no document may; its snapshot is one text, and reads back as the same document."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents.document_number import DocumentNumber, FinancialYear, Series
from domain.documents.document_snapshot import (
    SnapshotDamaged,
    around_number,
    from_snapshot,
    sha256_of,
    snapshot,
)
from domain.documents.invoicing import credit_for
from domain.documents.tax_document import SERIES, DocumentKind, Heads, Particulars
from domain.money import ZERO, Money
from domain.tax.gst import Supply
from fakes.clock import NOON
from fakes.documents.document_strategies import particulars
from fakes.documents.issued import (
    POLICY,
    a_buyer,
    a_company,
    an_invoice,
    numbered,
    paid_back,
    sold,
)


def a_note() -> Particulars:
    return credit_for(
        an_invoice(), [], paid_back("1.00"), company=a_company(), policy=POLICY, at=NOON
    )


def test_every_kind_has_a_series_of_its_own() -> None:
    """
    Two kinds in one run would leave gaps in each.
    """
    assert set(SERIES) == set(DocumentKind)
    assert set(SERIES.values()) == set(Series)


@settings(max_examples=60)  # whole payments are made up for each
@given(particulars(), st.integers(1, 9_999_999))
def test_a_document_survives_its_snapshot(said: Particulars, sequence: int) -> None:
    """
    Every field of every kind, and the register only has to put a number into the text.
    """
    document = numbered(said, sequence)
    text, (head, tail) = snapshot(document), around_number(said)

    assert from_snapshot(text, sha256_of(text)) == document
    assert snapshot(from_snapshot(text, sha256_of(text))) == text
    assert f"{head}{document.number}{tail}" == text
    assert json.loads(text)["number"] == str(document.number)


def test_one_instant_has_one_spelling() -> None:
    """
    Whatever zone the clock showed it in.
    """
    said = an_invoice().particulars
    elsewhere = replace(said, issued_at=NOON.astimezone(timezone(timedelta(hours=9))))

    assert around_number(said) == around_number(elsewhere)
    assert '"issued_at":"2026-08-03T12:00:00.000000+00:00"' in around_number(said)[1]


def test_the_hash_is_of_the_text_in_utf8() -> None:
    """
    As ``sha256sum`` of the same bytes says it.
    """
    assert sha256_of("शुल्क") == "024e1b753bd7142448a2b82a218c61a441737168b46adef5e85d2d75ac8f07ff"


def test_a_changed_snapshot_is_no_document() -> None:
    """
    A paisa more, and it is not what was issued.
    """
    text = snapshot(an_invoice())
    altered = text.replace('"taxable_paise":1000000', '"taxable_paise":1000001')

    assert altered != text
    with pytest.raises(SnapshotDamaged) as damage:
        from_snapshot(altered, sha256_of(text))
    assert damage.value.sha256 == sha256_of(text)


def test_a_number_belongs_to_the_kind_and_the_year() -> None:
    """
    An invoice takes no number of the credit notes, nor of another year.
    """
    invoice = an_invoice()

    for number in (
        DocumentNumber(Series.CREDIT_NOTE, FinancialYear(2026), 1),
        DocumentNumber(Series.INVOICE, FinancialYear(2025), 1),
    ):
        with pytest.raises(ValueError, match="is not a number for"):
            replace(invoice, number=number)


IMPOSSIBLE: Mapping[str, Callable[[], object]] = {
    "a note without an original": lambda: replace(a_note(), original=None),
    "an invoice with an original": lambda: replace(
        an_invoice().particulars, original=a_note().original
    ),
    "an invoice without a price": lambda: replace(an_invoice().particulars, pricing=None),
    "a note with a price": lambda: replace(a_note(), pricing=an_invoice().particulars.pricing),
    "a document about nothing": lambda: replace(an_invoice().particulars, heads=Heads()),
    "a taxed bill of supply": lambda: replace(
        an_invoice().particulars, kind=DocumentKind.BILL_OF_SUPPLY
    ),
    "a taxed commercial credit": lambda: replace(a_note(), kind=DocumentKind.COMMERCIAL_CREDIT),
    "tax between States within one": lambda: replace(
        an_invoice().particulars, heads=Heads(taxable=Money(1), igst=Money(1))
    ),
    "tax within a State between two": lambda: replace(
        an_invoice(sold(buyer=a_buyer("29"))).particulars,
        heads=Heads(taxable=Money(1), cgst=Money(1), sgst=Money(1)),
    ),
    "another supply than the States tell": lambda: replace(
        an_invoice().particulars, supply=Supply.INTER_STATE
    ),
    "no second tax within a State": lambda: replace(an_invoice().particulars, second_tax=None),
    "a negative head": lambda: Heads(taxable=Money(-1)),
    "unequal halves": lambda: Heads(cgst=Money(1)),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_no_document_can_say_is_none(what: str) -> None:
    """
    Better no document than one that an auditor would tear up.
    """
    with pytest.raises(ValueError, match=r".+"):
        IMPOSSIBLE[what]()


def test_heads_add_up() -> None:
    """
    Head by head, and all together to the total.
    """
    one = Heads(taxable=Money(100), cgst=Money(9), sgst=Money(9))
    other = Heads(taxable=Money(50), igst=Money(9))

    assert one + other == Heads(taxable=Money(150), cgst=Money(9), sgst=Money(9), igst=Money(9))
    assert (one + other).total == Money(177)
    assert (one.tax, other.tax, Heads().total) == (Money(18), Money(9), ZERO)


def test_which_kinds_give_back() -> None:
    """
    Two of the four.
    """
    assert {kind for kind in DocumentKind if kind.credits} == {
        DocumentKind.CREDIT_NOTE,
        DocumentKind.COMMERCIAL_CREDIT,
    }
