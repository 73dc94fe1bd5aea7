"""``shulk backup`` and ``shulk restore``: nothing is written over, and nothing is begun that cannot be done."""

import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli.main import main
from entrypoints.operations.backup import (
    ProgramMissing,
    Programs,
    archive_settings,
    take_base_backup,
    without_password,
)
from entrypoints.settings.settings import VARIABLES, load_settings

INSTANT: Final = "2026-12-01T10:15:00+05:30"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """What `pg_basebackup` leaves, as far as a restore looks at it, and traces of the server that it came from."""
    folder = tmp_path / "base"
    (folder / "pg_wal").mkdir(parents=True)
    for name in ("standby.signal", "pg_wal/000000010000000000000002"):
        (folder / name).touch()
    (folder / "postgresql.auto.conf").write_text("archive_mode = on\n", encoding="utf-8")
    for name in ("backup_label", "PG_VERSION"):
        (folder / name).write_text(name, encoding="ascii")
    files = ",\n".join(_listed(folder / name) for name in ("backup_label", "PG_VERSION"))
    listed = f'{{ "PostgreSQL-Backup-Manifest-Version": 2,\n"Files": [\n{files}\n],\n'
    seal = hashlib.sha256(listed.encode()).hexdigest()
    (folder / "backup_manifest").write_text(
        f'{listed}"Manifest-Checksum": "{seal}"}}\n', encoding="ascii"
    )
    return folder


def _listed(path: Path) -> str:
    content = path.read_bytes()
    return json.dumps(
        {
            "Path": path.name,
            "Size": len(content),
            "Checksum-Algorithm": "SHA256",
            "Checksum": hashlib.sha256(content).hexdigest(),
        }
    )


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "it's the archive"
    folder.mkdir()
    return folder


def said(shown: Result) -> str:
    """Return what was shown, without the frame and the ends of its lines."""
    return " ".join(shown.output.replace("│", " ").split())


def restored(base: Path, archive: Path, into: Path, to: str = INSTANT) -> Result:
    words = ["restore", f"--base={base}", f"--archive={archive}", f"--into={into}", f"--to={to}"]
    return CliRunner().invoke(main, words)


def test_a_restored_server_starts_from_the_archive_and_leaves_it_alone(
    base: Path, archive: Path, tmp_path: Path
) -> None:
    """
    It replays to the instant, neither archives nor waits for a standby, and is no standby itself.
    """
    into = tmp_path / "fresh"

    shown = restored(base, archive, into)

    assert shown.exit_code == 0, shown.output
    lines = (into / "postgresql.auto.conf").read_text(encoding="utf-8").splitlines()
    assert "recovery_target_time = '2026-12-01 04:45:00+00:00'" in lines
    assert {"archive_mode = off", "synchronous_standby_names = ''"} < set(lines)
    assert lines.index("archive_mode = off") > lines.index("archive_mode = on")
    assert (into / "recovery.signal").exists()
    assert not (into / "standby.signal").exists()
    assert stat.S_IMODE(into.stat().st_mode) == 0o700
    assert (base / "standby.signal").exists()


@pytest.mark.parametrize(
    ("to", "why"), [("2026-12-01T10:15:00", "offset"), ("yesterday", "write 2026-12-01")]
)
def test_an_instant_without_its_offset_is_refused(
    base: Path, archive: Path, tmp_path: Path, to: str, why: str
) -> None:
    """
    Five hours and a half are a lot of payments.
    """
    shown = restored(base, archive, tmp_path / "fresh", to)

    assert (shown.exit_code, why in said(shown)) == (1, True)
    assert not (tmp_path / "fresh").exists()


def test_nothing_is_written_over(base: Path, archive: Path, tmp_path: Path) -> None:
    """
    The damaged database holds what happened since.
    """
    into = tmp_path / "in-use"
    into.mkdir()
    (into / "PG_VERSION").touch()

    shown = restored(base, archive, into)

    assert (shown.exit_code, "not empty" in said(shown)) == (1, True)
    assert [each.name for each in into.iterdir()] == ["PG_VERSION"]


