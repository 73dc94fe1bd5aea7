"""What the account shows of the settlements, by the surest key that holds."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.business_day import business_day_of
from domain.reconciliation.bank_calendar import BankCalendar
from domain.reconciliation.bank_credits import CreditsOutcome, match_credits
from domain.reconciliation.payout import (
    AccountCredit,
    CreditOutcome,
    CreditPart,
    CreditRules,
    Payout,
    PayoutOutcome,
)
from domain.reconciliation.settlement_terms import SettlementTerms
from domain.reconciliation.taxonomy import Cause
from unit.domain.reconciliation.samples import evidence_of, expected_of

FRIDAY = date(2026, 11, 13)
MONDAY = date(2026, 11, 16)
RULES = CreditRules(
    terms=SettlementTerms(calendar=BankCalendar(version="credits")),
    today=date(2026, 11, 14),
    mids={"SIM001": "SIM0001", "SIMT90": "SIM9001"},
)


def payout(key: str = "A", paise: int = 1_000_00, **changes: Any) -> Payout:
    """Return a settlement of Friday."""
    whole = Payout(settlement=key, mid="SIM0001", settled_on=FRIDAY, net_paise=paise, lines=4)
    return replace(whole, **changes)


def credited(entry: str = "1", paise: int = 1_000_00, **changes: Any) -> AccountCredit:
    """Return an entry of Friday whose narration names MID and day."""
    whole = AccountCredit(
        entry=entry,
        booked_on=FRIDAY,
        amount_paise=paise,
        merchant_code="SIM001",
        narrated_day=FRIDAY,
    )
    return replace(whole, **changes)


def nameless(entry: str = "1", paise: int = 1_000_00, **changes: Any) -> AccountCredit:
    """Return an entry of Friday whose narration names nothing."""
    return credited(entry, paise, merchant_code=None, narrated_day=None, **changes)


def after(*items: Payout | AccountCredit, rules: CreditRules = RULES) -> CreditsOutcome:
    """Return the outcome, in which each entry's parts make its amount and nothing is lost."""
    payouts = [each for each in items if isinstance(each, Payout)]
    credits_ = [each for each in items if isinstance(each, AccountCredit)]
    outcome = match_credits(payouts, credits_, rules)
    check(payouts, credits_, outcome)
    return outcome


def check(payouts: list[Payout], credits_: list[AccountCredit], outcome: CreditsOutcome) -> None:
    """Assert that each entry and settlement is one thing, and that parts and rounding tie."""
    assert set(outcome.payouts) == {each.settlement for each in payouts}
    assert set(outcome.credits) == {each.entry for each in credits_}
    taken = {CreditOutcome.MATCHED, CreditOutcome.MATCHED_WITH_ROUNDING}
    for credit in credits_:
        parts = [part for part in outcome.parts if part.entry == credit.entry]
        is_taken = outcome.credits[credit.entry] in taken
        assert sum(part.amount_paise for part in parts) == (credit.amount_paise if is_taken else 0)
    for each in payouts:
        parts = [part for part in outcome.parts if part.settlement == each.settlement]
        paid = sum(part.amount_paise + part.rounding_paise for part in parts)
        is_paid = outcome.payouts[each.settlement] is PayoutOutcome.CREDITED
        assert paid == (each.net_paise if is_paid else 0)


@pytest.mark.parametrize("name", ["11-bank-statement.csv", "12-bank-statement.mt940"])
def test_a_sampled_statement_ends_as_it_is_written(name: str) -> None:
    """
    Two settlements are credited exactly, the card one a paisa short, and two entries are not ours.
    """
    told = expected_of(name)
    rules = replace(RULES, mids=told["reconcile"]["narration_codes"])
    payouts = [
        of_sample(key, net) for key, net in told["reconcile"]["settlement_nets_paise"].items()
    ]
    credits_ = [of_entry(each) for each in told["parse"]["entries"]]

    outcome = after(*payouts, *credits_, rules=rules)

    parts = {part.entry: part for part in outcome.parts}
    assert [
        {
            "entry_no": int(credit.entry),
            "settlement": part.settlement if (part := parts.get(credit.entry)) else None,
            **({"difference_paise": -part.rounding_paise} if part else {}),
            "outcome": outcome.credits[credit.entry],
        }
        for credit in credits_
    ] == told["reconcile"]["results"]
    assert outcome.findings == ()


