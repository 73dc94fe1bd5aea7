"""Both second factors keep the contract, and the real one shows the codes of RFC 6238."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest

from adapters.totp.second_factor import TotpSecondFactor
from contracts.staff.second_factor_contract import SecondFactorContract
from fakes.staff.second_factor import CountingFactor, code_at

RFC_SEED: Final = base64.b32encode(b"12345678901234567890").decode()
VECTORS: Final = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
"""Appendix B of RFC 6238, SHA-1; it prints eight digits, of which six-digit codes are the last ones."""


@dataclass
class CountingPhone:
    factor: CountingFactor = field(default_factory=CountingFactor)

    def code(self, seed: str, step: int) -> str:
        return code_at(seed, step)


@dataclass
class RealPhone:
    factor: TotpSecondFactor = field(default_factory=lambda: TotpSecondFactor("Shulk & Sons"))

    def code(self, seed: str, step: int) -> str:
        return pyotp.HOTP(seed).at(step)


class TestCountingFactor(SecondFactorContract):
    @pytest.fixture
    def phone(self) -> CountingPhone:
        return CountingPhone()


class TestTotp(SecondFactorContract):
    @pytest.fixture
    def phone(self) -> RealPhone:
        return RealPhone()


@pytest.mark.parametrize(("seconds", "digits"), VECTORS)
def test_the_standards_own_examples(seconds: int, digits: str) -> None:
    """
    What the RFC prints for an instant is taken at that instant.
    """
    at = datetime.fromtimestamp(seconds, UTC)

    assert TotpSecondFactor("x").step_of(RFC_SEED, digits[-6:], at) == seconds // 30


def test_a_seed_is_long_and_random() -> None:
    """
    160 bits in the letters that apps take, and never the same twice.
    """
    drawn = {TotpSecondFactor("x").new_seed() for _ in range(200)}

    assert len(drawn) == 200
    assert {len(base64.b32decode(each)) for each in drawn} == {20}


def test_the_provisioning_uri_names_issuer_and_owner() -> None:
    """
    So that an app with many accounts shows whose code this is, whatever the names hold.
    """
    parts = urlsplit(
        TotpSecondFactor("Shulk & Sons").provisioning_uri(RFC_SEED, "mira@example.com")
    )

    assert unquote(parts.path) == "/Shulk & Sons:mira@example.com"
    assert parse_qs(parts.query) == {"secret": [RFC_SEED], "issuer": ["Shulk & Sons"]}
