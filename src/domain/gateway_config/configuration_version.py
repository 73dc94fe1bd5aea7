"""The versions of the gateway configuration: proposed, approved by a second officer, in effect from an instant on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from domain.errors import DomainError
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import ConfigurationInvalid, GatewayTerms
from domain.staff.staff_member import StaffId
from domain.text.card_number import refuse_card_numbers
from domain.text.printable import unprintable_reason

EFFECT_LEAD: Final = timedelta(seconds=60)
"""A version is in effect no sooner after its approval: by then each process has read it, and all switch at once."""

EFFECT_AHEAD_MAX: Final = timedelta(days=30)
OVERLAP: Final = timedelta(hours=48)
"""So long the bank may still prove itself by the secrets before: longer than a session and the bank's own retries."""

PROPOSAL_LAPSES_AFTER: Final = timedelta(hours=72)
REASON_MAX: Final = 200


class VersionState(StrEnum):
    PROPOSED = "proposed"
    """Waits for a second officer."""

    APPROVED = "approved"
    """In effect from its instant on, until the next one."""

    REJECTED = "rejected"
    """Refused by an officer, or withdrawn before it was in effect."""

    LAPSED = "lapsed"
    """Nobody decided in time."""


class ConfigurationPending(DomainError):
    """Another version is proposed, or approved and not yet in effect: that one is decided first."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"version {number} is waiting")


class ConfigurationChanged(DomainError):
    """The configuration is not the one that was looked at any more."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"version {number} is in effect meanwhile")


class ConfigurationUnchanged(DomainError):
    """The proposal is what is in effect already."""

    def __init__(self) -> None:
        super().__init__("nothing of the configuration would change")


class VersionDecided(DomainError):
    """The version is not waiting for a decision any more, or its time to be decided is over."""

    def __init__(self, number: int, state: VersionState) -> None:
        self.number, self.state = number, state
        super().__init__(f"version {number} is {state}")


class OwnProposal(DomainError):
    """What widens the configuration is approved by another officer than the one who proposed it."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"version {number} is your own proposal")


class OldSecretsAccepted(DomainError):
    """The secrets before the last rotation are still accepted: they are ended before the next rotation."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("the secrets before the last rotation are still accepted")


class NoOldSecrets(DomainError):
    """No secret but those in effect is accepted."""

    def __init__(self) -> None:
        super().__init__("no secret but those in effect is accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationVersion:
    """
    Version *number*, from 1 on. *secrets* are encrypted texts. All instants are UTC.

    *based_on* is the version that was in effect when it was proposed. When it *retires* secrets of that one,
    the bank may prove itself by them until *overlap_until*. *alone* says that one officer was enough.
    """

    number: int
    state: VersionState
    terms: GatewayTerms
    secrets: Mapping[SecretField, str] = field(repr=False)
    based_on: int
    retires: bool
    alone: bool
    reason: str
    proposed_by: StaffId
    proposed_at: datetime
    wanted_from: datetime | None = None
    decided_by: StaffId | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""
    effective_from: datetime | None = None
    overlap_until: datetime | None = None
    version: int = 0

    def __post_init__(self) -> None:
        check_reason(self.reason)
        latest = self.proposed_at + EFFECT_AHEAD_MAX
        if self.wanted_from is not None and self.wanted_from > latest:
            raise ConfigurationInvalid("effective_from", "it is at most 30 days ahead")

    def is_pending(self, at: datetime) -> bool:
        """Whether it is waiting at *at* for a decision, or for its instant."""
        if self.state is VersionState.PROPOSED:
            return not self.has_lapsed(at)
        return self.state is VersionState.APPROVED and not self.is_effective(at)

    def has_lapsed(self, at: datetime) -> bool:
        """Whether nobody decided in time."""
        overdue = at >= self.proposed_at + PROPOSAL_LAPSES_AFTER
        return self.state is VersionState.PROPOSED and overdue

    def is_effective(self, at: datetime) -> bool:
        """Whether its instant has come; a later version may have replaced it since."""
        return self.effective_from is not None and self.effective_from <= at

    def approve(self, by: StaffId, at: datetime) -> Self:
        """
        Return the version as *by* approved it, in effect ``EFFECT_LEAD`` from now at the soonest.

        Raises ``VersionDecided``, and ``OwnProposal`` unless one officer is enough.
        """
        self._check_undecided(at)
        if by == self.proposed_by and not self.alone:
            raise OwnProposal(self.number)
        soonest = at + EFFECT_LEAD
        effective = max(self.wanted_from or soonest, soonest)
        return replace(
            self,
            state=VersionState.APPROVED,
            decided_by=by,
            decided_at=at,
            effective_from=effective,
            overlap_until=effective + OVERLAP if self.retires else None,
        )

    def reject(self, by: StaffId, at: datetime, reason: str) -> Self:
        """
        Return the version as rejected, also one that was approved and is not in effect yet.

        Raises ``VersionDecided``; who proposed it may withdraw it.
        """
        check_reason(reason)
        if self.state is not VersionState.APPROVED or self.is_effective(at):
            self._check_undecided(at)
        return replace(
            self,
            state=VersionState.REJECTED,
            decided_by=by,
            decided_at=at,
            decision_reason=reason,
            effective_from=None,
            overlap_until=None,
        )

    def lapse(self) -> Self:
        """Return the version as lapsed, so that another may be proposed."""
        return replace(self, state=VersionState.LAPSED)

    def end_old_secrets(self, at: datetime) -> Self:
        """Return the version whose predecessor's secrets are accepted no longer, or raise ``NoOldSecrets``."""
        if not self.overlaps(at):
            raise NoOldSecrets
        return replace(self, overlap_until=at)

    def overlaps(self, at: datetime) -> bool:
        """Whether it is in effect, and the secrets that it retires are accepted all the same."""
        until = self.overlap_until
        return self.is_effective(at) and until is not None and at < until

    def _check_undecided(self, at: datetime) -> None:
        if self.has_lapsed(at):
            raise VersionDecided(self.number, VersionState.LAPSED)
        if self.state is not VersionState.PROPOSED:
            raise VersionDecided(self.number, self.state)


def in_effect(
    approved: Iterable[ConfigurationVersion], at: datetime
) -> ConfigurationVersion | None:
    """Return the one of *approved* that is in effect, None while it is what the process was started with."""
    begun = (each for each in approved if each.is_effective(at))
    return max(begun, key=lambda each: each.number, default=None)


def overlapping(
    approved: Iterable[ConfigurationVersion], at: datetime
) -> ConfigurationVersion | None:
    """Return the one of *approved* whose retired secrets are accepted now; there is one at most."""
    return next((each for each in approved if each.overlaps(at)), None)


def check_reason(reason: str) -> None:
    """Return when *reason* may be stored, or raise ``ConfigurationInvalid`` or ``CardNumberRefused``."""
    refuse_card_numbers("reason", reason)
    if (fault := unprintable_reason(reason, REASON_MAX)) is not None:
        raise ConfigurationInvalid("reason", fault)
