"""What the bank may charge, to the paisa."""

from datetime import date

import pytest

from domain.reconciliation.fee_contract import (
    USUAL_CONTRACT,
    FeeContract,
    FeeRate,
    TaxHeads,
    fee_is_by_contract,
    heads_are_by_contract,
)

CARD = USUAL_CONTRACT.rate_on(date(2026, 11, 12), "CARD")
DEBIT = FeeRate(method="DEBIT", rate=90, exempt_up_to_paise=200_000)
DEBIT_TAXED = FeeRate(method="DEBIT", rate=90)


@pytest.mark.parametrize(
    ("rate", "gross", "fee", "igst", "half", "net", "net_of_halves"),
    [
        (CARD, 11_800_00, 212_40, 38_23, 19_12, 11_549_37, 11_549_36),
        (CARD, 10_620_00, 191_16, 34_41, 17_20, 10_394_43, 10_394_44),
        (CARD, 1_18_000_00, 2_124_00, 382_32, 191_16, 1_15_493_68, 1_15_493_68),
        (CARD, 1_770_00, 31_86, 0, 0, 1_738_14, 1_738_14),
        (DEBIT, 999_00, 8_99, 0, 0, 990_01, 990_01),
        (DEBIT_TAXED, 999_00, 8_99, 1_62, 81, 988_39, 988_39),
    ],
)
def test_fee_and_tax_are_rounded_half_up_per_line(  # noqa: PLR0917 a row of the table of vectors
    rate: FeeRate, gross: int, fee: int, igst: int, half: int, net: int, net_of_halves: int
) -> None:
    """
    The fee, GST on it as one head, and as two heads that are rounded each by itself.
    """
    assert rate.fee_paise(gross) == fee
    assert rate.igst(gross, fee) == TaxHeads(igst_paise=igst)
    assert rate.halves(gross, fee) == TaxHeads(cgst_paise=half, sgst_paise=half)
    assert gross - fee - rate.igst(gross, fee).total_paise == net
    assert gross - fee - rate.halves(gross, fee).total_paise == net_of_halves


def test_the_exemption_of_card_payments_ends_above_two_thousand_rupees() -> None:
    """
    2,000.00 is exempt, 2,000.01 is not.
    """
    assert CARD.igst(2_000_00, 36_00) == TaxHeads()
    assert CARD.igst(2_000_01, 36_00) == TaxHeads(igst_paise=6_48)


def test_the_rate_of_the_day_counts() -> None:
    """
    A rate holds from its day on; before the first one and for an unknown method nothing may be charged.
    """
    contract = FeeContract(
        (
            FeeRate(method="CARD", rate=200, valid_from=date(2026, 4, 1)),
            FeeRate(method="CARD", rate=180, valid_from=date(2026, 11, 12)),
        )
    )

    assert [
        contract.rate_on(day, "CARD").rate
        for day in (date(2026, 3, 31), date(2026, 11, 11), date(2026, 11, 12))
    ] == [0, 200, 180]
    assert contract.rate_on(date(2026, 11, 12), None).fee_paise(1_00_000_00) == 0


def test_heads_are_split_as_the_bank_splits_them() -> None:
    """
    Which heads there are depends on the States of bank and merchant, and the file tells.
    """
    assert CARD.heads_like(TaxHeads(igst_paise=1), 11_800_00, 212_40) == TaxHeads(igst_paise=38_23)
    assert CARD.heads_like(TaxHeads(sgst_paise=1), 11_800_00, 212_40) == TaxHeads(
        cgst_paise=19_12, sgst_paise=19_12
    )
    assert CARD.heads_like(TaxHeads(utgst_paise=1), 11_800_00, 212_40) == TaxHeads(
        cgst_paise=19_12, utgst_paise=19_12
    )


@pytest.mark.parametrize(
    ("told", "is_refund", "right"),
    [
        (212_40, False, True),
        (212_41, False, True),
        (212_39, False, True),
        (212_42, False, False),
        (212_38, False, False),
        (0, True, True),
        (1, True, True),
        (2, True, False),
        (-212_40, True, True),
        (-212_41, True, True),
        (-212_42, True, False),
    ],
)
def test_one_paisa_is_rounding(told: int, *, is_refund: bool, right: bool) -> None:
    """
    A fee may be a paisa off; a refund costs nothing and may give back the fee of the payment.
    """
    assert fee_is_by_contract(told, 212_40, is_refund=is_refund) is right


@pytest.mark.parametrize("head", ["cgst_paise", "sgst_paise", "igst_paise", "utgst_paise"])
def test_each_head_may_be_a_paisa_off(head: str) -> None:
    """
    One paisa a head is rounding, two are not, whichever head it is.
    """
    told = {"cgst_paise": 100, "sgst_paise": 100, "igst_paise": 100, "utgst_paise": 100}
    contract = TaxHeads(**told)

    assert heads_are_by_contract(TaxHeads(**{**told, head: 101}), contract)
    assert not heads_are_by_contract(TaxHeads(**{**told, head: 98}), contract)
