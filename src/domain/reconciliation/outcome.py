"""The result of a run: matches, what is expected, discrepancies and totals, with one canonical form."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass

from domain.reconciliation.book_entry import BookEntry
from domain.reconciliation.finding import Finding, Match
from domain.reconciliation.plain_sums import PlainSums, gross_of, lines_of
from domain.reconciliation.reported import LineRef, ReportedLine
from domain.reconciliation.taxonomy import Action, Cause
from domain.settlements.settlement_line import LineType


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """
    What the bank reports, in paise, duplicates within a file included.

    Payments received, less refunds, fee and tax, plus payout level, are the net settlement, but for
    lines whose own net does not follow: *net_differences_paise* is their sum.
    """

    payments_received_paise: int
    refunds_processed_paise: int
    fee_paise: int
    tax_paise: int
    payout_level_paise: int
    net_differences_paise: int
    net_settlement_paise: int

    @property
    def tie(self) -> bool:
        """Whether the sums add up to the net settlement."""
        return self.net_settlement_paise == (
            self.payments_received_paise
            - self.refunds_processed_paise
            - self.fee_paise
            - self.tax_paise
            + self.payout_level_paise
            + self.net_differences_paise
        )


def totals_of(
    lines: Iterable[ReportedLine],
    silent: Collection[ReportedLine],
    plain: Sequence[PlainSums] = (),
) -> Totals:
    """Return the totals of *lines*, without those that only repeat another file, and of *plain* sums."""
    repeated = {line.ref for line in silent}
    told = [line for line in lines if line.ref not in repeated]
    gross = dict.fromkeys(LineType, 0)
    for line in told:
        gross[line.line.line_type] += line.gross_paise
    payments, refunds = gross.pop(LineType.PAYMENT), gross.pop(LineType.REFUND)
    return Totals(
        payments_received_paise=payments + gross_of(plain),
        refunds_processed_paise=-refunds,
        fee_paise=sum(line.line.fee.paise for line in told) + sum(each.fee_paise for each in plain),
        tax_paise=sum(line.line.tax.paise for line in told) + sum(each.tax_paise for each in plain),
        payout_level_paise=sum(gross.values()),
        net_differences_paise=sum(line.net_difference_paise for line in told),
        net_settlement_paise=sum(line.line.net.paise for line in told)
        + sum(each.net_paise for each in plain),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What a run found.

    *silent* lines repeat what another file told; *payout_level* lines are as agreed. Every other
    line stands in one match or one finding, and so does every expectation that is not *expected*.
    *plain* are the sums of matches that are not told one by one.
    """

    matches: tuple[Match, ...]
    expected: tuple[BookEntry, ...]
    findings: tuple[Finding, ...]
    silent: tuple[LineRef, ...]
    payout_level: tuple[LineRef, ...]
    totals: Totals
    plain: tuple[PlainSums, ...] = ()

    @property
    def uncounted(self) -> frozenset[LineRef]:
        """The lines that add nothing to a payout: told before, told twice, or held back by the bank."""
        kept_back = {Cause.HELD_BY_BANK, Cause.DUPLICATE_LINE}
        found = [
            ref
            for each in self.findings
            if each.cause in kept_back or each.action is Action.HOLD_LINE
            for ref in each.lines
        ]
        return frozenset((*self.silent, *found))

    @property
    def matched_lines(self) -> int:
        """How many lines were matched."""
        return len(self.matches) + lines_of(self.plain)

    @property
    def matched_paise(self) -> int:
        """What was matched, gross; refunds are negative."""
        return sum(match.entry.signed_paise for match in self.matches) + gross_of(self.plain)

    @property
    def expected_paise(self) -> int:
        """What is still to come, gross; refunds are negative."""
        return sum(entry.signed_paise for entry in self.expected)

    @property
    def late(self) -> tuple[Match, ...]:
        """The matches that were settled after they were due, without the *plain* ones."""
        return tuple(match for match in self.matches if match.late_by is not None)

    @property
    def late_lines(self) -> int:
        """How many lines were settled after they were due."""
        return len(self.late) + lines_of(each for each in self.plain if each.is_late)

    def canonical(self) -> bytes:
        """Return the outcome as JSON with sorted names and no spaces: equal outcomes, equal bytes."""
        told = {
            "matched": [(match.entry.id, *match.line.ref) for match in self.matches],
            "late": [match.entry.id for match in self.late],
            "expected": [entry.id for entry in self.expected],
            "discrepancies": [asdict(finding) for finding in self.findings],
            "silent": self.silent,
            "payout_level": self.payout_level,
            "totals": asdict(self.totals),
            "plain": [asdict(each) for each in self.plain],
        }
        return json.dumps(told, sort_keys=True, separators=(",", ":"), default=str).encode()
