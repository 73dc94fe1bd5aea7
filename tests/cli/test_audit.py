"""``shulk audit``: a key, the seal, an export that is verified elsewhere, and proofs of single entries."""

import asyncio
import gzip
from pathlib import Path
from typing import Final

import asyncpg
import pytest
from click.testing import CliRunner, Result

from conftest import run_sql
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}
ENTRIES: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts)
    SELECT now(), 'bank', 'poll', 'a', 'SK' || n, '', '', '', '{}' FROM generate_series(1, 3) n
"""
BEND: Final = """
    SET session_replication_role = replica;
    UPDATE audit_log SET action = 'b' WHERE subject = 'SK2';
    RESET session_replication_role
"""


class Shulk:
    """The command line over one database, with a key and a file store of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.key = folder / "audit.key"
        made = self("audit", "key", "--name", "shulk.example/audit", "--out", str(self.key))
        assert made.exit_code == 0, made.output
        self.vkey = made.stdout.strip()
        self.environ = EXAMPLE | {
            "SHULK_DATABASE_URL": url,
            "SHULK_FILES_FOLDER": str(folder / "files"),
            "SHULK_AUDIT_KEY_FILE": str(self.key),
        }

    environ: dict[str, str] = EXAMPLE

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, list(words), env=self.environ)


@pytest.fixture
def shulk(database_url: str, tmp_path: Path) -> Shulk:
    asyncio.run(run_sql(database_url, ENTRIES))
    return Shulk(database_url, tmp_path)


def test_a_key_is_made_once_for_its_owner(tmp_path: Path) -> None:
    """
    Nobody else can read it, and no file is written over.
    """
    first = Shulk("", tmp_path)
    again = first("audit", "key", "--name", "a", "--out", str(first.key))
    unlawful = first("audit", "key", "--name", "a b", "--out", str(tmp_path / "other"))

    assert first.vkey.startswith("shulk.example/audit+")
    assert first.key.stat().st_mode & 0o777 == 0o600
    assert (again.exit_code, unlawful.exit_code) == (1, 1)
    assert not (tmp_path / "other").exists()


async def commanded(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT action FROM audit_log WHERE action LIKE 'audit.%' ORDER BY id"
    )
    await connection.close()
    return [row["action"] for row in rows]


def test_a_trail_is_sealed_verified_exported_and_proved(shulk: Shulk, database_url: str) -> None:
    """
    An auditor needs the file and the public key; a line that is changed later is named by its index.
    """
    export, packed = shulk.folder / "trail.jsonl", shulk.folder / "trail.jsonl.gz"
    proofs = shulk.folder / "proofs"

    assert shulk("audit", "seal").stdout == "3 entries sealed\n"
    assert shulk("jobs", "run", "anchor_checkpoint").stdout == "anchor_checkpoint done, 1 handled\n"
    # The run of the job wrote no entry of its own, and what it anchored fits.
    whole = shulk("audit", "verify")
    assert whole.stdout == "whole: 3 entries, compared with 1 anchors\n", whole.output
    for file in (export, packed):
        assert shulk("audit", "export", "--out", str(file)).exit_code == 0
        offline = shulk("audit", "verify", str(file), "--vkey", shulk.vkey)
        assert offline.stdout == "whole: 3 entries, compared with 0 anchors\n", offline.output
    assert gzip.decompress(packed.read_bytes()) == export.read_bytes()
    assert shulk("audit", "prove", "SK2", "--out", str(proofs)).exit_code == 0
    proved = shulk(
        *("audit", "verify-proof", str(proofs / "1.tlog-proof"), str(proofs / "1.json")),
        *("--vkey", shulk.vkey),
    )
    assert proved.stdout == "proved: the line is entry 1 of the log\n", proved.output
    other = shulk(
        *("audit", "verify-proof", str(proofs / "1.tlog-proof"), str(export)),
        *("--vkey", shulk.vkey),
    )
    assert other.exit_code == 1

    export.write_bytes(export.read_bytes().replace(b'"subject":"SK3"', b'"subject":"SK4"'))
    bent = shulk("audit", "verify", str(export), "--vkey", shulk.vkey)
    assert (bent.exit_code, bent.stderr.startswith("broken at index 2: ")) == (1, True)
    packed.write_bytes(packed.read_bytes()[:-20])
    assert shulk("audit", "verify", str(packed), "--vkey", shulk.vkey).exit_code == 1
    asyncio.run(run_sql(database_url, BEND))
    bent = shulk("audit", "verify")
    assert (bent.exit_code, bent.stderr.startswith("broken at index 1: ")) == (1, True)
    assert shulk("audit", "export", "--out", str(export)).exit_code == 1
    assert shulk("audit", "prove", "SK2", "--out", str(proofs)).exit_code == 1
    assert shulk("audit", "prove", "SK9", "--out", str(proofs)).exit_code == 1
    # Each of them but those without a database is an entry itself.
    assert asyncio.run(commanded(database_url)) == [
        *("audit.verified", "audit.exported", "audit.exported", "audit.proved"),
        *("audit.broken", "audit.exported", "audit.proved", "audit.proved"),
    ]


def test_what_is_missing_is_told(shulk: Shulk) -> None:
    """
    A public key for a file, a key to seal, and a file that holds one.
    """
    file = shulk.folder / "trail.jsonl"
    file.write_bytes(b"")

    no_key = shulk("audit", "verify", str(file))
    no_vkey = shulk("audit", "verify", str(file), "--vkey", "nothing")
    shulk.key.write_text("nothing", encoding="utf-8")
    wrong = shulk("audit", "seal")
    shulk.environ["SHULK_AUDIT_KEY_FILE"] = ""
    unsealed = shulk("audit", "seal")

    assert "--vkey is missing" in no_key.output
    assert (no_vkey.exit_code, unsealed.exit_code, wrong.exit_code) == (1, 1, 1)
    assert "SHULK_AUDIT_KEY_FILE" in wrong.output
    assert "shulk audit key" in unsealed.output
