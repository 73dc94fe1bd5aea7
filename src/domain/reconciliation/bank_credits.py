"""Settlements and the credits on the account: by UTR, by merchant code and day, by sums, to the paisa."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Final, TypeVar

from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.payout import (
    AccountCredit,
    CreditOutcome,
    CreditPart,
    CreditRules,
    Payout,
    PayoutOutcome,
)
from domain.reconciliation.taxonomy import TAXONOMY, Cause, DiscrepancyType, Subject

CANDIDATES_MAX: Final = 8
"""So many settlements or entries are tried in every combination; more are a person's work."""

CREDIT_WORKING_DAYS_MAX: Final = 2
"""A credit without a name is booked on the day of its settlement or one of the two working days after it."""

Item = TypeVar("Item", Payout, AccountCredit)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditsOutcome:
    """What each entry and each settlement came to, and which part of which entry pays what."""

    credits: dict[str, CreditOutcome]
    payouts: dict[str, PayoutOutcome]
    parts: tuple[CreditPart, ...]
    findings: tuple[Finding, ...]
    probable: tuple[tuple[str, str], ...]
    """Entry and settlement that a person may confirm."""


def match_credits(
    payouts: Iterable[Payout], credits_: Iterable[AccountCredit], rules: CreditRules
) -> CreditsOutcome:
    """
    Return what the account shows of *payouts*: each entry and each settlement is exactly one thing.

    A surer key goes before a weaker one; amount alone is only offered. Of several sums that fit,
    none is taken.
    """
    work = _Work(rules)
    work.payouts = {
        each.settlement: each
        for each in sorted(payouts, key=lambda p: (p.settled_on, p.settlement))
    }
    work.credits = {
        each.entry: each for each in sorted(credits_, key=lambda c: (c.booked_on, c.entry))
    }
    for step in (_by_utr, _by_name, _by_sum, _by_split, _by_amount):
        step(work)
    _end_credits(work)
    _end_payouts(work)
    return CreditsOutcome(
        credits=dict(sorted(work.credit_outcomes.items())),
        payouts=dict(sorted(work.payout_outcomes.items())),
        parts=tuple(work.parts),
        findings=tuple(sorted(work.findings, key=lambda finding: finding.key)),
        probable=tuple(work.probable),
    )


@dataclass(slots=True)
class _Work:
    rules: CreditRules
    payouts: dict[str, Payout] = field(default_factory=dict)
    credits: dict[str, AccountCredit] = field(default_factory=dict)
    credit_outcomes: dict[str, CreditOutcome] = field(default_factory=dict)
    payout_outcomes: dict[str, PayoutOutcome] = field(default_factory=dict)
    parts: list[CreditPart] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    probable: list[tuple[str, str]] = field(default_factory=list)

    def take(self, payouts: Sequence[Payout], credits_: Sequence[AccountCredit]) -> bool:
        """Pay *payouts* by *credits_* when their sums agree but for rounding; say whether they did."""
        missing = _sum(payouts) - _sum(credits_)
        if not payouts or not credits_ or abs(missing) > _tolerance(payouts):
            return False
        self.parts.extend(_parts(payouts, credits_))
        word = CreditOutcome.MATCHED_WITH_ROUNDING if missing else CreditOutcome.MATCHED
        for credit in credits_:
            self.close_credit(credit, word)
        for payout in payouts:
            self.close_payout(payout, PayoutOutcome.CREDITED)
        return True

    def close_credit(self, credit: AccountCredit, outcome: CreditOutcome) -> None:
        self.credit_outcomes[credit.entry] = outcome
        del self.credits[credit.entry]

    def close_payout(self, payout: Payout, outcome: PayoutOutcome) -> None:
        self.payout_outcomes[payout.settlement] = outcome
        del self.payouts[payout.settlement]

    def named_by(self, credit: AccountCredit) -> list[Payout]:
        """Return the open settlements that the code and the day of the narration name."""
        mid, day = self.rules.mid_of(credit), credit.narrated_day
        if mid is None or day is None:
            return []
        due = self.rules.terms.settled_after(day, mid, None)
        return [
            payout
            for payout in self.payouts.values()
            if payout.mid == mid
            and (
                (day in payout.sales_days or payout.settled_on == due)
                if credit.day_is_of_sales
                else payout.settled_on == day
            )
        ]

    def in_window(self, credit: AccountCredit, payout: Payout) -> bool:
        """Whether *credit* was booked soon enough after *payout*; what is carried waits for long."""
        if payout.settled_on > credit.booked_on:
            return False
        calendar = self.rules.terms.calendar
        last = calendar.add_working_days(payout.settled_on, CREDIT_WORKING_DAYS_MAX)
        return payout.net_paise <= 0 or credit.booked_on <= last


