"""How a process is asked to end."""

import asyncio
import signal
from typing import Final

SHUTDOWN_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def shutdown_on_signal() -> asyncio.Event:
    """Return an event of the running loop that SIGTERM and SIGINT set."""
    shutdown = asyncio.Event()
    for each in SHUTDOWN_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(each, shutdown.set)
    return shutdown
