"""The bank's messages in the shapes that SmartGateway documents, with values made up for these tests."""

import json
from pathlib import Path
from typing import Any, Final

from hypothesis import settings

from domain.identifiers import PaymentId

UNHURRIED: Final = settings(deadline=None)
"""Laws are about what is true, not about how busy the machine is."""

ORDER: Final = PaymentId("SK7QXM2RT5WB4NH6YJKD")

_FOLDER: Final = Path(__file__).parent


def raw_sample(name: str) -> bytes:
    return (_FOLDER / f"{name}.json").read_bytes()


def sample(name: str, **changes: object) -> dict[str, Any]:
    """Return the sample called *name* with the top-level fields in *changes* laid over it."""
    read: dict[str, Any] = json.loads(raw_sample(name))
    return {**read, **changes}
