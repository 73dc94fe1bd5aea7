"""Where the ``shulk`` command is: in an environment of its own, since its packages would clash with other code's."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

VARIABLE: Final = "SHULK_BIN"


class ShulkNotFound(Exception):
    """There is no ``shulk`` command where it is looked for; the message says how to have one."""


def find_shulk(wanted: str | None, environ: Mapping[str, str]) -> str:
    """Return the program: *wanted*, else ``SHULK_BIN``, else on the PATH, of pipx, of uv. Raises ``ShulkNotFound``."""
    named = wanted or environ.get(VARIABLE)
    if named:
        found = shutil.which(named, path=environ.get("PATH"))
        if found is None:
            raise ShulkNotFound(
                f"there is no program {named}; give the shulk command of its environment"
            )
        return found
    on_path = shutil.which("shulk", path=environ.get("PATH"))
    for place in (on_path, *map(str, _usual_places(environ))):
        if place and os.access(place, os.X_OK):
            return place
    raise ShulkNotFound(
        "there is no shulk command. It lives in an environment of its own:"
        " pipx install 'shulk[embedded]', or uv tool install 'shulk[embedded]',"
        " or name it by --shulk or SHULK_BIN"
    )


def _usual_places(environ: Mapping[str, str]) -> Iterator[Path]:
    home = Path(environ.get("HOME", "/"))
    data = Path(environ.get("XDG_DATA_HOME", home / ".local/share"))
    yield Path(environ.get("PIPX_BIN_DIR", home / ".local/bin")) / "shulk"
    yield Path(environ.get("PIPX_HOME", data / "pipx")) / "venvs/shulk/bin/shulk"
    yield Path(environ.get("UV_TOOL_DIR", data / "uv/tools")) / "shulk/bin/shulk"
