"""The stand-in bank: act as the payer, and plan what goes wrong. Its control API is that of docs/simulator.md."""

from typing import Any, Final, Literal

from shulk_testing.api import Payment
from shulk_testing.calls import call, expect

OK: Final = 200
SEE_OTHER: Final = 303
HOLD_SECONDS: Final = 0.1
"""How long a planned time-out holds the connection: nobody learns more from a longer one."""

Operation = Literal["session", "status", "refund"]
Method = Literal["UPI", "CARD", "NB"]


class Bank:
    """The control API at *url*."""

    def __init__(self, url: str) -> None:
        self.url = url

    def act(
        self, payment: Payment, outcome: str, *, method: Method, webhooks: bool, late: bool
    ) -> str | None:
        """Act as the payer, and return the signed address that the browser is sent to, if any."""
        body = {"method": method, "outcome": outcome, "webhooks": webhooks, "late": late}
        answer = self.control("POST", f"orders/{payment.order_id}/pay", body)
        back: str | None = answer["return_url"]
        return back

    def come_back(self, return_url: str | None) -> None:
        """Follow the bank's redirect, as the payer's browser does."""
        if return_url is not None:
            expect(SEE_OTHER, "GET", return_url)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Make any call of the control API, or raise ``ShulkRefused``."""
        return expect(OK, method, f"{self.url}/_control/{path}", body).body


class Fault:
    """What goes wrong at the bank in this test; nothing of it is left for the next."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def bank_times_out(
        self, operation: Operation = "session", *, took_effect: bool = False, times: int = 1
    ) -> None:
        """The next calls are not answered, so that nobody knows what came of them; *took_effect* says it."""
        self._next(operation, "timeout_after" if took_effect else "timeout_before", times)

    def bank_is_down(self, operation: Operation = "session", *, times: int = 1) -> None:
        """The next calls are answered by an error page: nothing was done, and that is known."""
        self._next(operation, "html_403", times)

    def bank_is_busy(self, operation: Operation = "session", *, times: int = 1) -> None:
        """The next calls are refused for now, with a time to wait."""
        self._next(operation, "rate_limited", times)

    def refund_fails(self, *, times: int = 1) -> None:
        """The next refunds are taken by the bank, and fail there."""
        self._bank.control("POST", "refunds/next", {"outcome": "failure", "times": times})

    def refund_stays_pending(self, *, times: int = 1) -> None:
        """The next refunds are taken by the bank, and do not end in this test."""
        self._bank.control("POST", "refunds/next", {"outcome": "pending", "times": times})

    def duplicate_webhook(self, payment: Payment, *, copies: int = 2) -> None:
        """Send each webhook of the bank about *payment* again, all copies at once."""
        self._bank.control("POST", f"webhooks/{payment.order_id}/resend", {"copies": copies})

    def late_webhook(self, payment: Payment) -> None:
        """Send the webhooks about *payment* that were kept back by ``pay(payment, webhooks=False)``."""
        self._bank.control("POST", f"webhooks/{payment.order_id}/resend", {"copies": 1})

    def end(self) -> None:
        """Cancel what was planned and not used."""
        for path in ("next", "refunds/next"):
            call("DELETE", f"{self._bank.url}/_control/{path}")

    def _next(self, operation: Operation, fault: str, times: int) -> None:
        body = {
            "operation": operation,
            "fault": fault,
            "times": times,
            "hold_seconds": HOLD_SECONDS,
        }
        self._bank.control("POST", "next", body)
