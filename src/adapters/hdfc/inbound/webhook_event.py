"""A webhook under the field names of SmartGateway's documentation; only the fields that are used."""

from collections.abc import Mapping

import msgspec

from adapters.hdfc.formats.message_fields import Lax


class WebhookSubject(msgspec.Struct, frozen=True):
    """The order that an event is about: ``content.order`` and ``content.txn`` share these fields."""

    order_id: Lax = ""
    status: Lax = ""
    status_id: Lax = ""


class WebhookEvent(msgspec.Struct, frozen=True):
    """A webhook as SmartGateway documents it."""

    id: str
    event_name: str
    content: Mapping[str, Lax]
