"""Credit notes never give back more than was charged, in any head, and the last one closes them all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents.credit_note_split import CreditImpossible, split_credit_note
from domain.documents.tax_document import Heads, sum_of
from domain.money import ZERO, Money
from domain.tax.gst import GstRate, PriceMode, split_tax
from domain.tax.indian_states import indian_state

REFUND_MIN = 1_00
INSIDE, OUTSIDE = indian_state("27"), indian_state("29")


def rupees(text: str) -> Money:
    return Money.from_rupees(text)


def charged(
    total: int, rate: str, mode: PriceMode = PriceMode.INCLUSIVE, place: str = "27"
) -> Heads:
    split = split_tax(
        Money(total),
        mode=mode,
        rate=GstRate(Decimal(rate)),
        seller=INSIDE,
        place=indian_state(place),
    )
    return Heads(taxable=split.taxable, cgst=split.cgst, sgst=split.sgst, igst=split.igst)


def credited(invoice: Heads, *refunds: str) -> list[Heads]:
    notes, so_far = [], Heads()
    for refund in refunds:
        notes.append(split_credit_note(invoice, so_far, rupees(refund)))
        so_far += notes[-1]
    return notes


def intra(taxable: str, half: str) -> Heads:
    return Heads(taxable=rupees(taxable), cgst=rupees(half), sgst=rupees(half))


@pytest.mark.parametrize(
    ("total", "notes"),
    [
        (999_00, [("333.00", "282.20", "25.40"), ("333.00", "282.22", "25.39"), ("333.00", "282.20", "25.40")]),
        (1000_00, [("333.33", "282.49", "25.42"), ("333.33", "282.47", "25.43"), ("333.34", "282.50", "25.42")]),
        (4999_00, [("1.00", "0.84", "0.08"), ("1500.00", "1271.20", "114.40"), ("3498.00", "2964.40", "266.80")]),
        (11800_00, [("7866.67", "6666.67", "600.00")]),
    ],
)  # fmt: skip
def test_the_worked_examples_within_a_state(total: int, notes: list[tuple[str, str, str]]) -> None:
    """
    Rounding each note by itself would credit 76.20 of 76.19 in the first.
    """
    expected = [intra(taxable, half) for _, taxable, half in notes]

    assert credited(charged(total, "18"), *(refund for refund, _, _ in notes)) == expected


def test_the_worked_example_between_states() -> None:
    """
    999.00 in three parts.
    """
    notes = credited(charged(999_00, "18", place="29"), "333.00", "333.00", "333.00")

    assert [(note.taxable, note.igst) for note in notes] == [
        (rupees("282.20"), rupees("50.80")),
        (rupees("282.21"), rupees("50.79")),
        (rupees("282.20"), rupees("50.80")),
    ]


def test_999_rupees_one_by_one() -> None:
    """
    Every taxable part is 0.84 to 0.86, and all of them close the invoice.
    """
    invoice = charged(999_00, "18")
    notes = credited(invoice, *["1.00"] * 999)

    assert {note.taxable.paise for note in notes} == {84, 86}  # two equal halves leave an even rest
    assert sum_of(notes) == invoice == intra("846.62", "76.19")


@st.composite
def refunds(draw: st.DrawFn) -> tuple[Heads, list[Money]]:
    """An invoice, and the sums it is given back in: 1.00 at least, or what is left."""
    total = draw(st.integers(10_00, 5_00_000_00))
    invoice = charged(
        total,
        draw(st.sampled_from(["0", "0.25", "5", "12", "18", "28", "100"])),
        draw(st.sampled_from(PriceMode)),
        draw(st.sampled_from([INSIDE.code, OUTSIDE.code])),
    )
    left = invoice.total.paise
    parts: list[Money] = []
    while left and len(parts) < 12:
        part = draw(st.integers(min(REFUND_MIN, left), left))
        parts.append(Money(part))
        left -= part
    if left:
        parts.append(Money(left))
    return invoice, parts


@given(refunds())
def test_every_sequence_closes_each_head_and_passes_none(told: tuple[Heads, list[Money]]) -> None:
    """
    After each note all of them together are at most the invoice, head by head; after the last, equal.
    """
    invoice, parts = told
    notes: list[Heads] = []
    for part in parts:
        notes.append(split_credit_note(invoice, sum_of(notes), part))
        so_far = sum_of(notes)
        assert notes[-1].total == part
        assert so_far.taxable <= invoice.taxable
        assert so_far.cgst <= invoice.cgst
        assert so_far.igst <= invoice.igst
    assert sum_of(notes) == invoice


@given(st.integers(10_00, 5_00_000_00), st.sampled_from(["5", "12", "18", "28"]))
def test_the_last_paisa_closes_the_invoice(total: int, rate: str) -> None:
    """
    One paisa cannot carry two halves of tax, so they have gone with what came before.
    """
    invoice = charged(total, rate)
    first = split_credit_note(invoice, Heads(), invoice.total - Money(1))

    assert split_credit_note(invoice, first, Money(1)) == Heads(taxable=Money(1))


@pytest.mark.parametrize("refund", [ZERO, Money(-1), Money(999_01)])
def test_more_than_is_left_is_never_credited(refund: Money) -> None:
    """
    Nor nothing.
    """
    with pytest.raises(CreditImpossible, match="between nothing"):
        split_credit_note(charged(999_00, "18"), Heads(), refund)


def test_a_paisa_too_small_for_its_halves_is_refused() -> None:
    """
    No two equal halves of tax fit into it; a negative taxable value would not be honest.
    """
    invoice = charged(10_00, "100")
    almost = Heads(taxable=rupees("4.99"), cgst=Money(2_49), sgst=Money(2_49))

    with pytest.raises(CreditImpossible, match="less than the halves"):
        split_credit_note(invoice, almost, Money(1))
