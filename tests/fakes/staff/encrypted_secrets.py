"""Every encrypted text in memory: the seeds of the members of staff."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from domain.staff.staff_member import StaffId
from fakes.store import Store
from ports.cipher import EncryptedText, SecretLocation, key_of
from ports.staff.encrypted_secrets import EncryptedSecret


@dataclass(frozen=True, slots=True)
class MemoryEncryptedSecrets:
    store: Store

    async def by_key(self) -> Mapping[str, int]:
        await asyncio.sleep(0)
        return Counter(key_of(each.text) for each in self._all())

    async def not_under(
        self, key: str, *, after: SecretLocation | None, at_most: int
    ) -> Sequence[EncryptedSecret]:
        await asyncio.sleep(0)
        others = [each for each in self._all() if key_of(each.text) != key]
        return [each for each in others if after is None or each.location.row > after.row][:at_most]

    async def replace(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        await asyncio.sleep(0)
        member = self.store.staff.get(StaffId(secret.location.row))
        if member is None or member.seed != secret.text:
            return False
        self.store.staff[member.id] = replace(member, seed=text, version=member.version + 1)
        return True

    def _all(self) -> list[EncryptedSecret]:
        return [
            EncryptedSecret(
                SecretLocation(table="staff", column="totp_seed", row=each.id),
                EncryptedText(each.seed),
            )
            for each in sorted(self.store.staff.values(), key=attrgetter("id"))
            if each.seed is not None
        ]
