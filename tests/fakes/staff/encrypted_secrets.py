"""Every encrypted text in memory: seeds of staff, secrets of the gateway configuration and of endpoints."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.gateway_config.gateway_secrets import SecretField
from domain.staff.staff_member import StaffId
from domain.webhooks.platform_endpoint import EndpointId
from fakes.store import Store
from ports.cipher import EncryptedText, SecretLocation, key_of
from ports.gateway_config.configuration_register import TABLE, secret_location
from ports.staff.encrypted_secrets import EncryptedSecret


@dataclass(frozen=True, slots=True)
class MemoryEncryptedSecrets:
    store: Store

    async def by_key(self) -> Mapping[str, int]:
        await asyncio.sleep(0)
        return Counter(key_of(each.text) for each in self._all())

    async def not_under(
        self, key: str, *, after: SecretLocation | None, at_most: int
    ) -> Sequence[EncryptedSecret]:
        await asyncio.sleep(0)
        others = [each for each in self._all() if key_of(each.text) != key]
        return [each for each in others if after is None or _order(each) > _place(after)][:at_most]

    async def replace(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        await asyncio.sleep(0)
        if secret.location.table == TABLE:
            return self._replace_in_version(secret, text)
        if secret.location.table == "webhook_endpoint":
            return self._replace_of_endpoint(secret, text)
        member = self.store.staff.get(StaffId(secret.location.row))
        if member is None or member.seed != secret.text:
            return False
        self.store.staff[member.id] = replace(member, seed=text, version=member.version + 1)
        return True

    def _replace_of_endpoint(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        endpoint = self.store.webhook_endpoints.get(EndpointId(secret.location.row))
        column = secret.location.column
        if endpoint is None or getattr(endpoint, column) != secret.text:
            return False
        values: dict[str, Any] = {column: text, "version": endpoint.version + 1}
        self.store.webhook_endpoints[endpoint.id] = replace(endpoint, **values)
        return True

    def _all(self) -> list[EncryptedSecret]:
        endpoints = [
            EncryptedSecret(
                SecretLocation(table="webhook_endpoint", column=column, row=each.id),
                EncryptedText(text),
            )
            for column in ("previous_secret", "secret")
            for each in self.store.webhook_endpoints.values()
            if (text := getattr(each, column)) is not None
        ]
        seeds = [
            EncryptedSecret(
                SecretLocation(table="staff", column="totp_seed", row=each.id),
                EncryptedText(each.seed),
            )
            for each in self.store.staff.values()
            if each.seed is not None
        ]
        of_gateway = [
            EncryptedSecret(secret_location(each.number, secret), EncryptedText(text))
            for each in self.store.configurations.values()
            for secret, text in each.secrets.items()
        ]
        return sorted([*seeds, *of_gateway, *endpoints], key=_order)

    def _replace_in_version(self, secret: EncryptedSecret, text: EncryptedText) -> bool:
        number, column = int(secret.location.row), SecretField(secret.location.column)
        version = self.store.configurations.get(number)
        if version is None or version.secrets.get(column) != secret.text:
            return False
        secrets = {**version.secrets, column: text}
        changed = replace(version, secrets=secrets, version=version.version + 1)
        self.store.configurations[number] = changed
        return True


def _order(secret: EncryptedSecret) -> tuple[str, str, str]:
    return _place(secret.location)


def _place(location: SecretLocation) -> tuple[str, str, str]:
    return location.table, location.column, location.row