def _cut(base: Path) -> None:
    (base / "PG_VERSION").write_text("PG", encoding="ascii")


def _change(base: Path) -> None:
    (base / "PG_VERSION").write_text("PG_VERSIOM", encoding="ascii")


def _remove(base: Path) -> None:
    (base / "backup_label").unlink()


def _add(base: Path) -> None:
    (base / "extra").touch()


def _change_manifest(base: Path) -> None:
    manifest = base / "backup_manifest"
    manifest.write_bytes(manifest.read_bytes().replace(b"PG_VERSION", b"PG_VERSIOM"))


def _cut_manifest(base: Path) -> None:
    manifest = base / "backup_manifest"
    manifest.write_bytes(manifest.read_bytes()[:40])


def _weaken(base: Path) -> None:
    manifest = base / "backup_manifest"
    listed = (
        manifest.read_bytes().partition(b'"Manifest-Checksum"')[0].replace(b"SHA256", b"CRC32C")
    )
    seal = hashlib.sha256(listed).hexdigest().encode()
    manifest.write_bytes(listed + b'"Manifest-Checksum": "' + seal + b'"}\n')


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_cut, "PG_VERSION has another length"),
        (_change, "PG_VERSION is damaged"),
        (_remove, "backup_label is missing"),
        (_add, "extra does not belong"),
        (_change_manifest, "its own checksum differs"),
        (_cut_manifest, "it cannot be read"),
        (_weaken, "has no SHA256"),
    ],
)
def test_a_damaged_backup_is_not_restored(
    base: Path, archive: Path, tmp_path: Path, damage: Callable[[Path], None], why: str
) -> None:
    """
    Whatever is wrong with it is named before anything is copied.
    """
    damage(base)

    shown = restored(base, archive, tmp_path / "fresh")

    assert (shown.exit_code, why in said(shown)) == (1, True)
    assert not (tmp_path / "fresh").exists()


def test_what_is_no_backup_and_what_is_no_archive_are_named(
    base: Path, archive: Path, tmp_path: Path
) -> None:
    """
    Two folders that are easily given in each other's place.
    """
    swapped = restored(archive, base, tmp_path / "fresh")
    away = restored(base, tmp_path / "nowhere", tmp_path / "fresh")

    assert "holds no base backup" in said(swapped)
    assert "no folder with an archive" in said(away)


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    """
    And where it was looked for; nothing is made.
    """
    settings = load_settings(
        {each.name: each.example for each in VARIABLES if each.example}
        | {"SHULK_ENVIRONMENT": "development"}
    )

    with pytest.raises(ProgramMissing, match="pg_basebackup is not in"):
        take_base_backup(settings, tmp_path / "base", Programs(tmp_path))

    assert not (tmp_path / "base").exists()


def test_the_password_is_not_among_the_arguments() -> None:
    """
    Everybody on the machine can read those.
    """
    url = "postgresql://shulk:p%40ss@one:1,two:2/shulk?sslmode=require"

    assert without_password(url) == (
        "postgresql://shulk@one:1,two:2/shulk?sslmode=require",
        "p@ss",
    )
    assert without_password("postgresql://shulk@one/shulk") == (
        "postgresql://shulk@one/shulk",
        None,
    )


def test_the_archive_command_survives_a_strange_path() -> None:
    """
    It is quoted for the shell, and then for PostgreSQL.
    """
    shown = CliRunner().invoke(main, ["backup", "settings", "--archive", "/mnt/it's here"])

    assert shown.output.splitlines() == list(archive_settings(Path("/mnt/it's here")))
    assert shown.output.count("'") % 2 == 0
    assert "base" not in said(shown)
    refused = CliRunner().invoke(main, ["backup", "settings", "--archive", "here"])
    assert (refused.exit_code, "from the root" in said(refused)) == (1, True)
