"""Money goes back by a person's word: an account that may, and the code its owner's app shows now."""

from dataclasses import dataclass

from application.refunds.decide_refund import ApproveRefund, DecideRefundCommand, RejectRefund
from application.refunds.request_refund import RefundStanding, RequestRefund, RequestRefundCommand
from application.staff.verify_totp import Confirm, TotpAttempt, VerifyTotp, acting_member
from domain.staff.second_factor import TotpUsed, TotpWrong
from ports.unit_of_work import UnitOfWork, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseRefund:
    """Each act is bound to its code by being written in one with the code's use."""

    unit_of_work: UnitOfWork
    confirm: VerifyTotp
    request: RequestRefund
    approve_refund: ApproveRefund
    reject_refund: RejectRefund

    async def ask(self, wanted: RequestRefundCommand, shown: TotpAttempt) -> RefundStanding:
        """
        Return the refund; one that its key already stands for is returned and no code is looked at.

        Raises what ``VerifyTotp`` and ``RequestRefund`` raise.
        """
        if await self._is_answered(wanted, shown):
            return await self.request(wanted, _nobody_confirms)
        return await self.confirm(
            shown, lambda confirm: self._ask(wanted, shown, confirm), wanted.origin
        )

    async def approve(self, decided: DecideRefundCommand, shown: TotpAttempt) -> RefundStanding:
        """Return the refund, on its way; raises what ``VerifyTotp`` and ``ApproveRefund`` raise."""
        return await self.confirm(
            shown, lambda confirm: self.approve_refund(decided, confirm), decided.origin
        )

    async def reject(self, decided: DecideRefundCommand, shown: TotpAttempt) -> RefundStanding:
        """Return the refund, rejected; raises what ``VerifyTotp`` and ``RejectRefund`` raise."""
        return await self.confirm(
            shown, lambda confirm: self.reject_refund(decided, confirm), decided.origin
        )

    async def _ask(
        self, wanted: RequestRefundCommand, shown: TotpAttempt, confirm: Confirm
    ) -> RefundStanding:
        try:
            return await self.request(wanted, confirm)
        except TotpUsed:
            # Perhaps by this very request, which was sent twice at the same moment.
            if not await self._is_answered(wanted, shown):
                raise
            return await self.request(wanted, _nobody_confirms)

    async def _is_answered(self, wanted: RequestRefundCommand, shown: TotpAttempt) -> bool:
        if wanted.key is None:
            return False
        async with self.unit_of_work() as work:
            await acting_member(work, shown)
            known = await work.payments.repository.refund_request(
                wanted.origin.actor, wanted.key.key
            )
        return known is not None


async def _nobody_confirms(_: Work) -> None:
    """Refuse: only what is written already may do without a code."""
    raise TotpWrong
