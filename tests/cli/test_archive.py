"""``shulk archive``: months leave the database as files, and whatever asks for their lines still has them."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.engine.database import Database, DatabaseSettings
from application.audit.seal_audit_log import SealAuditLog
from cli.test_audit import Shulk
from conftest import run_sql
from domain.audit.archive_month import ArchiveMonth
from domain.audit.record_kind import RecordKind
from domain.audit.record_manifest import RecordManifest
from entrypoints.wiring.audit import checkpoint_signer
from fakes.audit.sealing import counted_salts
from fakes.clock import StoppedClock
from worlds.settings import settings_with

OCTOBER: Final = datetime(2023, 10, 20, 9, tzinfo=UTC)
ENTRIES: Final = """
    INSERT INTO audit_log (at, actor, source, action, subject, ip, user_agent, correlation_id, facts)
    SELECT '2023-10-20T08:00:00Z', 'bank', 'poll', 'a', 'SK' || n, '192.0.2.1', 'curl', '',
           jsonb_build_object('refund', 'RF' || n) FROM generate_series(1, 3) n
"""
AGED: Final = """
    ALTER TABLE archived_month DISABLE TRIGGER USER;
    UPDATE archived_month SET verified_at = verified_at - interval '30 days';
    ALTER TABLE archived_month ENABLE TRIGGER USER
"""
BEND: Final = """
    SET session_replication_role = replica;
    UPDATE audit_log SET action = 'b' WHERE id = 2;
    RESET session_replication_role
"""


async def sealed_long_ago(shulk: Shulk, url: str) -> None:
    await run_sql(url, ENTRIES)
    database = Database.connect(DatabaseSettings(url=url))
    signer = checkpoint_signer(settings_with(audit_key_file=str(shulk.key)))
    seal = SealAuditLog(PostgresSealedLog(database), signer, counted_salts(), StoppedClock(OCTOBER))
    assert await seal() == 3
    await database.close()


async def counted(url: str, table: str) -> int:
    connection = await asyncpg.connect(url)
    count = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - ours
    await connection.close()
    return int(count)


async def acts(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT action FROM audit_log WHERE action LIKE 'archive.%' ORDER BY id"
    )
    await connection.close()
    return [row["action"] for row in rows]


def verified_offline(shulk: Shulk) -> None:
    """Verify the month's file as an auditor does: with its manifest and the public key, and no settings."""
    files = shulk.folder / "files"
    (manifest,) = (files / "audit-archive" / "2023-10").iterdir()
    file = files / listed_hash(manifest)[:2] / listed_hash(manifest)
    settings, shulk.environ = shulk.environ, {}
    words = ("archive", "verify", str(file), str(manifest))
    assert shulk(*words, "--vkey", shulk.vkey).stdout == "whole: 3 lines\n"
    other = shulk.folder / "other"
    other.write_bytes(file.read_bytes()[:-1])
    cut = shulk("archive", "verify", str(other), str(manifest), "--vkey", shulk.vkey)
    assert cut.stderr.startswith("broken at index 0: the file is not")
    of_others = shulk(*words)
    assert (of_others.exit_code, "no key" in of_others.stderr) == (1, True)
    other.write_bytes(b"nothing")
    none = shulk("archive", "verify", str(file), str(other), "--vkey", shulk.vkey)
    assert (none.exit_code, "manifest" in none.stderr) == (1, True)
    shulk.environ = settings


def listed_hash(manifest: Path) -> str:
    return str(json.loads(manifest.read_bytes())["sha256"])


@pytest.fixture
def shulk(database_url: str, tmp_path: Path) -> Shulk:
    made = Shulk(database_url, tmp_path)
    asyncio.run(sealed_long_ago(made, database_url))
    return made


def test_a_month_is_archived_searched_and_restored(shulk: Shulk, database_url: str) -> None:
    """
    Its lines leave the database 30 days after they were read back; the trail is whole and each entry is proved.
    """
    first = shulk("archive", "run")
    assert first.stdout == "1 exported\n1 verified\n", first.output
    assert asyncio.run(counted(database_url, "audit_origin")) == 3
    asyncio.run(run_sql(database_url, AGED))
    assert shulk("archive", "run").stdout == "1 dropped\n"
    assert asyncio.run(counted(database_url, "audit_origin")) == 0

    listed = shulk("archive", "list").stdout
    assert listed.startswith("audit_log 2023-10 dropped 3 lines from 0 ")
    assert listed.endswith("keep until 2032-03-31\n")
    sealed = shulk("audit", "seal").stdout
    whole = shulk("audit", "verify")
    assert whole.stdout.startswith("whole: 6 entries"), (sealed, whole.output)

    verified_offline(shulk)
    found = shulk("archive", "search", "RF3").stdout
    index, line = found.split(" ", 1)
    assert (index, json.loads(line)["subject"]) == ("2", "SK3")
    assert "192.0.2.1" not in found
    assert shulk("archive", "restore", "2023-10").stdout == "3 lines restored\n"
    assert asyncio.run(counted(database_url, "restored_line")) == 3
    removed = shulk("archive", "restore", "2023-10", "--remove")
    assert removed.stdout == "3 lines removed\n"
    assert shulk("archive", "restore", "2023-13").exit_code == 2
    assert asyncio.run(acts(database_url)) == [
        *("archive.exported", "archive.verified", "archive.dropped"),
        *("archive.searched", "archive.restored"),
    ]


