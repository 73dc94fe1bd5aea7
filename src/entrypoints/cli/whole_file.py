"""A file that a command writes: in its place when it is whole, and not before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

FILE_MODE: Final = 0o640


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """Lend a file beside *out*, which takes its place when the block ends, and is removed when it raises."""
    aside = out.with_name(f".{out.name}.part")
    try:
        with aside.open("wb") as file:
            # It names payers: only our user and group may read it.
            os.fchmod(file.fileno(), FILE_MODE)
            yield file
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)
