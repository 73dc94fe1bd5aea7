"""Ends the processes of a supervisor that was killed before it could end them itself.

Runs as a script of its own, on the standard library alone. It reads one word and one argument a
line from its standard input (``born PID``, ``gone PID``, ``folder PATH``). A closed input
means that the supervisor is gone: processes that still run are asked to end, then killed, and
the folders are removed.
"""

import contextlib
import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 8.0
POLL_SECONDS = 0.05


def main() -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    alive: list[int] = []
    folders: list[str] = []
    for line in sys.stdin:
        word, _, argument = line.rstrip("\n").partition(" ")
        if word == "born":
            alive.append(int(argument))
        elif word == "gone":
            alive.remove(int(argument))
        elif word == "folder":
            folders.append(argument)
    end(alive)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def end(pids: list[int]) -> None:
    for pid in reversed(pids):
        # PostgreSQL waits for its clients on SIGTERM and drops them on SIGINT; the others take
        # either one as a request to end.
        tell(pid, signal.SIGTERM)
        tell(pid, signal.SIGINT)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(lives(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for pid in pids:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def tell(pid: int, what: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, what)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    # An ended process stays listed while no parent collects it, as in many containers.
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii") as stat:  # noqa: PTH123 - pathlib would double the time to start
        return stat.read().rpartition(")")[2].split()[0] != "Z"
    return True


if __name__ == "__main__":
    main()
