"""What is left of settlements and credits while they are matched, and what each of them may belong to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from domain.reconciliation.finding import Finding
from domain.reconciliation.payout import (
    AccountCredit,
    CreditOutcome,
    CreditPart,
    CreditRules,
    Payout,
    PayoutOutcome,
)

CREDIT_WORKING_DAYS_MAX: Final = 2
"""A credit without a name is booked on the day of its settlement or one of the two working days after it."""


@dataclass(slots=True)
class OpenCredits:
    """The state of one comparison: *absorbed* says for each settlement that is paid out whose debt it takes up."""

    rules: CreditRules
    absorbed: dict[str, tuple[Payout, ...]]
    payouts: dict[str, Payout] = field(default_factory=dict)
    utrs: set[str] = field(default_factory=set)
    credits: dict[str, AccountCredit] = field(default_factory=dict)
    credit_outcomes: dict[str, CreditOutcome] = field(default_factory=dict)
    payout_outcomes: dict[str, PayoutOutcome] = field(default_factory=dict)
    parts: list[CreditPart] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    probable: list[tuple[str, str]] = field(default_factory=list)

    def take(self, payouts: Sequence[Payout], credits_: Sequence[AccountCredit]) -> bool:
        """Pay *payouts* by *credits_* when their sums agree but for rounding; say whether they did."""
        missing = sum_of(payouts) - sum_of(credits_)
        if not payouts or not credits_ or abs(missing) > tolerance_of(payouts):
            return False
        self.parts.extend(parts_of(payouts, credits_))
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
                and payout.settled_on <= credit.booked_on
                if credit.day_is_of_sales
                else payout.settled_on == day
            )
        ]

    def meant_by(self, credit: AccountCredit) -> Payout | None:
        """
        Return the one settlement that *credit* has to be for, though the amounts differ.

        A line that came late brings its day of sale into a later settlement, so that a day of sale may
        name several: then the one is meant that is settled on the day of the credit.
        """
        named = [payout for payout in self.named_by(credit) if not self.is_carried(payout)]
        today = [payout for payout in named if payout.settled_on == credit.booked_on]
        for candidates in (named, today):
            if len(candidates) == 1:
                return candidates[0]
        return None

    def carried_into(self, payout: Payout) -> list[Payout]:
        """Return the open settlements whose debt the bank has to take out of *payout*."""
        return [
            each
            for each in self.absorbed.get(payout.settlement, ())
            if each.settlement in self.payouts
        ]

    def is_carried(self, payout: Payout) -> bool:
        """Whether the bank pays nothing out for it: it is negative, or a debt from before is larger."""
        return payout.settlement not in self.absorbed

    def in_window(self, credit: AccountCredit, payout: Payout) -> bool:
        """Whether *credit* was booked soon enough after *payout*; what is carried waits for long."""
        if payout.settled_on > credit.booked_on:
            return False
        calendar = self.rules.terms.calendar
        last = calendar.add_working_days(payout.settled_on, CREDIT_WORKING_DAYS_MAX)
        return self.is_carried(payout) or credit.booked_on <= last


def absorbed_debts(payouts: Iterable[Payout]) -> dict[str, tuple[Payout, ...]]:
    """Return the settlements that are paid out, in order, each with those whose debt was carried into it."""
    absorbed: dict[str, tuple[Payout, ...]] = {}
    waiting: dict[str, list[Payout]] = defaultdict(list)
    for payout in payouts:
        carried = waiting[payout.mid]
        if sum_of([*carried, payout]) > 0:
            absorbed[payout.settlement] = tuple(carried)
            waiting[payout.mid] = []
        else:
            carried.append(payout)
    return absorbed


def sum_of(items: Iterable[Payout | AccountCredit]) -> int:
    return sum(each.net_paise if isinstance(each, Payout) else each.amount_paise for each in items)


def tolerance_of(payouts: Iterable[Payout]) -> int:
    return sum(payout.tolerance_paise for payout in payouts)


def parts_of(payouts: Sequence[Payout], credits_: Sequence[AccountCredit]) -> list[CreditPart]:
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
    parts[at] = replace(parts[at], rounding_paise=sum_of(payouts) - sum_of(credits_))
    return [part for part in parts if part.amount_paise or part.rounding_paise]
