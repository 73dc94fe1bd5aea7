"""The payer's return to the merchant, signed when the merchant has a response key (as SmartGateway documents)."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from entrypoints.simulator.config import ReturnMethod, SimulatorConfig
from entrypoints.simulator.faults.tampering import ReturnTampering, tampered_fields
from entrypoints.simulator.orders.order import STATUS_IDS, Order
from entrypoints.simulator.signing import (
    ALGORITHM,
    SIGNATURE,
    SIGNATURE_ALGORITHM,
    encoded,
    signature_of,
)
from entrypoints.simulator.wire import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRedirect:
    """*url* returns by GET; *action* and *fields* are the same return as a form."""

    method: ReturnMethod
    url: str
    action: str
    fields: dict[str, str]

    def as_json(self) -> JsonObject:
        return {
            "return_url": self.url,
            "method": self.method.value.upper(),
            "action": self.action,
            "fields": self.fields,
        }


def return_redirect(
    order: Order, config: SimulatorConfig, tampering: ReturnTampering | None = None
) -> ReturnRedirect | None:
    """
    Return the payer's return with the order's present status, or None without a return address.

    A *tampering* is applied after the signature.
    """
    if not order.request.return_url:
        return None
    address = urlsplit(order.request.return_url)
    fields = dict(parse_qsl(address.query, keep_blank_values=True))
    fields |= {
        "order_id": order.request.order_id,
        "status": order.status.value,
        "status_id": str(STATUS_IDS[order.status]),
    }
    if config.response_key:
        signature = signature_of(fields, config.response_key)
        # A browser encodes the value of a form once; double encoding adds one more.
        posted = encoded(signature) if config.double_encode else signature
        fields |= {SIGNATURE: posted, SIGNATURE_ALGORITHM: ALGORITHM}
    if tampering is not None:
        fields = tampered_fields(fields, tampering)
    query = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in fields.items())
    return ReturnRedirect(
        method=config.return_method,
        url=urlunsplit(address._replace(query=query)),
        action=urlunsplit(address._replace(query="")),
        fields=fields,
    )