def of_sample(key: str, net: int) -> Payout:
    """Return the settlement of the sampled reports that *key* names."""
    mid, _, day = key.partition("/")
    lines = [
        line.line
        for name in ("01-clean.csv", "02-bom-crlf.csv", "09-multi-settlement.csv")
        for line in evidence_of(name).lines
        if line.settlement == key and not (name.startswith("09") and day == "2026-11-13")
    ]
    return Payout(
        settlement=key,
        mid=mid,
        settled_on=date.fromisoformat(day),
        net_paise=net,
        lines=len(lines),
        sales_days=frozenset(business_day_of(line.txn_at) for line in lines if line.txn_at),
    )


def of_entry(told: dict[str, Any]) -> AccountCredit:
    """Return the entry with what its narration names."""
    upi = re.search(r"UPI SETTLEMENT -(\w{6})- (\d\d)/(\d\d)/(\d\d)", told["narration"])
    card = re.search(r"(\w+)TERMINAL \d+ CARDS SETTL. (\d\d)/(\d\d)/(\d\d)", told["narration"])
    named = upi or card
    day = date(2000 + int(named[4]), int(named[3]), int(named[2])) if named else None
    return AccountCredit(
        entry=str(told["entry_no"]),
        booked_on=date.fromisoformat(told["booked_on"]),
        amount_paise=told["amount_paise"],
        narration=told["narration"],
        reference=told["reference"],
        merchant_code=named[1] if named else None,
        narrated_day=day,
        day_is_of_sales=card is not None,
    )


def test_a_utr_in_reference_or_narration_is_the_surest_key() -> None:
    """
    It holds whatever day and code say, and pays several settlements of one UTR together.
    """
    by_reference = after(payout(utr="U1"), nameless(reference="U1"))
    by_narration = after(payout(utr="U1"), nameless(narration="NEFT-U1-BANK"))
    together = after(
        payout("A", utr="U1"), payout("B", 5_00, utr="U1"), nameless("1", 1_005_00, reference="U1")
    )

    for outcome in (by_reference, by_narration):
        assert outcome.credits == {"1": CreditOutcome.MATCHED}
    assert together.payouts == {"A": PayoutOutcome.CREDITED, "B": PayoutOutcome.CREDITED}


def test_two_settlements_of_one_utr_in_two_credits() -> None:
    """
    The parts of each entry make its amount.
    """
    outcome = after(
        payout("A", 7_00, utr="U"),
        payout("B", 5_00, utr="U"),
        nameless("1", 10_00, reference="U"),
        nameless("2", 2_00, reference="U"),
    )

    assert outcome.parts == (
        CreditPart(entry="1", settlement="A", amount_paise=7_00),
        CreditPart(entry="1", settlement="B", amount_paise=3_00),
        CreditPart(entry="2", settlement="B", amount_paise=2_00),
    )


def test_what_was_carried_comes_out_of_a_utr_as_well() -> None:
    """
    The credit of a UTR is short by exactly what the MID owed before.
    """
    carried = payout("C", -300_00, settled_on=FRIDAY - timedelta(days=9))

    outcome = after(carried, payout(utr="U1"), nameless(paise=700_00, reference="U1"))

    assert outcome.payouts == {"A": PayoutOutcome.CREDITED, "C": PayoutOutcome.CREDITED}
    assert outcome.parts[0] == CreditPart(entry="1", settlement="C", amount_paise=-300_00)


def test_another_amount_under_the_utr_differs() -> None:
    """
    The bank named the settlement and paid something else.
    """
    outcome = after(payout(utr="U1"), nameless(paise=990_00, reference="U1"))

    (finding,) = outcome.findings
    assert (finding.cause, finding.difference_paise) == (Cause.BANK_CREDIT_DIFFERS, -10_00)
    assert outcome.payouts == {"A": PayoutOutcome.DIFFERS}


