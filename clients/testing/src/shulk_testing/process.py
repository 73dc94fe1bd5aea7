"""A whole Shulk, started by its own command: databases, bank, mailbox and all its processes; it ends with the block."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

STARTS_WITHIN_SECONDS: Final = 120.0
ENDS_WITHIN_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.05
LAST_LINES: Final = 20
OURS: Final = frozenset({"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"})
"""They lead to the environment of the tests; Shulk has one of its own."""


class ShulkDidNotStart(Exception):
    """The command ended, or did not answer in time; the message shows what it said."""


@contextmanager
def running_shulk(command: str, gateway: str, folder: Path) -> Iterator[Mapping[str, Any]]:
    """
    Yield what ``shulk demo`` announces: addresses, people, keys.

    It ends with the block, and also when this process is killed.
    """
    announced, log = folder / "shulk.json", folder / "shulk.log"
    environ = {name: value for name, value in os.environ.items() if name not in OURS}
    words = ["demo", "--port", "0", "--gateway", gateway, "--announce", str(announced)]
    with log.open("wb") as writes:
        process = subprocess.Popen(  # noqa: S603 - the command that the tester named
            [command, *words, "--end-with-stdin"],
            env=environ,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=writes,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, announced, log)
        yield json.loads(announced.read_bytes())
    finally:
        process.terminate()
        try:
            process.wait(ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _wait(process: "subprocess.Popen[bytes]", announced: Path, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while not announced.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
            raise ShulkDidNotStart("\n".join(["shulk demo did not start; it said:", *said]))
        time.sleep(POLL_SECONDS)
