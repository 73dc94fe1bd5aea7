"""The gateway configuration that an operator set in the environment: version 0, until a stored one is in effect."""

from domain.gateway_config.gateway_configuration import GatewayConfiguration, WebhookLogin
from domain.gateway_config.gateway_secrets import GatewaySecrets
from domain.gateway_config.gateway_terms import GatewayTerms
from entrypoints.settings.settings import GatewayAuth, GatewayConfigSource, Settings


def bootstrap_configuration(settings: Settings) -> GatewayConfiguration:
    """Return version 0 by *settings*; an account that signs and encrypts its calls has no API key."""
    user, password = settings.webhook_next_user, settings.webhook_next_password
    by_key = settings.gateway_auth is GatewayAuth.API_KEY
    return GatewayConfiguration(
        number=0,
        terms=GatewayTerms(
            merchant_id=settings.merchant_id,
            payment_page_client_id=settings.payment_page_client_id,
            api_version=settings.gateway_version,
            webhook_user=settings.webhook_user,
            session_lifetime=settings.session_lifetime,
        ),
        secrets=GatewaySecrets(
            api_key=settings.api_key if by_key else None,
            response_key=settings.response_key,
            webhook_password=settings.webhook_password,
        ),
        second_login=WebhookLogin(user, password) if user and password else None,
    )


def is_locked(settings: Settings) -> bool:
    """Whether the environment stays in effect, whatever is stored."""
    return settings.gateway_config is GatewayConfigSource.ENVIRONMENT
