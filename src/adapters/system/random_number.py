"""Random numbers that spread retries and polls over time."""

import secrets

from domain.payments.polling_schedule import JITTER_STEPS


def jitter() -> int:
    """Return one of ``JITTER_STEPS``, from 0 on."""
    return secrets.randbelow(JITTER_STEPS)
