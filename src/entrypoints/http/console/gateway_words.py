"""What the pages about the gateway configuration call its fields, states and verdicts, and how two versions differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from application.gateway_config.read_configuration import ConfigurationView, SecretMask
from application.gateway_config.try_connection import ConnectionVerdict
from domain.gateway_config.configuration_version import VersionState
from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import GatewayTerms, PaymentMethod

FIELD_WORDS: Final[Mapping[str, str]] = {
    "merchant_id": "Merchant id",
    "payment_page_client_id": "Client id of the payment page",
    "api_version": "Version of the interface",
    "webhook_user": "User name of webhooks",
    "methods": "Methods",
    "minimum": "Lowest amount",
    "maximum": "Highest amount",
    "method_maxima": "Highest amount by method",
    "session_seconds": "Time to pay",
    SecretField.API_KEY: "API key",
    SecretField.RESPONSE_KEY: "Response key",
    SecretField.WEBHOOK_PASSWORD: "Password of webhooks",
}
METHOD_WORDS: Final[Mapping[PaymentMethod, str]] = {
    PaymentMethod.UPI: "UPI",
    PaymentMethod.CARD: "Cards",
    PaymentMethod.NET_BANKING: "Net banking",
    PaymentMethod.WALLET: "Wallets",
}
STATE_WORDS: Final[Mapping[VersionState, tuple[str, str]]] = {
    VersionState.PROPOSED: ("Waits for a second officer", "pending"),
    VersionState.APPROVED: ("Approved", "success"),
    VersionState.REJECTED: ("Rejected", "failed"),
    VersionState.LAPSED: ("Lapsed", "failed"),
}
VERDICT_WORDS: Final[Mapping[ConnectionVerdict, str]] = {
    ConnectionVerdict.WORKS: "The bank takes these credentials, and refuses spoilt ones.",
    ConnectionVerdict.CANNOT_TELL: "The bank is there. It answers spoilt credentials in the same way, "
    "or asks us to slow down, so this does not tell whether it takes these.",
    ConnectionVerdict.REFUSED: "The bank refuses these credentials, or calls from our address.",
    ConnectionVerdict.UNREACHABLE: "The bank was not reached. This says nothing about the credentials.",
}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field in words, *before* in the version that is in effect; *differs* is whether that is another."""

    word: str
    value: str
    before: str

    @property
    def differs(self) -> bool:
        return self.value != self.before


def rows_of(view: ConfigurationView, before: ConfigurationView) -> Sequence[FieldRow]:
    """Return the fields of *view* beside those of *before*, secrets as masks."""
    new, old = _shown(view), _shown(before)
    return [FieldRow(FIELD_WORDS[name], text, old.get(name, "none")) for name, text in new.items()]


def _shown(view: ConfigurationView) -> Mapping[str, str]:
    terms: GatewayTerms = view.terms
    minutes, seconds = divmod(int(terms.session_lifetime.total_seconds()), 60)
    return {
        **terms.words(),
        "methods": ", ".join(word for each, word in METHOD_WORDS.items() if each in terms.methods),
        "minimum": str(terms.limits.minimum),
        "maximum": str(terms.limits.maximum),
        "method_maxima": ", ".join(
            f"{word} {terms.maxima[each]}"
            for each, word in METHOD_WORDS.items()
            if each in terms.maxima
        )
        or "none",
        "session_seconds": f"{minutes} min {seconds} s" if seconds else f"{minutes} min",
        **{each.secret: _mask(each) for each in view.secrets},
    }


def _mask(mask: SecretMask) -> str:
    if not mask.readable:
        return "cannot be read: enter it again"
    return f"••••{mask.tail} · {mask.fingerprint}"
