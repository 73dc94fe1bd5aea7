"""What the audit log holds of a change to the gateway configuration: plain values, and fingerprints of secrets."""

from collections.abc import Callable, Mapping
from typing import Final

from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import SecretField, tail_of
from ports.audit_log import AuditEntry, Origin
from ports.clock import Clock
from ports.unit_of_work import Work

SUBJECT: Final = "gateway_config"
"""All versions are one subject, so that its entries are the history."""

NONE: Final = "none"
Fingerprint = Callable[[str], str]
"""Makes of a secret a short text by which two people can compare what they were given."""


def mask(secret: str, fingerprint: Fingerprint) -> str:
    """Return what may be shown of *secret*: its last four characters where it is long, and its fingerprint."""
    return f"••••{tail_of(secret)} {fingerprint(secret)}"


def differences(
    before: GatewayConfiguration, after: GatewayConfiguration, fingerprint: Fingerprint
) -> Mapping[str, str]:
    """Return ``old → new`` of each field that differs, secrets masked."""
    old, new = _masked(before, fingerprint), _masked(after, fingerprint)
    return {
        name: f"{old.get(name, NONE)} → {new.get(name, NONE)}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }


def audit(
    work: Work, action: str, origin: Origin, clock: Clock, *, number: int, **facts: str
) -> None:
    """Collect the entry that *action* was done to version *number*."""
    work.audit.add(
        AuditEntry(
            at=clock.now(),
            origin=origin,
            action=f"gateway_config.{action}",
            subject=SUBJECT,
            facts={"version": str(number), **facts},
        )
    )


def _masked(configuration: GatewayConfiguration, fingerprint: Fingerprint) -> Mapping[str, str]:
    secrets: Mapping[SecretField, str] = configuration.secrets.known()
    return {
        **configuration.terms.words(),
        **{each.value: mask(text, fingerprint) for each, text in secrets.items()},
    }