def _by_utr(work: _Work) -> None:
    for utr in sorted({payout.utr for payout in work.payouts.values() if payout.utr}):
        paid = [payout for payout in work.payouts.values() if payout.utr == utr]
        credits_ = [credit for credit in work.credits.values() if credit.names_utr(utr)]
        if not credits_ or work.take(paid, credits_):
            continue
        carried = [
            payout
            for payout in work.payouts.values()
            if payout.net_paise < 0 and payout.mid == paid[0].mid and payout not in paid
        ][-CANDIDATES_MAX:]
        ways = _ways(carried, _sum(credits_) - _sum(paid))
        if len(ways) == 1:
            work.take([*ways[0], *paid], credits_)
        elif len(paid) == 1 and len(credits_) == 1:
            _differs(work, credits_[0], paid[0])


def _by_name(work: _Work) -> None:
    for credit in list(work.credits.values()):
        named = work.named_by(credit)
        if not work.take(named, [credit]):
            exact = [each for each in named if _fits(each, credit)]
            if len(exact) == 1:
                work.take(exact, [credit])


def _fits(payout: Payout, credit: AccountCredit) -> bool:
    return abs(payout.net_paise - credit.amount_paise) <= payout.tolerance_paise


def _by_sum(work: _Work) -> None:
    """Several settlements in one credit, those that were carried among them."""
    for credit in list(work.credits.values()):
        mid = work.rules.mid_of(credit)
        named = work.named_by(credit)
        others = [
            payout
            for payout in work.payouts.values()
            if payout.mid == mid and payout not in named and work.in_window(credit, payout)
        ][-CANDIDATES_MAX:]
        left = credit.amount_paise - _sum(named)
        ways = _ways(others, left) or _ways(others, left, rounded_with=named)
        if len(ways) == 1:
            work.take([*named, *ways[0]], [credit])
        elif ways:
            work.findings.append(_without_settlement(credit, settlements=len(ways)))
            work.close_credit(credit, CreditOutcome.AMBIGUOUS)


def _by_split(work: _Work) -> None:
    """One settlement in several credits."""
    for payout in list(work.payouts.values()):
        credits_ = [
            credit
            for credit in work.credits.values()
            if work.rules.mid_of(credit) == payout.mid and work.in_window(credit, payout)
        ][:CANDIDATES_MAX]
        ways = [way for way in _ways(credits_, payout.net_paise) if len(way) > 1]
        if len(ways) == 1:
            work.take([payout], ways[0])


def _by_amount(work: _Work) -> None:
    """An entry that names nothing, whose amount and day fit one settlement and no other entry."""
    pairs = [
        (credit, payout)
        for credit in work.credits.values()
        for payout in work.payouts.values()
        if credit.merchant_code is None
        and payout.net_paise == credit.amount_paise > 0
        and work.in_window(credit, payout)
    ]
    for credit, payout in pairs:
        rivals = [pair for pair in pairs if (pair[0] is credit) != (pair[1] is payout)]
        if rivals:
            continue
        if work.rules.takes_probable:
            work.take([payout], [credit])
        else:
            work.probable.append((credit.entry, payout.settlement))
            work.close_credit(credit, CreditOutcome.PROBABLE)


def _end_credits(work: _Work) -> None:
    for credit in list(work.credits.values()):
        named = work.named_by(credit)
        if len(named) == 1:
            _differs(work, credit, named[0])
        elif credit.merchant_code is not None:
            work.findings.append(_without_settlement(credit))
            work.close_credit(credit, CreditOutcome.WITHOUT_SETTLEMENT)
        else:
            work.close_credit(credit, CreditOutcome.NOT_OURS)


def _end_payouts(work: _Work) -> None:
    for payout in list(work.payouts.values()):
        due_on, until = (
            work.rules.terms.credit_due_on(payout.settled_on),
            work.rules.statement_until,
        )
        if payout.net_paise <= 0:
            work.close_payout(payout, PayoutOutcome.CARRIED)
        elif until is not None and min(until, work.rules.today) > due_on:
            work.findings.append(_without_credit(payout))
            work.close_payout(payout, PayoutOutcome.OVERDUE)
        else:
            work.close_payout(payout, PayoutOutcome.AWAITED)


