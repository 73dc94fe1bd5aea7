"""The demo as somebody who writes a client starts it: one command, one file that tells everything."""

import json
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worlds.processes.logs import Logs
from worlds.processes.running import SHULK, Running, descendants, is_alive, started
from worlds.processes.waiting import eventually_here


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A running demo, what it told, and the folder in which all that is temporary lies."""

    told: dict[str, Any]
    process: Running
    folder: Path

    @property
    def logs(self) -> Logs:
        """What its API, worker and scheduler have logged so far."""
        found = {each.stem: each for each in self.folder.glob("shulk-demo-*/*.log")}
        return Logs.of(found[name] for name in ("serve", "worker", "scheduler"))

    @property
    def secrets(self) -> list[str]:
        """What no log line of its may hold."""
        told = self.told
        people = [*told["students"], *told["staff"]]
        return [
            told["merchant"]["api_key"],
            told["merchant"]["response_key"],
            told["webhook"]["password"],
            told["database_url"],
            told["server_key"],
            *(each["token"] for each in people),
            *(each["email"] for each in people),
        ]


@contextmanager
def demonstration() -> Iterator[Demonstration]:
    """Start the demo, yield once it answers, end it by SIGTERM; nothing and nobody may be left."""
    # PostgreSQL runs as nobody when we are root: the way to its data has to be open.
    folder = Path(tempfile.mkdtemp(prefix="shulk-journeys-"))
    folder.chmod(0o711)
    temporary = folder / "temporary"
    temporary.mkdir(mode=0o711)
    file = folder / "announced.json"
    ports = ("--port", "0", "--simulator-port", "0", "--mailbox-port", "0")
    try:
        with started(
            "demo",
            *SHULK,
            "demo",
            *ports,
            "--announce",
            str(file),
            log=folder / "demo.log",
            variables={"TMPDIR": str(temporary)},
        ) as process:
            eventually_here(
                lambda: file.exists() or not process.lives, what="the demo", within_seconds=90
            )
            assert process.lives, process.said
            shown = Demonstration(json.loads(file.read_bytes()), process, temporary)
            yield shown
            _ends_cleanly(shown)
    finally:
        shutil.rmtree(folder)


def _ends_cleanly(shown: Demonstration) -> None:
    leaks = shown.logs.lines_with(shown.secrets)
    assert leaks == []
    children = descendants(shown.process.process.pid)
    assert len(children) >= 7, "API, worker, scheduler, bank, mailbox and two databases"
    shown.process.process.send_signal(signal.SIGTERM)
    assert shown.process.ended() == 0, shown.process.said
    assert [pid for pid in children if is_alive(pid)] == []
    assert list(shown.folder.iterdir()) == []
