"""Where the tests keep what none of them needs tomorrow: in memory, where the system offers room for it."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - each of us makes a folder of its own below it
ROOM_BYTES: Final = 4 << 30
"""Some ten times what four workers fill, each with a PostgreSQL of its own."""


def use_memory() -> None:
    """
    Have temporary folders made in memory, for this process and all that it starts.

    Each PostgreSQL makes thousands of files and each database hundreds: a file system on a disk looks for a free
    place for each. Left as it is where ``TMPDIR`` says otherwise, where room is short, and where programs
    must not be run from there, as in many containers.
    """
    if "TMPDIR" not in os.environ and _has_room(SHARED_MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(SHARED_MEMORY)


def _has_room(folder: Path) -> bool:
    try:
        runs_programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    except (OSError, AttributeError):
        # Systems without such a folder, or without the flag.
        return False
    return (
        runs_programs
        and os.access(folder, os.W_OK | os.X_OK)
        and shutil.disk_usage(folder).free >= ROOM_BYTES
    )