def _ways(
    items: Sequence[Item], paise: int, *, rounded_with: Sequence[Payout] | None = None
) -> list[tuple[Item, ...]]:
    """
    Return every set of at least one of *items* whose sum is *paise*.

    With *rounded_with* the sum may be off by the rounding of those and of the set's own settlements.
    """
    return [
        chosen
        for count in range(1, len(items) + 1)
        for chosen in combinations(items, count)
        if abs(_sum(chosen) - paise) <= _rounding(chosen, rounded_with)
    ]


def _rounding(
    chosen: Sequence[Payout | AccountCredit], rounded_with: Sequence[Payout] | None
) -> int:
    if rounded_with is None:
        return 0
    return _tolerance([*rounded_with, *(each for each in chosen if isinstance(each, Payout))])


def _sum(items: Iterable[Payout | AccountCredit]) -> int:
    return sum(each.net_paise if isinstance(each, Payout) else each.amount_paise for each in items)


def _tolerance(payouts: Iterable[Payout]) -> int:
    return sum(payout.tolerance_paise for payout in payouts)


def _parts(payouts: Sequence[Payout], credits_: Sequence[AccountCredit]) -> list[CreditPart]:
    """
    Spread the entries over the settlements, so that the parts of each entry make its amount.

    What was carried comes first. What the sums differ by is rounding, and stands with the last one.
    """
    amounts: Counter[tuple[str, str]] = Counter()
    left = {credit.entry: credit.amount_paise for credit in credits_}
    ordered = sorted(payouts, key=lambda each: each.net_paise > 0)
    for payout in ordered:
        due = payout.net_paise
        for entry, rest in left.items():
            amount = min(due, max(rest, 0)) if due > 0 else max(due, min(rest, 0))
            amounts[entry, payout.settlement] += amount
            left[entry] -= amount
            due -= amount
        amounts[credits_[0].entry, payout.settlement] += due
        left[credits_[0].entry] -= due
    last = ordered[-1].settlement
    for entry, rest in left.items():
        amounts[entry, last] += rest
    parts = [
        CreditPart(entry=entry, settlement=settlement, amount_paise=amount)
        for (entry, settlement), amount in amounts.items()
        if amount or settlement == last
    ]
    at = max(place for place, part in enumerate(parts) if part.settlement == last)
    parts[at] = replace(parts[at], rounding_paise=_sum(payouts) - _sum(credits_))
    return [part for part in parts if part.amount_paise or part.rounding_paise]


def _differs(work: _Work, credit: AccountCredit, payout: Payout) -> None:
    kind, cause = DiscrepancyType.AMOUNT_MISMATCH, Cause.BANK_CREDIT_DIFFERS
    work.findings.append(
        Finding(
            type=kind,
            cause=cause,
            subject=Subject.BANK_CREDIT,
            ref=credit.entry,
            settlement=payout.settlement,
            difference_paise=credit.amount_paise - payout.net_paise,
            action=TAXONOMY[kind, cause].action,
            evidence=facts(net=payout.net_paise, credited=credit.amount_paise, utr=payout.utr),
        )
    )
    work.close_credit(credit, CreditOutcome.DIFFERS)
    work.close_payout(payout, PayoutOutcome.DIFFERS)


def _without_settlement(credit: AccountCredit, settlements: int | None = None) -> Finding:
    kind, cause = DiscrepancyType.MISSING_IN_SYSTEM, Cause.BANK_CREDIT_WITHOUT_SETTLEMENT
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.BANK_CREDIT,
        ref=credit.entry,
        settlement="",
        difference_paise=credit.amount_paise,
        action=TAXONOMY[kind, cause].action,
        evidence=facts(
            merchant_code=credit.merchant_code, day=credit.narrated_day, sums_that_fit=settlements
        ),
    )


def _without_credit(payout: Payout) -> Finding:
    kind, cause = DiscrepancyType.MISSING_IN_GATEWAY, Cause.SETTLEMENT_WITHOUT_CREDIT
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.SETTLEMENT,
        ref=payout.settlement,
        settlement=payout.settlement,
        difference_paise=-payout.net_paise,
        action=TAXONOMY[kind, cause].action,
        evidence=facts(settled_on=payout.settled_on, utr=payout.utr),
    )
