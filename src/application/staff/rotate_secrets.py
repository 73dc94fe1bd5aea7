"""Rotate encryption keys while the service runs: every text under an older key is encrypted again."""

from dataclasses import dataclass
from typing import Final

from ports.audit_log import AuditEntry, Origin
from ports.cipher import CannotDecrypt, Cipher, SecretLocation
from ports.clock import Clock
from ports.staff.encrypted_secrets import EncryptedSecrets
from ports.unit_of_work import UnitOfWork

BATCH_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many texts were encrypted again; *undecryptable* are locations whose text no known key decrypts."""

    reencrypted: int
    undecryptable: tuple[SecretLocation, ...]


@dataclass(frozen=True, slots=True)
class RotateSecrets:
    secrets: EncryptedSecrets
    cipher: Cipher
    unit_of_work: UnitOfWork
    clock: Clock
    batch_size: int = BATCH_MAX

    async def __call__(self, origin: Origin) -> Rotation:
        """
        Encrypt every text under another key again under the active key.

        When a run ends early, the next run continues. A text that changed meanwhile is left as it is: whoever
        wrote it used the active key too.
        """
        reencrypted, undecryptable, after = 0, list[SecretLocation](), None
        while batch := await self.secrets.not_under(
            self.cipher.active_key, after=after, at_most=self.batch_size
        ):
            for secret in batch:
                try:
                    text = self.cipher.decrypt(secret.text, secret.location)
                except CannotDecrypt:
                    undecryptable.append(secret.location)
                    continue
                fresh = self.cipher.encrypt(text, secret.location)
                reencrypted += await self.secrets.replace(secret, fresh)
            after = batch[-1].location
        await self._record(reencrypted, origin)
        return Rotation(reencrypted, tuple(undecryptable))

    async def _record(self, reencrypted: int, origin: Origin) -> None:
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="secrets.rotated",
                    subject=f"key:{self.cipher.active_key}",
                    facts={"resealed": str(reencrypted)},
                )
            )
