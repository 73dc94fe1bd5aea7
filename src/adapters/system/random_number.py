"""Chance that nobody can foresee, for whatever must not happen everywhere at once."""

import secrets

from domain.payments.polling_schedule import CHANCES


def chance() -> int:
    """Return one of ``CHANCES``, from 0 on."""
    return secrets.randbelow(CHANCES)
