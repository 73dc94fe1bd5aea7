"""Secrets of versions, out of their encrypted texts and back."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import DomainError
from domain.gateway_config.configuration_version import ConfigurationVersion
from domain.gateway_config.gateway_configuration import GatewayConfiguration
from domain.gateway_config.gateway_secrets import GatewaySecrets, SecretField
from ports.cipher import CannotDecrypt, Cipher, EncryptedText
from ports.gateway_config.configuration_register import secret_location


class SecretUnreadable(DomainError):
    """The stored secret does not decrypt any more: it has to be entered again."""

    def __init__(self, secret: SecretField) -> None:
        self.secret = secret
        super().__init__(f"the stored {secret} cannot be decrypted; enter it again")


@dataclass(frozen=True, slots=True)
class ConfigurationSecrets:
    cipher: Cipher

    def configuration(self, version: ConfigurationVersion) -> GatewayConfiguration:
        """Return *version* as the adapters use it, or raise ``CannotDecrypt``."""
        return GatewayConfiguration(
            number=version.number, terms=version.terms, secrets=secrets_of(self._decrypted(version))
        )

    def readable(self, version: ConfigurationVersion) -> Mapping[SecretField, str | None]:
        """Return the secrets of *version* in the clear, None for one that does not decrypt."""
        found: dict[SecretField, str | None] = {}
        for secret, text in version.secrets.items():
            try:
                found[secret] = self._decrypt(version.number, secret, text)
            except CannotDecrypt:
                found[secret] = None
        return found

    def encrypted(self, number: int, secrets: GatewaySecrets) -> Mapping[SecretField, str]:
        """Return *secrets* as they are stored with version *number*."""
        return {
            secret: self.cipher.encrypt(text, secret_location(number, secret))
            for secret, text in secrets.known().items()
        }

    def _decrypted(self, version: ConfigurationVersion) -> Mapping[SecretField, str]:
        return {
            secret: self._decrypt(version.number, secret, text)
            for secret, text in version.secrets.items()
        }

    def _decrypt(self, number: int, secret: SecretField, text: str) -> str:
        return self.cipher.decrypt(EncryptedText(text), secret_location(number, secret))


def secrets_of(texts: Mapping[SecretField, str]) -> GatewaySecrets:
    """Return *texts* as the secrets of one configuration."""
    return GatewaySecrets(
        api_key=texts.get(SecretField.API_KEY),
        response_key=texts[SecretField.RESPONSE_KEY],
        webhook_password=texts[SecretField.WEBHOOK_PASSWORD],
    )
