"""How the gateway is used at one moment: terms and secrets together, as the adapters need them."""

from dataclasses import dataclass, field

from domain.gateway_config.gateway_secrets import GatewaySecrets
from domain.gateway_config.gateway_terms import GatewayTerms


@dataclass(frozen=True, slots=True)
class WebhookLogin:
    """The user name and password that the bank's webhooks carry."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfiguration:
    """
    Version *number* of the configuration; 0 is what the process was started with.

    *second_login* is accepted beside the webhook login of its own: an operator sets it in the environment.
    """

    number: int
    terms: GatewayTerms
    secrets: GatewaySecrets
    second_login: WebhookLogin | None = None

    @property
    def webhook_logins(self) -> tuple[WebhookLogin, ...]:
        """The logins that webhooks may carry while this version is in effect."""
        own = WebhookLogin(self.terms.webhook_user, self.secrets.webhook_password)
        return (own,) if self.second_login is None else (own, self.second_login)

    def retires_evidence_of(self, before: "GatewayConfiguration") -> bool:
        """Whether the bank proved itself under *before* by something that this version does not know."""
        return self.secrets.response_key != before.secrets.response_key or not set(
            before.webhook_logins
        ) <= set(self.webhook_logins)
