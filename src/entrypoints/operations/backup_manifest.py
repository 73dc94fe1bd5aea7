"""Whether a base backup is whole: each file compared with the manifest that PostgreSQL wrote beside it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

MANIFEST: Final = "backup_manifest"
ALGORITHM: Final = "SHA256"
NOT_LISTED: Final = frozenset(
    {MANIFEST, "postgresql.auto.conf", "recovery.signal", "standby.signal", "backup_manifest.tmp"}
)
"""Files that PostgreSQL does not list, or that are written after it has; the WAL is compared as it is replayed."""

WAL: Final = "pg_wal"


def fault_of(base: Path) -> str | None:
    """Return what is wrong with the backup in *base*, by its first fault; None when it is whole."""
    try:
        written = (base / MANIFEST).read_bytes()
    except OSError:
        return f"{base} holds no base backup: {MANIFEST} is not there"
    listed, end, _ = written.rpartition(b'"Manifest-Checksum"')
    try:
        told: Mapping[str, Any] = json.loads(written)
        if not end or told["Manifest-Checksum"] != hashlib.sha256(listed).hexdigest():
            return f"{MANIFEST} is damaged: its own checksum differs"
        files = {_path_of(each): each for each in told["Files"]}
        return next(_faults(base, files), None)
    except (ValueError, KeyError, TypeError):
        return f"{MANIFEST} is damaged: it cannot be read"


def _faults(base: Path, files: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, file in files.items():
        path = base / name
        if not path.is_file():
            yield f"{name} is missing"
        elif path.stat().st_size != file["Size"]:
            yield f"{name} has another length"
        elif file.get("Checksum-Algorithm") != ALGORITHM:
            yield f"{name} has no {ALGORITHM}: make the backup by `shulk backup base`"
        elif _hash_of(path) != file["Checksum"]:
            yield f"{name} is damaged"
    for path in base.rglob("*"):
        name = path.relative_to(base).as_posix()
        listed = name in files or name in NOT_LISTED or name.partition("/")[0] == WAL
        if path.is_file() and not listed:
            yield f"{name} does not belong to the backup"


def _path_of(file: Mapping[str, Any]) -> str:
    if "Path" in file:
        return str(file["Path"])
    return bytes.fromhex(file["Encoded-Path"]).decode()


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
