"""Staff erase what is personal of a student: with a TOTP code of whoever does it, since there is no way back."""

from dataclasses import dataclass

from application.privacy.erase_personal_data import ErasePersonalData
from application.retry_on_conflict import retry_on_conflict
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp
from domain.identifiers import StudentId
from ports.audit_log import Origin
from ports.privacy.personal_records import ErasedCounts
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseErasure:
    """
    The code is used up before anything is erased, in a unit of its own: the rows are not of one unit of work.

    An erasure that fails after that takes another code; none happens without one.
    """

    unit_of_work: UnitOfWork
    verify_totp: VerifyTotp
    erase: ErasePersonalData

    async def __call__(
        self, student: StudentId, reason: str, seen: str, origin: Origin, attempt: TotpAttempt
    ) -> ErasedCounts:
        """
        Return how much was erased.

        What cannot be erased as it was *seen* uses no code up. Raises what ``VerifyTotp`` and ``ErasePersonalData``
        raise.
        """

        async def act(confirm: Confirm) -> ErasedCounts:
            await self.erase.confirmed(student, reason, seen)
            await retry_on_conflict(lambda: self._use_up(confirm))
            return await self.erase(student, reason, seen, origin)

        return await self.verify_totp(attempt, act, origin)

    async def _use_up(self, confirm: Confirm) -> None:
        async with self.unit_of_work() as work:
            await confirm(work)
