"""The demo's platform within the process of a test, in a thread of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from entrypoints.platform.server import PlatformServer


@contextmanager
def demo_platform(folder: Path) -> Iterator[PlatformServer]:
    """Yield the platform as it listens; its secret is read from a file in *folder*, which is not there yet."""
    with PlatformServer(0, folder / "secret") as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join(10)
