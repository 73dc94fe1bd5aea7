"""Staff give money back: each request and each decision needs a TOTP code of who makes it."""

from dataclasses import dataclass

from application.refunds.decide_refund import ApproveRefund, DecideRefundCommand, RejectRefund
from application.refunds.request_refund import RefundStanding, RequestRefund, RequestRefundCommand
from application.staff.verify_totp import (
    Confirm,
    TotpAttempt,
    VerifyTotp,
    permitted_member,
    refuse_unconfirmed,
)
from domain.staff.second_factor import TotpUsed
from ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseRefund:
    """The act and the use of its code are written in one unit: one code confirms one act."""

    unit_of_work: UnitOfWork
    verify_totp: VerifyTotp
    request_refund: RequestRefund
    approve_refund: ApproveRefund
    reject_refund: RejectRefund

    async def request(self, command: RequestRefundCommand, attempt: TotpAttempt) -> RefundStanding:
        """
        Return the refund; a repeat under an idempotency key is answered without checking the code.

        Raises what ``VerifyTotp`` and ``RequestRefund`` raise.
        """
        if await self._is_repeat(command, attempt):
            return await self.request_refund(command, refuse_unconfirmed)
        return await self.verify_totp(
            attempt, lambda confirm: self._request(command, attempt, confirm), command.origin
        )

    async def approve(self, command: DecideRefundCommand, attempt: TotpAttempt) -> RefundStanding:
        """Return the refund, approved and sent; raises what ``VerifyTotp`` and ``ApproveRefund`` raise."""
        return await self.verify_totp(
            attempt, lambda confirm: self.approve_refund(command, confirm), command.origin
        )

    async def reject(self, command: DecideRefundCommand, attempt: TotpAttempt) -> RefundStanding:
        """Return the refund, rejected; raises what ``VerifyTotp`` and ``RejectRefund`` raise."""
        return await self.verify_totp(
            attempt, lambda confirm: self.reject_refund(command, confirm), command.origin
        )

    async def _request(
        self, command: RequestRefundCommand, attempt: TotpAttempt, confirm: Confirm
    ) -> RefundStanding:
        try:
            return await self.request_refund(command, confirm)
        except TotpUsed:
            # The same request may have been sent twice at once, and the other one used the code.
            if not await self._is_repeat(command, attempt):
                raise
            return await self.request_refund(command, refuse_unconfirmed)

    async def _is_repeat(self, command: RequestRefundCommand, attempt: TotpAttempt) -> bool:
        if command.key is None:
            return False
        async with self.unit_of_work() as work:
            await permitted_member(work, attempt)
            known = await work.payments.repository.refund_request(
                command.origin.actor, command.key.key
            )
        return known is not None
