"""Administrators rotate a secret of the gateway: one proposes, the other one decides, and then the bank follows."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.gateway_config.configuration_version import ConfigurationVersion
from entrypoints.simulator.simulated_bank import SimulatedBank
from simulation.bank import HOOK_USER
from simulation.people import OK
from simulation.plan import DAY, Errand
from simulation.staff import ADMINS, Staff

CONFIGURATION: Final = "/api/admin/payment/config"
SOON_SECONDS: Final = 90.0
"""By then a request is carried out or lost, and each process knows what was approved."""

KEY_FOLLOWS_WITHIN: Final = 600.0
"""While the bank knows another key, it answers nothing at all."""


@dataclass(slots=True)
class Administrators:
    """*bank* is the one whose staff enter what was rotated at the dashboard."""

    staff: Callable[[], Staff]
    bank: Callable[[], SimulatedBank]
    now: Callable[[], datetime]

    async def rotate(self, errand: Errand) -> None:
        """Propose another secret, let it be decided about, and let the bank follow if it comes into effect."""
        who, other = (*ADMINS,) if errand.pick % 2 else (*reversed(ADMINS),)
        secret = f"rotated-{errand.number}-{errand.pick:03d}-0123456789ABCDEF"
        known = set(self._versions()) | {0}
        based_on = await self._in_effect(who)
        asked = {errand.secret: secret, "based_on": based_on, "reason": "It is a year old"}
        await self._told(who, CONFIGURATION, asked, method="PUT")
        number = max(self._versions(), default=0)
        if number in known or errand.answer == "none":
            return
        await asyncio.sleep(errand.answered_after)
        how = "reject" if errand.answer == "reject" else "approve"
        by = who if errand.pick % 7 == 0 else other
        reason = {"reason": "Compared with the letter"}
        await self._told(by, f"{CONFIGURATION}/{number}/{how}", reason)
        effective = self._versions()[number].effective_from
        if effective is not None:
            late = min(errand.follows, KEY_FOLLOWS_WITHIN if errand.secret == "api_key" else DAY)
            await asyncio.sleep(max((effective - self.now()).total_seconds() + late, 0))
            self._follow(errand.secret, secret)
            self.staff().people.tell("the bank's staff", f"use the new {errand.secret}")
            await asyncio.sleep(SOON_SECONDS)
            if errand.pick % 3 == 0:
                reason = {"reason": "The bank uses the new one"}
                await self._told(other, f"{CONFIGURATION}/{number}/end-old-secrets", reason)

    def _versions(self) -> Mapping[int, ConfigurationVersion]:
        return self.staff().store.configurations

    def _follow(self, which: str, secret: str) -> None:
        bank = self.bank()
        if which == "webhook_password":
            pair = b64encode(f"{HOOK_USER}:{secret}".encode()).decode("ascii")
            bank.sender.client.headers["Authorization"] = f"Basic {pair}"
        elif which == "response_key":
            bank.config = replace(bank.config, response_key=secret)
        else:
            bank.config = replace(bank.config, api_key=secret)

    async def _in_effect(self, who: str) -> int:
        answer = await self.staff().ask(who, CONFIGURATION, b"", method="GET")
        if answer is None or answer.status != OK:
            return 0
        return int(json.loads(answer.body)["in_effect"]["version"])

    async def _told(
        self, who: str, path: str, asked: Mapping[str, object], method: str = "POST"
    ) -> None:
        """Ask for something, and wait until it is done, if it is done at all: the console shows what it came to."""
        code = await self.staff().code(who)
        await self.staff().ask(who, path, {**asked, "otp": code}, method=method)
        await asyncio.sleep(SOON_SECONDS)
