"""The bank tells us something: keep it durably, then say thank you; what it means is looked into after."""

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

    async def __call__(self, headers: Mapping[str, str], body: bytes) -> EntryState:
        """
        Return the state of the stored event; only then may it be acknowledged.

        *headers* have lower-case names. Raises ``ForgedMessage``, ``MalformedMessage`` and, when the
        event could not be stored, ``StorageUnavailable``.
        """
        return await self.inbox.accept(self.messages.read_event(headers, body), self.clock.now())
