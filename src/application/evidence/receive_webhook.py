"""Receive a webhook: it is stored in the inbox before it is acknowledged, and processed later."""

from collections.abc import Mapping
from dataclasses import dataclass

from ports.clock import Clock
from ports.payments.gateway_messages import GatewayMessages
from ports.payments.inbox import EntryState, Inbox


@dataclass(frozen=True, slots=True)
class ReceiveWebhook:
    messages: GatewayMessages
    inbox: Inbox
    clock: Clock

    def check_sender(self, headers: Mapping[str, str]) -> None:
        """Return when the body is worth reading, or raise ``ForgedMessage``; *headers* as below."""
        self.messages.check_sender(headers)

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> EntryState:
        """
        Return the state of the event once it is stored: it may be acknowledged from now on.

        *headers* have lower-case names. Raises ``ForgedMessage``, ``MalformedMessage`` and, when the
        event could not be stored, ``StorageUnavailable``.
        """
        return await self.inbox.enqueue(self.messages.read_event(headers, body), self.clock.now())