def test_a_utr_that_several_share_without_adding_up_is_left_to_the_other_keys() -> None:
    """
    Two settlements and a wrong sum: nothing is guessed.
    """
    outcome = after(
        payout("A", utr="U"), payout("B", 5_00, utr="U"), nameless(paise=1_00, reference="U")
    )

    assert outcome.credits == {"1": CreditOutcome.WITHOUT_SETTLEMENT}


@pytest.mark.parametrize(
    ("paise", "lines", "outcome"),
    [
        (999_96, 4, CreditOutcome.MATCHED_WITH_ROUNDING),
        (1_000_04, 4, CreditOutcome.MATCHED_WITH_ROUNDING),
        (999_95, 4, CreditOutcome.DIFFERS),
        (999_00, 1_000, CreditOutcome.MATCHED_WITH_ROUNDING),
        (998_99, 1_000, CreditOutcome.DIFFERS),
    ],
)
def test_rounding_is_a_paisa_a_line_and_a_rupee_at_most(
    paise: int, lines: int, outcome: CreditOutcome
) -> None:
    """
    Whatever is more than that is a discrepancy of the whole difference.
    """
    result = after(payout(lines=lines), credited(paise=paise))

    assert result.credits == {"1": outcome}
    assert [finding.difference_paise for finding in result.findings] == (
        [paise - 1_000_00] if outcome is CreditOutcome.DIFFERS else []
    )


def test_a_card_credit_names_the_day_of_the_sales() -> None:
    """
    By the days of its lines, or by the working days that the bank takes.
    """
    card = payout(mid="SIM9001")
    credit = credited(
        merchant_code="00SIMT90", narrated_day=date(2026, 11, 12), day_is_of_sales=True
    )
    monday = credited(merchant_code="SIMT90", narrated_day=date(2026, 11, 9), day_is_of_sales=True)

    assert after(card, credit).credits == {"1": CreditOutcome.MATCHED}
    assert after(replace(card, sales_days=frozenset({date(2026, 11, 9)})), monday).credits == {
        "1": CreditOutcome.MATCHED
    }


def test_two_settlements_of_a_day_are_told_apart_by_their_amount() -> None:
    """
    A first file and its supplement are paid in two credits.
    """
    outcome = after(
        payout("A", 700_00), payout("B", 300_00), credited("1", 300_00), credited("2", 700_00)
    )

    assert {(part.entry, part.settlement) for part in outcome.parts} == {("1", "B"), ("2", "A")}


def test_a_negative_settlement_is_carried_into_the_next_one() -> None:
    """
    -5,900.00 and 8,000.00 are one credit of 2,100.00; until then it is carried.
    """
    negative = payout("A", -5_900_00)
    positive = payout("B", 8_000_00, settled_on=MONDAY)
    credit = credited(paise=2_100_00, booked_on=MONDAY, narrated_day=MONDAY)

    assert after(negative).payouts == {"A": PayoutOutcome.CARRIED}
    outcome = after(negative, positive, credit)
    assert outcome.payouts == {"A": PayoutOutcome.CREDITED, "B": PayoutOutcome.CREDITED}
    assert outcome.parts == (
        CreditPart(entry="1", settlement="A", amount_paise=-5_900_00),
        CreditPart(entry="1", settlement="B", amount_paise=8_000_00),
    )


def test_one_credit_for_several_settlements() -> None:
    """
    Settlements of the MID within the window that add up to it, when one set alone does.
    """
    thursday = payout("A", 300_00, settled_on=date(2026, 11, 12))
    merged = credited(paise=1_300_00)
    no_day = credited(paise=300_00, narrated_day=None)

    assert after(thursday, payout("B"), merged).credits == {"1": CreditOutcome.MATCHED}
    assert after(thursday, payout("B"), no_day).payouts["A"] is PayoutOutcome.CREDITED


