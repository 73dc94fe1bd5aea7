"""How a process of ours is told to end."""

import asyncio
import signal
from typing import Final

ENDINGS: Final = (signal.SIGTERM, signal.SIGINT)


def stopping_on_signal() -> asyncio.Event:
    """Return an event of the running loop that SIGTERM and SIGINT set."""
    stopping = asyncio.Event()
    for each in ENDINGS:
        asyncio.get_running_loop().add_signal_handler(each, stopping.set)
    return stopping
