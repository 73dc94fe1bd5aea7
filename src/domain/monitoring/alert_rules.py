"""The rules by which something calls a person, as data: thresholds, least samples, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

QUARTER: Final = timedelta(minutes=20)
DAY: Final = timedelta(hours=26)
"""What is told once a day has two hours to be told again."""


class AlertRule(StrEnum):
    """One rule each; from ``payment_unresolved`` on they are named as the alerts that a use case raises."""

    SUCCESS_LOW = "success_low"
    QUEUE_STUCK = "queue_stuck"
    DEAD_LETTERS = "dead_letters"
    GATEWAY_SLOW = "gateway_slow"
    GATEWAY_SILENT = "gateway_silent"
    FIGURES_BEHIND = "figures_behind"
    AUDIT_UNSEALED = "audit_unsealed"
    CREDENTIAL_ENDING = "credential_ending"
    PAYMENT_UNRESOLVED = "payment_unresolved"
    REFUND_OVERDUE = "refund_overdue"
    REFUND_AWAITING_APPROVAL = "refund_awaiting_approval"
    PAYMENT_UNDER_REVIEW = "payment_under_review"
    PAYMENT_DISPUTED = "payment_disputed"
    FILE_LOST = "file_lost"
    ARCHIVE_BROKEN = "archive_broken"
    SETTLEMENT_FILE_MISSING = "settlement_file_missing"
    RECONCILIATION_FAILED = "reconciliation_failed"
    WEBHOOK_FAILING = "webhook_failing"
    WEBHOOK_DISABLED = "webhook_disabled"
    INVARIANT_BROKEN = "invariant_broken"
    INVARIANT_UNCHECKED = "invariant_unchecked"


class Severity(StrEnum):
    URGENT = "urgent"
    """Somebody looks at once."""

    WARNING = "warning"
    """Somebody looks today."""


class Unit(StrEnum):
    """What the number of a measure counts."""

    BASIS_POINTS = "basis_points"
    """Hundredths of a per cent."""

    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    DAYS = "days"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """
    An evaluation is *beyond* when the measure's bound has passed *fires_at*, *within* when its value has
    reached *resolves_at*; in between nothing changes. *when_low* is whether small values are bad.

    After *fires_after* evaluations beyond, one after the other, the alert fires, and after *resolves_after*
    within it is resolved. A measure of less than *least_sample* says nothing. *lasts* is for how long an
    alert that a use case raised is taken to go on, None for what is measured. *grouped* tells all subjects
    of such an alert as one. An alert that is *tied* to its subject is resolved as well when nothing is
    measured about that any more: it has gone.
    """

    means: str
    remedy: str
    severity: Severity
    unit: Unit = Unit.COUNT
    when_low: bool = False
    fires_at: int = 0
    resolves_at: int = 0
    least_sample: int = 0
    fires_after: int = 1
    resolves_after: int = 1
    lasts: timedelta | None = None
    grouped: bool = False
    tied: bool = False


RULES: Final[Mapping[AlertRule, RuleTerms]] = MappingProxyType(
    {
        AlertRule.SUCCESS_LOW: RuleTerms(
            means="Fewer than 90 of 100 payments that were tried are paid, and this is no chance.",
            remedy="See the reasons and methods of the last hours: one method down at the bank, or all of them?"
            " Ask the bank's support with times and order ids; tell students while it lasts.",
            severity=Severity.URGENT,
            unit=Unit.BASIS_POINTS,
            when_low=True,
            fires_at=9_000,
            resolves_at=9_300,
            least_sample=20,
            fires_after=2,
            resolves_after=3,
        ),
        AlertRule.QUEUE_STUCK: RuleTerms(
            means="An entry of a work queue is due for more than five minutes, and nobody takes it.",
            remedy="Does a worker run, and does it reach the database? See its log. What waits is not lost.",
            severity=Severity.URGENT,
            unit=Unit.SECONDS,
            fires_at=300,
            resolves_at=60,
            resolves_after=2,
        ),
        AlertRule.DEAD_LETTERS: RuleTerms(
            means="An email or a document was given up after days, or for good; or a webhook is about no order.",
            remedy="`shulk dead-letters list` and `webhooks` say why; repair that, and end each.",
            severity=Severity.WARNING,
        ),
        AlertRule.GATEWAY_SLOW: RuleTerms(
            means="One in 20 calls to the bank takes longer than five seconds; the subject is the operation.",
            remedy="Ask the bank's support with times. Students wait as long: tell them while it lasts.",
            severity=Severity.URGENT,
            unit=Unit.MILLISECONDS,
            fires_at=5_000,
            resolves_at=4_000,
            least_sample=20,
            fires_after=2,
            resolves_after=3,
        ),
        AlertRule.GATEWAY_SILENT: RuleTerms(
            means="One call to the bank in five gets no clear answer; the subject is the operation.",
            remedy="Can this machine reach the bank? See the log for `gateway.unanswered`; then ask its support.",
            severity=Severity.URGENT,
            unit=Unit.BASIS_POINTS,
            fires_at=2_000,
            resolves_at=500,
            least_sample=20,
            fires_after=2,
            resolves_after=3,
        ),
        AlertRule.FIGURES_BEHIND: RuleTerms(
            means="Steps of payments wait to be counted: figures, and alerts about them, are old.",
            remedy="Does a worker run? See its log for `count_payments`.",
            severity=Severity.WARNING,
            unit=Unit.SECONDS,
            fires_at=900,
            resolves_at=120,
        ),
        AlertRule.AUDIT_UNSEALED: RuleTerms(
            means="For ten minutes entries of the audit log wait to be sealed; until then a change of one is not seen.",
            remedy="Does a worker run, and has it the key? `shulk doctor` says. A transaction left open anywhere in"
            " the database server holds sealing back: see `pg_stat_activity`.",
            severity=Severity.WARNING,
            unit=Unit.SECONDS,
            fires_at=600,
            resolves_at=120,
        ),
        AlertRule.CREDENTIAL_ENDING: RuleTerms(
            means="A certificate, key or password ends in less than three weeks; the subject is its setting.",
            remedy="Get a new one from whoever issues it, set it, and start the processes anew. One that states no"
            " end is to be replaced after `SHULK_CREDENTIAL_AGE_DAYS`. The certificate of `SHULK_PUBLIC_URL` is held by"
            " the proxy in front of it, and watched by what renews it there; no process here sees it.",
            severity=Severity.WARNING,
            unit=Unit.DAYS,
            when_low=True,
            fires_at=21,
            resolves_at=30,
            fires_after=2,
            resolves_after=2,
            tied=True,
        ),
        AlertRule.PAYMENT_UNRESOLVED: RuleTerms(
            means="For a day the bank has not told whether it charged a payment.",
            remedy="Open each payment in the console and ask the bank, by telephone if need be.",
            severity=Severity.WARNING,
            lasts=DAY,
            grouped=True,
        ),
        AlertRule.REFUND_OVERDUE: RuleTerms(
            means="The bank has had a refund for ten days and has not told how it ended.",
            remedy="Ask the bank with the refund's id and its ARN; the student was promised a day.",
            severity=Severity.WARNING,
            lasts=DAY,
            grouped=True,
        ),
        AlertRule.REFUND_AWAITING_APPROVAL: RuleTerms(
            means="A refund waits for a second person; it lapses if nobody decides.",
            remedy="Approve or reject it in the console, under Refunds.",
            severity=Severity.WARNING,
            lasts=DAY,
            grouped=True,
        ),
        AlertRule.PAYMENT_UNDER_REVIEW: RuleTerms(
            means="Payments wait for their review for too long; the subject is the reason.",
            remedy="End them in the console, under Reviews: each reason has its lawful ways out.",
            severity=Severity.WARNING,
            lasts=DAY,
        ),
        AlertRule.PAYMENT_DISPUTED: RuleTerms(
            means="The payer's bank disputes a charge; evidence has a deadline.",
            remedy="Send the invoice and the proof of access to the bank before the deadline.",
            severity=Severity.URGENT,
            lasts=DAY,
            grouped=True,
        ),
        AlertRule.FILE_LOST: RuleTerms(
            means="A document's file was missing or damaged; it is made anew.",
            remedy="See whether the file store loses more: restore it from the backup before anything else.",
            severity=Severity.WARNING,
            lasts=DAY,
            grouped=True,
        ),
        AlertRule.ARCHIVE_BROKEN: RuleTerms(
            means="An archived month, or its file, is not as it was sealed or exported, or the file is lost.",
            remedy="`shulk audit verify` names the line, `shulk archive list` the months of other rows. Keep database"
            " and file store as they are, and find out why.",
            severity=Severity.URGENT,
            lasts=2 * DAY,
        ),
        AlertRule.SETTLEMENT_FILE_MISSING: RuleTerms(
            means="A settlement file has not come by its hour.",
            remedy="Look into the bank's dashboard or inbox, and import the file by hand.",
            severity=Severity.WARNING,
            lasts=DAY,
        ),
        AlertRule.RECONCILIATION_FAILED: RuleTerms(
            means="A reconciliation ended without a conclusion and has posted nothing.",
            remedy="See why in the run, repair that, and ask for the range again.",
            severity=Severity.URGENT,
            lasts=DAY,
            grouped=True,
        ),
        AlertRule.WEBHOOK_FAILING: RuleTerms(
            means="An endpoint of the platform has not answered for an hour or longer; the subject is its id.",
            remedy="`shulk webhooks deliveries` says why; tell whoever keeps it. After five days it is disabled.",
            severity=Severity.WARNING,
            lasts=DAY,
        ),
        AlertRule.WEBHOOK_DISABLED: RuleTerms(
            means="An endpoint of the platform is not called any more: it failed for days, or says that it is gone.",
            remedy="Repair it, then `shulk webhooks enable`: what has happened since is delivered. Or remove it.",
            severity=Severity.URGENT,
            lasts=DAY,
        ),
        AlertRule.INVARIANT_BROKEN: RuleTerms(
            means="An invariant of the money does not hold; the subject is its name.",
            remedy="`shulk invariants` names what breaks it and what repairs it. Change nothing by hand before.",
            severity=Severity.URGENT,
            lasts=QUARTER,
        ),
        AlertRule.INVARIANT_UNCHECKED: RuleTerms(
            means="It could not be found out whether an invariant of the money holds.",
            remedy="`shulk invariants` checks it now; if it takes too long, see the load of the database.",
            severity=Severity.WARNING,
            lasts=QUARTER,
        ),
    }
)
"""Every rule, in the order in which the page of rules shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """
    What is so now about one *subject* of a rule (empty: about the whole). *bound* is the side of what is
    uncertain that speaks against an alert; where nothing is uncertain it is *value* itself.

    *detail* names what it is about, never with personal data.
    """

    rule: AlertRule
    subject: str = ""
    value: int
    bound: int
    sample: int = 0
    detail: str = ""

    @classmethod
    def exact(cls, rule: AlertRule, subject: str, value: int, detail: str = "") -> "Measure":
        return cls(rule=rule, subject=subject, value=value, bound=value, detail=detail)

    @property
    def terms(self) -> RuleTerms:
        return RULES[self.rule]

    @property
    def is_beyond(self) -> bool:
        terms = self.terms
        passed = self.bound < terms.fires_at if terms.when_low else self.bound > terms.fires_at
        return passed and self.sample >= terms.least_sample

    @property
    def is_within(self) -> bool:
        """Too small a sample is neither beyond nor within."""
        terms = self.terms
        if self.sample < terms.least_sample:
            return False
        if terms.when_low:
            return self.value >= terms.resolves_at
        return self.value <= terms.resolves_at