def test_a_merged_credit_may_be_rounded_by_the_lines_that_it_pays() -> None:
    """
    Two settlements of four lines each may be eight paise off, and no settlement beside them adds to that.
    """
    thursday = payout("A", 300_00, settled_on=date(2026, 11, 12))
    eight, nine = credited(paise=1_299_92), credited(paise=1_299_91)

    assert after(thursday, payout("B"), eight).credits == {"1": CreditOutcome.MATCHED_WITH_ROUNDING}
    assert after(thursday, payout("B"), nine).credits == {"1": CreditOutcome.DIFFERS}


def test_several_sums_that_fit_are_left_to_a_person() -> None:
    """
    Two settlements of one amount, and a credit that names no day.
    """
    outcome = after(
        payout("A", 300_00, settled_on=date(2026, 11, 12)),
        payout("B", 300_00),
        credited(paise=300_00, narrated_day=None),
    )

    assert outcome.credits == {"1": CreditOutcome.AMBIGUOUS}
    assert [finding.cause for finding in outcome.findings] == [Cause.BANK_CREDIT_WITHOUT_SETTLEMENT]


def test_one_settlement_in_several_credits() -> None:
    """
    Entries of the MID within the window that add up to it, when one set alone does.
    """
    parts = (credited("1", 600_00), credited("2", 400_00, booked_on=MONDAY))

    assert after(payout(), *parts).payouts == {"A": PayoutOutcome.CREDITED}


@pytest.mark.parametrize(
    ("booked_on", "outcome"),
    [
        (date(2026, 11, 12), CreditOutcome.NOT_OURS),
        (FRIDAY, CreditOutcome.PROBABLE),
        (date(2026, 11, 17), CreditOutcome.PROBABLE),
        (date(2026, 11, 18), CreditOutcome.NOT_OURS),
    ],
)
def test_amount_and_day_alone_are_only_offered(booked_on: date, outcome: CreditOutcome) -> None:
    """
    Booked on the day or one of two working days after it; taken by machine only where a setting says so.
    """
    credit = nameless(booked_on=booked_on)
    taken = after(payout(), credit, rules=replace(RULES, takes_probable=True))

    assert after(payout(), credit).credits == {"1": outcome}
    assert after(payout(), credit).payouts == {"A": PayoutOutcome.AWAITED}
    assert (taken.payouts == {"A": PayoutOutcome.CREDITED}) is (outcome is CreditOutcome.PROBABLE)


def test_two_that_fit_one_amount_are_not_offered() -> None:
    """
    Amount alone is no key when two entries or two settlements have it.
    """
    assert after(payout(), nameless("1"), nameless("2")).probable == ()
    assert after(payout("A"), payout("B"), nameless("1")).probable == ()
    assert after(payout(), nameless("1")).probable == (("1", "A"),)


def test_a_credit_of_an_unknown_code_or_day_is_without_settlement() -> None:
    """
    The bank says that it is a payout: a person is asked for the file or for the MID of the code.
    """
    unknown = after(payout(), credited(merchant_code="OTHER1"))
    no_file = after(credited())

    for outcome in (unknown, no_file):
        assert outcome.credits == {"1": CreditOutcome.WITHOUT_SETTLEMENT}
        assert [each.difference_paise for each in outcome.findings] == [1_000_00]


@pytest.mark.parametrize(
    ("today", "statement_until", "outcome"),
    [
        (date(2026, 11, 17), date(2026, 11, 17), PayoutOutcome.OVERDUE),
        (MONDAY, MONDAY, PayoutOutcome.AWAITED),
        (date(2026, 11, 20), MONDAY, PayoutOutcome.AWAITED),
        (date(2026, 11, 20), None, PayoutOutcome.AWAITED),
    ],
)
def test_a_settlement_without_credit_is_overdue_by_a_statement(
    today: date, statement_until: date | None, outcome: PayoutOutcome
) -> None:
    """
    A working day of grace has to end, and a statement that reaches beyond it has to be there.
    """
    rules = replace(RULES, today=today, statement_until=statement_until)

    result = after(payout(), rules=rules)

    assert result.payouts == {"A": outcome}
    assert [finding.difference_paise for finding in result.findings] == (
        [-1_000_00] if outcome is PayoutOutcome.OVERDUE else []
    )


