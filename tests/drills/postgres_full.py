"""The disk of PostgreSQL has no room left under load, for data and for WAL; then there is room again."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

import asyncpg
import httpx

from drills.incident import Incident
from fault_injection.server import Server

POSTGRES_FULL: Final = "postgres-full"
DISK: Final = "size=700m,mode=0755"
CHUNK: Final = bytes(1 << 16)
FULL_SECONDS: Final = 8.0
PAUSE_SECONDS: Final = 0.1
REFUSED: Final = "storage-unavailable"
MARK: Final = "room-"
MARKS: Final = "SELECT id FROM course WHERE id LIKE 'room-%'"


@contextmanager
def small_disk() -> Iterator[Path]:
    """Yield a folder that is a small disk of its own; whoever runs this has to be allowed to mount one."""
    with tempfile.TemporaryDirectory(prefix="shulk-small-disk-") as folder:
        # PostgreSQL runs as nobody here, and has to get there.
        Path(folder).chmod(0o755)
        disk = Path(folder) / "disk"
        disk.mkdir()
        _run("mount", "-t", "tmpfs", "-o", DISK, "tmpfs", str(disk))
        try:
            yield disk
        finally:
            _run("umount", str(disk))


async def postgres_full(incident: Incident) -> float:
    """
    Nothing more can be written; what was acknowledged stays, the rest is refused by name. Return when the next sale
    is complete after there is room. A PostgreSQL that has ended meanwhile is started, as its unit does.
    """
    server = incident.attack.server
    assert isinstance(server, Server)
    filler = server._home / "filler"
    marks = _Marks(incident)
    await marks.write()
    try:
        began = asyncio.get_running_loop().time()
        while not marks.refused:
            await asyncio.to_thread(_fill, filler)
            await marks.write()
            await asyncio.sleep(PAUSE_SECONDS)
            assert asyncio.get_running_loop().time() < began + incident.patience_seconds
        over = asyncio.get_running_loop().time() + FULL_SECONDS
        while asyncio.get_running_loop().time() < over:
            await asyncio.to_thread(_fill, filler)
            await marks.write()
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        filler.unlink(missing_ok=True)
    started = await _started_if_ended(server)
    recovered = await incident.until_sold("a sale after there was room")
    await marks.compare()
    incident.told.append(
        f"{len(marks.kept)} writes acknowledged, {marks.refused} refused by name;"
        f" PostgreSQL {'had ended and was started' if started else 'went on by itself'}"
    )
    return recovered


class _Marks:
    """Courses that nobody buys: each is acknowledged, or refused by the one name there is for it."""

    def __init__(self, incident: Incident) -> None:
        self.incident = incident
        self.kept: set[str] = set()
        self.refused = 0
        self._admin = incident.attack.deployment.person("admin")
        self._numbers = count()

    async def write(self) -> None:
        name = f"{MARK}{next(self._numbers)}"
        course = {
            "title": name,
            "list_price": "118.00",
            "price_mode": "inclusive",
            "sac": "999293",
            "gst_rate": "18",
        }
        with suppress(httpx.TransportError):
            answer = await self.incident.load.http.put(
                f"{self.incident.attack.deployment.api}/api/admin/courses/{name}",
                json=course,
                headers=self._admin.bearer,
            )
            if answer.is_success:
                self.kept.add(name)
                return
            self.refused += 1
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or REFUSED not in answer.text:
                self.incident.wrong.append(
                    f"{name} was answered {answer.status_code} {answer.text}"
                )

    async def compare(self) -> None:
        connection = await asyncpg.connect(self.incident.attack.server.url)
        try:
            found = {row["id"] for row in await connection.fetch(MARKS)}
        finally:
            await connection.close()
        lost = sorted(self.kept - found)
        self.incident.wrong += [f"{each} was acknowledged and is lost" for each in lost]


async def _started_if_ended(server: Server) -> bool:
    if all(child.process.poll() is None for child in server._children):
        return False
    server._children.stop()
    await server.start()
    return True


def _fill(filler: Path) -> None:
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(CHUNK)


def _run(program: str, *words: str) -> None:
    found = shutil.which(program)
    assert found is not None, f"{program} is not installed"
    subprocess.run((found, *words), check=True)  # noqa: S603 - a program of the system
