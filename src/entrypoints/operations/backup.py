"""A base backup of the database and its archive of WAL, and both restored to an instant in a fresh place.

PostgreSQL's own programs do the work. What is added here is what is easily forgotten: that the copy is verified,
that nothing is written over, and that the restored server neither archives over the old one's files nor waits for
its standby.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from entrypoints.operations.backup_manifest import ALGORITHM, fault_of
from entrypoints.settings.settings import Settings

LAST_LINES: Final = 15
PRIVATE: Final = 0o700
LEFT_BEHIND: Final = ("standby.signal",)


class BackupRefused(Exception):
    """What was asked cannot be done, and nothing was changed; the message says why."""


class ProgramMissing(BackupRefused):
    """A program of PostgreSQL is not where it was looked for."""

    def __init__(self, name: str, where: Path | None) -> None:
        place = "on the PATH" if where is None else f"in {where}"
        super().__init__(
            f"{name} is not {place}: install PostgreSQL's programs of the server's version,"
            " or name their folder by --programs"
        )


class FolderInUse(BackupRefused):
    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is there and not empty: nothing is written over")


class ProgramFailed(BackupRefused):
    def __init__(self, name: str, words: str) -> None:
        last = "\n".join(words.strip().splitlines()[-LAST_LINES:])
        super().__init__(f"{name} failed:\n{last}")


@dataclass(frozen=True, slots=True)
class Programs:
    """Where PostgreSQL's programs are looked for: in *folder*, or on the PATH."""

    folder: Path | None = None

    def run(self, name: str, *words: str, password: str | None = None) -> None:
        """Run the program *name* to its end; raises ``ProgramMissing`` or ``ProgramFailed``."""
        program = self.find(name)
        # An address among the arguments would show its password in the list of processes.
        secret = {} if password is None else {"PGPASSWORD": password}
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL, no shell
            [program, *words],
            env={**os.environ, "LC_ALL": "C", **secret},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise ProgramFailed(name, (done.stdout + done.stderr).decode(errors="replace"))

    def find(self, name: str) -> str:
        found = shutil.which(name, path=None if self.folder is None else str(self.folder))
        if found is None:
            raise ProgramMissing(name, self.folder)
        return found


def take_base_backup(settings: Settings, out: Path, programs: Programs) -> None:
    """
    Copy the whole server into *out*, and compare what was written with its manifest.

    The role is the one that migrates, which needs the attribute REPLICATION. Raises ``BackupRefused``.
    """
    _must_be_free(out)
    address, password = without_password(settings.migration_database_url or settings.database_url)
    programs.run(
        "pg_basebackup",
        *(f"--pgdata={out}", f"--dbname={address}", "--no-password"),
        *("--checkpoint=fast", "--wal-method=stream", f"--manifest-checksums={ALGORITHM}"),
        password=password,
    )
    if fault := fault_of(out):
        raise BackupRefused(fault)


def archive_settings(archive: Path) -> Sequence[str]:
    """Return the lines of ``postgresql.conf`` that let the server archive each finished piece of WAL in *archive*."""
    kept, aside = shlex.quote(f"{archive}/%f"), shlex.quote(f"{archive}/.%f.part")
    # A piece that is there may only be taken for archived when it is the same, byte for byte.
    once = f"if test -f {kept}; then cmp -s %p {kept}; else cp %p {aside} && sync {aside} && mv {aside} {kept}; fi"
    return (
        "archive_mode = on",
        f"archive_command = '{_quoted(once)}'",
        "archive_timeout = 60",
        "wal_level = replica",
    )


def restore(base: Path, archive: Path, into: Path, until: datetime) -> None:
    """
    Make *into* the data of a server that, once it is started, replays *archive* over *base* to the instant *until*.

    The server then accepts writes. Raises ``BackupRefused``, and *into* is as it was.
    """
    if until.tzinfo is None:
        raise BackupRefused("the instant needs an offset, as in 2026-12-01T10:15:00+05:30")
    if not archive.is_dir():
        raise BackupRefused(f"{archive} is no folder with an archive of WAL")
    _must_be_free(into)
    if fault := fault_of(base):
        raise BackupRefused(fault)
    aside = into.with_name(f".{into.name}.part")
    if aside.exists():
        raise FolderInUse(aside)
    try:
        shutil.copytree(base, aside, symlinks=True)
        _prepare(aside, archive.resolve(), until)
        aside.rename(into)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def recovery_settings(archive: Path, until: datetime) -> Sequence[str]:
    """Return the lines that a restored server starts with."""
    fetched = f"cp {shlex.quote(f'{archive}/%f')} %p"
    return (
        f"restore_command = '{_quoted(fetched)}'",
        f"recovery_target_time = '{until.astimezone(UTC).isoformat(sep=' ')}'",
        "recovery_target_action = 'promote'",
        "recovery_target_timeline = 'latest'",
        # The archive stays as the lost server left it, and no standby of that one is waited for.
        "archive_mode = off",
        "synchronous_standby_names = ''",
        "primary_conninfo = ''",
    )


def without_password(url: str) -> tuple[str, str | None]:
    """Return *url* without its password, and the password."""
    parts = urlsplit(url)
    credentials, at, hosts = parts.netloc.rpartition("@")
    user, colon, password = credentials.partition(":")
    bare = urlunsplit(parts._replace(netloc=f"{user}{at}{hosts}"))
    return bare, unquote(password) if colon else None


def _prepare(data: Path, archive: Path, until: datetime) -> None:
    data.chmod(PRIVATE)
    for name in LEFT_BEHIND:
        (data / name).unlink(missing_ok=True)
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.writelines(f"{line}\n" for line in recovery_settings(archive, until))
    (data / "recovery.signal").touch()


def _must_be_free(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUse(folder)


def _quoted(text: str) -> str:
    """Return *text* as it stands between single quotes in ``postgresql.conf``."""
    return text.replace("'", "''")