WEBHOOKS: Final = """
    INSERT INTO inbox (event_id, body_sha256, event_name, order_id, status, only_sale, received_at, state, due_at,
                       closed_at)
    SELECT 'e' || n, repeat('0', 64), 'ORDER_SUCCEEDED', 'SK' || n, 'CHARGED', false, at, 'applied', at, at
    FROM generate_series(1, 2) n, (SELECT CAST('2023-10-20T08:00:00Z' AS timestamptz) AS at) when_it_came
"""
AGED_ROWS: Final = AGED.replace("archived_month", "archived_records")


def test_webhooks_are_archived_as_the_audit_log_is(shulk: Shulk, database_url: str) -> None:
    """
    By the same commands: they leave the database 30 days after they were read back, and are found in their file.
    """
    asyncio.run(run_sql(database_url, WEBHOOKS))
    assert shulk("archive", "run").stdout == "2 exported\n2 verified\n"
    asyncio.run(run_sql(database_url, AGED_ROWS))
    assert shulk("archive", "run").stdout == "1 dropped\n"

    assert asyncio.run(counted(database_url, "inbox")) == 0
    *_, listed = shulk("archive", "list").stdout.splitlines()
    assert listed.startswith("inbox 2023-10 dropped 2 lines ")
    assert listed.endswith("keep until 2032-03-31")
    *_, found = shulk("archive", "search", "SK2").stdout.splitlines()
    assert json.loads(found.removeprefix("inbox "))["event_id"] == "e2"
    (manifest,) = (shulk.folder / "files" / "audit-archive" / "inbox-2023-10").iterdir()
    file = shulk.folder / "files" / listed_hash(manifest)[:2] / listed_hash(manifest)
    assert shulk("archive", "verify", str(file), str(manifest)).stdout == "whole: 2 lines\n"
    assert shulk("archive", "verify", str(manifest), str(manifest)).exit_code == 1
    restored = shulk("archive", "restore", "2023-10", "--kind", "inbox")
    assert restored.stdout == "2 lines restored\n", restored.output
    assert asyncio.run(counted(database_url, "restored_record")) == 2
    removed = shulk("archive", "restore", "2023-10", "--kind", "inbox", "--remove")
    assert removed.stdout == "2 lines removed\n"


ENDING: Final = """
    INSERT INTO archived_records (kind, month, state, manifest, exported_at)
    VALUES ('inbox', '2016-10-01', 'exported', convert_to('{manifest}', 'UTF8'), now());
    UPDATE archived_records SET state = 'verified';
    UPDATE archived_records SET state = 'dropped', dropped_at = now()
"""
A_DAY_LATER: Final = """
    ALTER TABLE archived_records DISABLE TRIGGER USER;
    UPDATE archived_records SET ended_at = ended_at - interval '1 day';
    ALTER TABLE archived_records ENABLE TRIGGER USER
"""


def test_a_file_that_no_law_wants_is_deleted(shulk: Shulk, database_url: str) -> None:
    """
    First it is shown, then its time ends, and a day later it is gone; the row says when, and stays as it is.
    """
    kept = Path(shulk.folder / "files" / "ab" / "ab".ljust(64, "0"))
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"what it holds is not looked at")
    manifest = RecordManifest(
        kind=RecordKind.INBOX, month=ArchiveMonth(2016, 10), count=2, sha256=kept.name
    )
    asyncio.run(run_sql(database_url, ENDING.format(manifest=bytes(manifest).decode())))
    told = f"{kept.name} kept until 2025-03-31\n"

    assert shulk("archive", "delete", "--dry-run").stdout == f"inbox 2016-10 dropped {told}"
    assert shulk("archive", "delete").stdout == f"inbox 2016-10 deleting {told}"
    assert shulk("archive", "delete").stdout == f"inbox 2016-10 deleting {told}"
    assert kept.exists()
    asyncio.run(run_sql(database_url, A_DAY_LATER))
    assert shulk("archive", "delete").stdout == "nothing is due\n"
    assert not kept.exists()
    listed = shulk("archive", "list").stdout
    assert listed.startswith(f"inbox 2016-10 deleted 2 lines {kept.name} ")
    assert asyncio.run(acts(database_url)) == ["archive.retention_ended", "archive.deleted"]
    for bent in ("state = 'dropped'", "deleted_at = NULL", "manifest = ''"):
        with pytest.raises(asyncpg.PostgresError, match="stays on record"):
            asyncio.run(run_sql(database_url, f"UPDATE archived_records SET {bent}"))  # noqa: S608 - ours


def test_what_was_changed_is_not_archived(shulk: Shulk, database_url: str) -> None:
    """
    The command ends with 1 and the index; nothing of the month is recorded.
    """
    asyncio.run(run_sql(database_url, BEND))
    bent = shulk("archive", "run")
    assert (bent.exit_code, bent.stderr.startswith("broken at index 1: ")) == (1, True)
    assert shulk("archive", "list").stdout == ""
