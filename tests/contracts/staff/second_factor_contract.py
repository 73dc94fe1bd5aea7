"""What any second factor must do: run against the fake and against RFC 6238."""

from datetime import timedelta
from typing import Protocol

import pytest

from fakes.clock import NOON
from ports.staff.second_factor import SecondFactor

STEP = timedelta(seconds=30)


class Phone(Protocol):
    """The factor, and the app that shows its codes."""

    @property
    def factor(self) -> SecondFactor: ...

    def code(self, seed: str, step: int) -> str: ...


class SecondFactorContract:
    """Subclasses give the fixture ``phone``."""

    def test_the_code_of_now_and_its_neighbours_count(self, phone: Phone) -> None:
        """
        One step of drift either way, each known by its own step; the next ones are no codes.
        """
        seed, now = phone.factor.new_seed(), int(NOON.timestamp()) // 30

        for off in (-1, 0, 1):
            assert now + off == phone.factor.step_of(seed, phone.code(seed, now + off), NOON)
        for off in (-2, 2, -1000, 1000):
            assert phone.factor.step_of(seed, phone.code(seed, now + off), NOON) is None

    def test_a_step_lasts_half_a_minute(self, phone: Phone) -> None:
        """
        From its first instant to the last one before the next.
        """
        seed, now = phone.factor.new_seed(), int(NOON.timestamp()) // 30
        code = phone.code(seed, now)

        for later in (timedelta(), STEP - timedelta(microseconds=1), STEP, 2 * STEP - STEP / 30):
            assert now == phone.factor.step_of(seed, code, NOON + later)
        assert phone.factor.step_of(seed, code, NOON + 2 * STEP) is None

    @pytest.mark.parametrize(
        "text", ["", "12345", "1234567", "12345a", "१२३४५६", " 123456", "123456\n", "-12345"]
    )
    def test_what_is_no_code_never_counts(self, phone: Phone, text: str) -> None:
        """
        Six digits of ours and nothing else; anything may be typed, nothing breaks.
        """
        assert phone.factor.step_of(phone.factor.new_seed(), text, NOON) is None

    def test_every_seed_is_another(self, phone: Phone) -> None:
        """
        One person's codes are no use with another's seed.
        """
        one, other = phone.factor.new_seed(), phone.factor.new_seed()
        now = int(NOON.timestamp()) // 30

        assert one != other
        assert phone.factor.step_of(other, phone.code(one, now), NOON) is None

    def test_a_provisioning_uri_carries_the_seed(self, phone: Phone) -> None:
        """
        An app that reads it shows the same codes.
        """
        seed = phone.factor.new_seed()
        uri = phone.factor.provisioning_uri(seed, "mira@example.com")

        assert uri.startswith("otpauth://totp/")
        assert f"secret={seed}" in uri
