"""What seals the audit log in tests: a fixed key, salts that are counted, and the use case over a storage."""

from collections.abc import Callable
from itertools import count
from typing import Final

from adapters.ed25519.note_signatures import is_signature
from application.audit.seal_audit_log import SealAuditLog
from domain.audit.audit_line import SALT_BYTES
from domain.audit.trail import NoteCheck
from fakes.audit.checkpoint_signer import KEY, SIGNER
from fakes.clock import StoppedClock
from ports.audit.sealed_log import SealedLog

CHECK_NOTE: Final = NoteCheck([KEY.public], is_signature)


def seal(log: SealedLog) -> SealAuditLog:
    """Return what seals *log* under the key of the tests."""
    return SealAuditLog(log, SIGNER, counted_salts(), StoppedClock())


def counted_salts() -> Callable[[], bytes]:
    numbers = count()
    return lambda: next(numbers).to_bytes(SALT_BYTES, "big")