PAISE = st.sampled_from([-300_00, 100_00, 300_00, 400_00, 700_00])
DAYS = st.integers(0, 5).map(lambda days: date(2026, 11, 9) + timedelta(days=days))
PAYOUTS = st.lists(
    st.builds(
        payout, st.uuids().map(str), PAISE, settled_on=DAYS, utr=st.sampled_from([None, "U1", "U2"])
    ),
    max_size=6,
    unique_by=lambda each: each.settlement,
)
CREDITS = st.lists(
    st.builds(
        credited,
        st.uuids().map(str),
        PAISE,
        booked_on=DAYS,
        narrated_day=st.none() | DAYS,
        merchant_code=st.sampled_from([None, "SIM001", "OTHER1"]),
        reference=st.sampled_from([None, "U1", "U2"]),
    ),
    max_size=6,
    unique_by=lambda each: each.entry,
)


@settings(max_examples=60)
@given(payouts=PAYOUTS, credits_=CREDITS, takes_probable=st.booleans())
def test_every_entry_and_settlement_is_one_thing_to_the_paisa(
    payouts: list[Payout], credits_: list[AccountCredit], *, takes_probable: bool
) -> None:
    """
    Whatever is paid and however it is named, parts make entries, and the order does not matter.
    """
    rules = replace(RULES, statement_until=FRIDAY, takes_probable=takes_probable)
    outcome = match_credits(payouts, credits_, rules)

    check(payouts, credits_, outcome)
    assert match_credits(payouts[::-1], credits_[::-1], rules) == outcome


def test_a_debt_may_take_up_more_than_one_settlement() -> None:
    """
    What the next settlement does not cover is carried on, and nothing of it is ever overdue.
    """
    debt, absorbed = payout("A", -5_900_00), payout("B", 3_000_00, settled_on=MONDAY)
    later = payout("C", 4_000_00, settled_on=date(2026, 11, 23))
    credit = credited(paise=1_100_00, booked_on=later.settled_on, narrated_day=later.settled_on)
    late = replace(RULES, today=date(2026, 12, 24), statement_until=date(2026, 12, 23))

    carried = after(debt, absorbed, rules=late)
    assert set(carried.payouts.values()) == {PayoutOutcome.CARRIED}
    assert set(after(debt, absorbed, later, credit).payouts.values()) == {PayoutOutcome.CREDITED}


def test_a_debt_is_no_part_of_what_is_missing() -> None:
    """
    Of 8,000.00 less 5,900.00 the account lacks 2,100.00, or what a smaller credit does not bring of it.
    """
    debt, paying = payout("A", -5_900_00), payout("B", 8_000_00, settled_on=MONDAY)
    late = replace(RULES, today=date(2026, 11, 24), statement_until=date(2026, 11, 23))
    short = credited(paise=2_000_00, booked_on=MONDAY, narrated_day=MONDAY)

    (missing,) = after(debt, paying, rules=late).findings
    assert (missing.cause, missing.difference_paise) == (
        Cause.SETTLEMENT_WITHOUT_CREDIT,
        -2_100_00,
    )
    (differs,) = after(debt, paying, short).findings
    assert (differs.cause, differs.difference_paise) == (Cause.BANK_CREDIT_DIFFERS, -100_00)


def test_a_settlement_of_nothing_makes_no_other_way_to_the_sum() -> None:
    """
    The debt that has to come out of a settlement goes before sums that fit as well.
    """
    debt, nothing = payout("A", -5_900_00), payout("N", 0)
    paying = payout("B", 8_000_00, settled_on=MONDAY)
    credit = credited(paise=2_100_00, booked_on=MONDAY, narrated_day=MONDAY)

    assert after(debt, nothing, paying, credit).credits == {"1": CreditOutcome.MATCHED}


