"""A gateway configuration as tests begin with it, and a version of it as it is stored."""

from dataclasses import replace
from typing import Any, Final

from domain.gateway_config.configuration_version import ConfigurationVersion, VersionState
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import GatewaySecrets, SecretField
from domain.gateway_config.gateway_terms import GatewayTerms
from domain.staff.staff_member import StaffId
from fakes.clock import NOON

TERMS: Final = GatewayTerms(
    merchant_id="SIMMERCHANT",
    payment_page_client_id="hdfcmaster",
    api_version="2023-06-30",
    webhook_user="shulk",
)
SECRETS: Final = GatewaySecrets(
    api_key="the-first-api-key-0001",
    response_key="the-first-response-key-0002",
    webhook_password="the-first-webhook-password-0003",
)
BOOTSTRAP: Final = GatewayConfiguration(number=0, terms=TERMS, secrets=SECRETS)
ENCRYPTED: Final = {each: f"today:{each.value}" for each in SecretField}
ZOYA, ANITA = StaffId("zoya"), StaffId("anita")


def a_version(number: int = 1, **changes: Any) -> ConfigurationVersion:
    """Return a proposal of ZOYA's at noon."""
    version = ConfigurationVersion(
        number=number,
        state=VersionState.PROPOSED,
        terms=TERMS,
        secrets=ENCRYPTED,
        based_on=number - 1,
        retires=False,
        alone=False,
        reason="the bank asked for it",
        proposed_by=ZOYA,
        proposed_at=NOON,
    )
    return replace(version, **changes)
