"""Secrets that an officer has typed and not saved: they travel encrypted between two pages, and are stored nowhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.gateway_config.gateway_secrets import SecretField
from domain.gateway_config.gateway_terms import ConfigurationInvalid
from domain.staff.staff_member import StaffId
from ports.cipher import CannotDecrypt, Cipher, EncryptedText, SecretLocation
from ports.clock import Clock
from ports.gateway_config.configuration_register import TABLE

KEPT_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ConfigurationDrafts:
    cipher: Cipher
    clock: Clock

    def keep(self, secrets: Mapping[SecretField, str], by: StaffId) -> str:
        """Return *secrets* as a text that only *by* can send back, and not for long; empty where there is none."""
        if not secrets:
            return ""
        until = (self.clock.now() + KEPT_FOR).isoformat()
        text = json.dumps([until, {each.value: typed for each, typed in secrets.items()}])
        return self.cipher.encrypt(text, _location(by))

    def read(self, kept: str, by: StaffId) -> Mapping[SecretField, str]:
        """Return the secrets of ``keep``, or raise ``ConfigurationInvalid``: then they are typed again."""
        if not kept:
            return {}
        try:
            until, secrets = json.loads(self.cipher.decrypt(EncryptedText(kept), _location(by)))
        except CannotDecrypt:
            raise _again() from None
        if self.clock.now() >= datetime.fromisoformat(until):
            raise _again()
        return {SecretField(name): typed for name, typed in secrets.items()}


def _location(by: StaffId) -> SecretLocation:
    return SecretLocation(table=TABLE, column="draft", row=by)


def _again() -> ConfigurationInvalid:
    return ConfigurationInvalid("secrets", "they were typed too long ago, so type them again")