def test_what_is_left_of_a_debt_may_come_in_two_credits() -> None:
    """
    A correction of the report is an entry of its own.
    """
    debt, paying = payout("A", -5_900_00), payout("B", 8_000_00, settled_on=MONDAY)
    parts = [
        credited(entry, paise, booked_on=MONDAY, narrated_day=MONDAY)
        for entry, paise in (("1", 1_500_00), ("2", 600_00))
    ]

    assert set(after(debt, paying, *parts).payouts.values()) == {PayoutOutcome.CREDITED}


def test_two_credits_that_are_not_enough_are_one_difference() -> None:
    """
    What is missing is told once, of all that came for the settlement.
    """
    by_name = after(payout(), credited("1", 600_00), credited("2", 300_00))
    by_utr = after(
        payout(utr="U"), nameless("1", 600_00, reference="U"), nameless("2", 300_00, reference="U")
    )

    for outcome in (by_name, by_utr):
        (finding,) = outcome.findings
        assert (finding.cause, finding.difference_paise) == (Cause.BANK_CREDIT_DIFFERS, -100_00)
        assert dict(finding.evidence)["entries"] == "1 2"


def test_one_utr_may_pay_an_earlier_settlement_as_well() -> None:
    """
    When the account shows no UTR of that one, and their sum is the amount.
    """
    earlier = payout("A", 300_00, settled_on=date(2026, 11, 12), utr="U1")
    both = nameless(paise=1_300_00, reference="U2")

    merged = after(earlier, payout("B", utr="U2"), both)
    assert set(merged.payouts.values()) == {PayoutOutcome.CREDITED}
    other = nameless("2", 299_00, reference="U1")
    assert after(earlier, payout("B", utr="U2"), both, other).payouts["B"] is PayoutOutcome.DIFFERS


def test_a_late_line_does_not_make_a_card_credit_mean_two_settlements() -> None:
    """
    Both have sales of the day that it names: the one that is settled on the day of the credit is meant.
    """
    sales = frozenset({date(2026, 11, 12)})
    due = payout("A", 700_00, mid="SIM9001", sales_days=sales)
    later = replace(due, settlement="B", net_paise=900_00, settled_on=MONDAY)
    credit = credited(
        paise=890_00,
        booked_on=MONDAY,
        merchant_code="SIMT90",
        narrated_day=date(2026, 11, 12),
        day_is_of_sales=True,
    )

    outcome = after(due, later, credit)
    assert outcome.payouts == {"A": PayoutOutcome.AWAITED, "B": PayoutOutcome.DIFFERS}
    neither = after(due, later, replace(credit, booked_on=date(2026, 11, 17)))
    assert neither.credits == {"1": CreditOutcome.WITHOUT_SETTLEMENT}


def test_nothing_is_paid_for_a_settlement_that_is_carried() -> None:
    """
    A credit that names it is for something that nobody has told of yet.
    """
    outcome = after(payout(paise=-5_00), credited(paise=7_00))

    assert outcome.credits == {"1": CreditOutcome.WITHOUT_SETTLEMENT}


def test_what_comes_beside_the_whole_amount_is_for_something_else() -> None:
    """
    Under one UTR as under one code and day: the correction of a report that nobody has read yet.
    """
    by_utr = after(
        payout(utr="U"), nameless("1", reference="U"), nameless("2", 7_00, reference="U")
    )
    by_name = after(payout(), credited("1"), credited("2", 7_00))

    for outcome in (by_utr, by_name):
        assert outcome.payouts == {"A": PayoutOutcome.CREDITED}
        assert outcome.credits["2"] is CreditOutcome.WITHOUT_SETTLEMENT


def test_a_settlement_may_be_paid_whole_though_an_earlier_one_is_a_debt() -> None:
    """
    In two credits as in one: another settlement, not told of yet, has taken the debt up.
    """
    debt, paying = payout("A", -300_00), payout("B", settled_on=MONDAY)
    parts = [
        credited(entry, paise, booked_on=MONDAY, narrated_day=MONDAY)
        for entry, paise in (("1", 600_00), ("2", 400_00))
    ]

    assert after(debt, paying, *parts).payouts == {
        "A": PayoutOutcome.CARRIED,
        "B": PayoutOutcome.CREDITED,
    }
