"""Settlements and the credits on the account: by UTR, by merchant code and day, by sums, to the paisa."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, TypeVar

from domain.reconciliation.finding import Finding, facts
from domain.reconciliation.open_credits import (
    OpenCredits,
    absorbed_debts,
    sum_of,
    tolerance_of,
)
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
    ordered = sorted(payouts, key=lambda p: (p.settled_on, p.settlement))
    work = OpenCredits(rules, absorbed=absorbed_debts(ordered))
    work.payouts = {each.settlement: each for each in ordered}
    work.utrs = {each.utr for each in ordered if each.utr}
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


def _by_utr(work: OpenCredits) -> None:
    for utr in sorted(work.utrs):
        paid = [payout for payout in work.payouts.values() if payout.utr == utr]
        credits_ = [credit for credit in work.credits.values() if credit.names_utr(utr)]
        if not paid or not credits_ or work.take(paid, credits_):
            continue
        carried = [
            payout
            for payout in work.payouts.values()
            if payout.net_paise < 0 and payout.mid == paid[0].mid and payout not in paid
        ][-CANDIDATES_MAX:]
        ways = _ways(carried, sum_of(credits_) - sum_of(paid))
        if len(ways) == 1:
            work.take([*ways[0], *paid], credits_)
        elif _one_alone(work, paid, credits_) or _with_earlier(work, paid, credits_):
            continue
        elif len(paid) == 1:
            _differs(work, credits_, paid[0])


def _one_alone(work: OpenCredits, paid: list[Payout], credits_: list[AccountCredit]) -> bool:
    """Pay *paid* by the one credit that is all of it; what came beside it is for something not told of yet."""
    exact = [credit for credit in credits_ if credit.amount_paise == sum_of(paid)]
    return len(exact) == 1 and work.take(paid, exact)


def _with_earlier(work: OpenCredits, paid: list[Payout], credits_: list[AccountCredit]) -> bool:
    """Pay *paid* together with settlements of the MID whose own UTR the account does not show."""
    others = [
        payout
        for payout in work.payouts.values()
        if payout.mid == paid[0].mid
        and payout not in paid
        and all(work.in_window(credit, payout) for credit in credits_)
        and not any(credit.names_utr(payout.utr) for credit in work.credits.values())
    ][-CANDIDATES_MAX:]
    ways = _ways(others, sum_of(credits_) - sum_of(paid))
    return len(ways) == 1 and work.take([*ways[0], *paid], credits_)


def _by_name(work: OpenCredits) -> None:
    for credit in list(work.credits.values()):
        named = work.named_by(credit)
        if not work.take(named, [credit]):
            exact = [[each] for each in named if _fits(each, credit)]
            less_debt = [[*work.carried_into(each), each] for each in named]
            less_debt = [each for each in less_debt if sum_of(each) == credit.amount_paise]
            for sets in (exact, less_debt):
                if len(sets) == 1 and work.take(sets[0], [credit]):
                    break


def _fits(payout: Payout, credit: AccountCredit) -> bool:
    return abs(payout.net_paise - credit.amount_paise) <= payout.tolerance_paise


def _by_sum(work: OpenCredits) -> None:
    """Several settlements in one credit, those that were carried among them."""
    for credit in list(work.credits.values()):
        mid, meant = work.rules.mid_of(credit), work.meant_by(credit)
        named = work.named_by(credit) if meant is None else [meant]
        others = [
            payout
            for payout in work.payouts.values()
            if payout.mid == mid and payout not in named and work.in_window(credit, payout)
        ][-CANDIDATES_MAX:]
        left = credit.amount_paise - sum_of(named)
        ways = _ways(others, left) or _ways(others, left, rounded_with=named)
        if len(ways) == 1:
            work.take([*named, *ways[0]], [credit])
        elif ways:
            work.findings.append(_without_settlement(credit, settlements=len(ways)))
            work.close_credit(credit, CreditOutcome.AMBIGUOUS)


def _by_split(work: OpenCredits) -> None:
    """One settlement in several credits, all of it or less what was carried into it."""
    for payout in list(work.payouts.values()):
        credits_ = [
            credit
            for credit in work.credits.values()
            if work.rules.mid_of(credit) == payout.mid and work.in_window(credit, payout)
        ][:CANDIDATES_MAX]
        for paid in ([payout], [*work.carried_into(payout), payout]):
            ways = [way for way in _ways(credits_, sum_of(paid)) if len(way) > 1]
            if len(ways) == 1:
                work.take(paid, ways[0])
                break


def _by_amount(work: OpenCredits) -> None:
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


def _end_credits(work: OpenCredits) -> None:
    meant: dict[str, list[AccountCredit]] = defaultdict(list)
    for credit in work.credits.values():
        if (payout := work.meant_by(credit)) is not None:
            meant[payout.settlement].append(credit)
    for settlement, credits_ in meant.items():
        _differs(work, credits_, work.payouts[settlement])
    for credit in list(work.credits.values()):
        if credit.merchant_code is not None or any(map(credit.names_utr, work.utrs)):
            work.findings.append(_without_settlement(credit))
            work.close_credit(credit, CreditOutcome.WITHOUT_SETTLEMENT)
        else:
            work.close_credit(credit, CreditOutcome.NOT_OURS)


def _end_payouts(work: OpenCredits) -> None:
    for payout in list(work.payouts.values()):
        due_on, until = (
            work.rules.terms.credit_due_on(payout.settled_on),
            work.rules.statement_until,
        )
        if work.is_carried(payout):
            work.close_payout(payout, PayoutOutcome.CARRIED)
        elif until is not None and min(until, work.rules.today) > due_on:
            work.findings.append(_without_credit(payout, -sum_of(work.absorbed[payout.settlement])))
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
        if abs(sum_of(chosen) - paise) <= _rounding(chosen, rounded_with)
    ]


def _rounding(
    chosen: Sequence[Payout | AccountCredit], rounded_with: Sequence[Payout] | None
) -> int:
    if rounded_with is None:
        return 0
    return tolerance_of([*rounded_with, *(each for each in chosen if isinstance(each, Payout))])


def _differs(work: OpenCredits, credits_: Sequence[AccountCredit], payout: Payout) -> None:
    """Find that *credits_*, all of them for *payout*, are not what it has to bring."""
    due, credited = sum_of([*work.carried_into(payout), payout]), sum_of(credits_)
    kind, cause = DiscrepancyType.AMOUNT_MISMATCH, Cause.BANK_CREDIT_DIFFERS
    work.findings.append(
        Finding(
            type=kind,
            cause=cause,
            subject=Subject.BANK_CREDIT,
            ref=credits_[0].entry,
            settlement=payout.settlement,
            difference_paise=credited - due,
            action=TAXONOMY[kind, cause].action,
            evidence=facts(
                net=payout.net_paise,
                carried=due - payout.net_paise or None,
                credited=credited,
                entries=" ".join(each.entry for each in credits_) if credits_[1:] else None,
                utr=payout.utr,
            ),
        )
    )
    for credit in credits_:
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


def _without_credit(payout: Payout, carried_paise: int) -> Finding:
    """Return what is missing of *payout*, of which *carried_paise* were taken for a debt from before."""
    kind, cause = DiscrepancyType.MISSING_IN_GATEWAY, Cause.SETTLEMENT_WITHOUT_CREDIT
    return Finding(
        type=kind,
        cause=cause,
        subject=Subject.SETTLEMENT,
        ref=payout.settlement,
        settlement=payout.settlement,
        difference_paise=carried_paise - payout.net_paise,
        action=TAXONOMY[kind, cause].action,
        evidence=facts(settled_on=payout.settled_on, utr=payout.utr),
    )
