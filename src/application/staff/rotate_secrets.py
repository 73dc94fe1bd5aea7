"""Keys change while the service goes on: what lies under an older key is sealed anew, text by text."""

from dataclasses import dataclass
from typing import Final

from ports.audit_log import AuditEntry, Origin
from ports.cipher import CannotDecrypt, Cipher, Place
from ports.clock import Clock
from ports.staff.encrypted_secrets import EncryptedSecrets
from ports.unit_of_work import UnitOfWork

BATCH_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many texts were sealed anew; *unopened* are places whose text no known key opens."""

    resealed: int
    unopened: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class RotateSecrets:
    secrets: EncryptedSecrets
    cipher: Cipher
    unit_of_work: UnitOfWork
    clock: Clock
    batch_size: int = BATCH_MAX

    async def __call__(self, origin: Origin) -> Rotation:
        """
        Seal under the active key whatever lies under another; ended at any point, the next run goes on.

        A text that changed meanwhile was sealed by somebody who has the active key too.
        """
        resealed, unopened, after = 0, list[Place](), None
        while batch := await self.secrets.not_under(
            self.cipher.active_key, after=after, at_most=self.batch_size
        ):
            for secret in batch:
                try:
                    text = self.cipher.open(secret.text, secret.place)
                except CannotDecrypt:
                    unopened.append(secret.place)
                    continue
                fresh = self.cipher.seal(text, secret.place)
                resealed += await self.secrets.replace(secret, fresh)
            after = batch[-1].place
        await self._record(resealed, origin)
        return Rotation(resealed, tuple(unopened))

    async def _record(self, resealed: int, origin: Origin) -> None:
        async with self.unit_of_work() as work:
            work.audit.add(
                AuditEntry(
                    at=self.clock.now(),
                    origin=origin,
                    action="secrets.rotated",
                    subject=f"key:{self.cipher.active_key}",
                    facts={"resealed": str(resealed)},
                )
            )
