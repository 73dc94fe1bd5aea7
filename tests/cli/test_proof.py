"""``shulk proof``: a pack of a payment is made from the database, and verified with nothing but the public key."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest_asyncio
from click.testing import CliRunner, Result

from adapters.ed25519.note_signatures import NoteKey, NoteSigner
from adapters.fake.gateway import FakeGateway
from adapters.postgres.audit.sealed_log import PostgresSealedLog
from adapters.postgres.engine.database import Database
from application.audit.seal_audit_log import SealAuditLog
from cli.test_archive import AGED
from conftest import run_sql
from entrypoints.cli.main import main
from entrypoints.settings.settings import VARIABLES
from fakes.audit.checkpoint_signer import KEY, OTHER_KEY
from fakes.audit.sealing import counted_salts
from fakes.clock import StoppedClock
from ports.audit_log import AuditEntry
from worlds.postgres import BY_STAFF, NOON, HandClock, PostgresWorld

EXAMPLE: Final = {each.name: each.example for each in VARIABLES if each.example}


LAST_YEAR: Final = datetime(2025, 10, 20, 6, 30, tzinfo=UTC)
IN_THE_DATABASE: Final = "SELECT count(*) FROM audit_log WHERE subject = $1"


@pytest_asyncio.fixture
async def paid(database: Database) -> str:
    """A payment that was paid."""
    world = PostgresWorld.open(database, FakeGateway(), HandClock())
    await world.stock()
    payment = await world.paid_payment()
    async with world.unit_of_work() as work:
        work.audit.add(AuditEntry(at=NOON, origin=BY_STAFF, action="a", subject=payment.id))
    return payment.id


class Shulk:
    """The command line over one database, with a key of the audit log."""

    def __init__(self, url: str, folder: Path, key: NoteKey | None = KEY) -> None:
        self.environ = EXAMPLE | {
            "SHULK_DATABASE_URL": url,
            "SHULK_FILES_FOLDER": str(folder / "files"),
        }
        if key is not None:
            file = folder / "audit.key"
            file.touch(0o600)
            file.write_text(f"{key.written}\n", encoding="utf-8")
            self.environ["SHULK_AUDIT_KEY_FILE"] = str(file)

    async def __call__(self, *words: str, alone: bool = False) -> Result:
        environ = {} if alone else self.environ
        return await asyncio.to_thread(CliRunner().invoke, main, list(words), env=environ)


async def test_a_pack_is_made_and_verified(paid: str, database_url: str, tmp_path: Path) -> None:
    """
    Sealed lines are proved; verifying needs no settings, and tells what is wrong.
    """
    shulk, out = Shulk(database_url, tmp_path), tmp_path / "pack.zip"
    assert (await shulk("audit", "seal")).exit_code == 0

    made = await shulk("proof", paid, "--out", str(out))

    assert made.exit_code == 0, made.output
    assert out.stat().st_mode & 0o777 == 0o640
    whole = await shulk("proof", "verify", str(out), "--key", str(KEY.public), alone=True)
    assert whole.exit_code == 0, whole.output
    assert f"files about {paid}, made " in whole.stdout
    assert "0 lines of the audit log" not in whole.stdout
    other = await shulk("proof", "verify", str(out), "--key", str(OTHER_KEY.public), alone=True)
    assert (other.exit_code, "no key that is given has signed it" in other.stderr) == (1, True)
    out.write_bytes(out.read_bytes().replace(b'"status": "success"', b'"status": "refused"'))
    bent = await shulk("proof", "verify", str(out), "--key", str(KEY.public), alone=True)
    assert bent.exit_code == 1
    assert "not as it was made: order-status.json: it was changed" in bent.stderr


async def test_a_payment_of_last_year_is_packed_out_of_the_archive(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """
    Its entries have left the database for a file; the pack has each of them all the same, with its proof.
    """
    world = PostgresWorld.open(database, FakeGateway(), HandClock(LAST_YEAR))
    await world.stock()
    payment = await world.paid_payment()
    seal = SealAuditLog(
        PostgresSealedLog(database), NoteSigner((KEY,)), counted_salts(), StoppedClock(LAST_YEAR)
    )
    entries = await world.value(IN_THE_DATABASE, payment.id)
    assert await seal() >= entries > 0
    shulk, out = Shulk(database_url, tmp_path), tmp_path / "pack.zip"
    shulk.environ["SHULK_AUDIT_HOT_MONTHS"] = "13"

    assert (await shulk("archive", "run")).stdout == "1 exported\n1 verified\n"
    await run_sql(database_url, AGED)
    assert (await shulk("archive", "run")).stdout == "1 dropped\n"
    assert await world.value(IN_THE_DATABASE, payment.id) == 0
    assert (await shulk("audit", "seal")).exit_code == 0
    made = await shulk("proof", payment.id, "--out", str(out))

    assert made.exit_code == 0, made.output
    whole = await shulk("proof", "verify", str(out), "--key", str(KEY.public), alone=True)
    assert whole.exit_code == 0, whole.output
    assert f" {entries} lines of the audit log" in whole.stdout, whole.stdout


async def test_what_is_missing_is_told(paid: str, database_url: str, tmp_path: Path) -> None:
    """
    A payment, a key to sign by, and one to verify by; no half of a file is left behind.
    """
    shulk, out = Shulk(database_url, tmp_path), tmp_path / "pack.zip"
    unknown = await shulk("proof", "SKAAAAAAAAAAAAAAAAAA", "--out", str(out))
    shapeless = await shulk("proof", "make", "nothing", "--out", str(out))
    keyless = await Shulk(database_url, tmp_path, None)("proof", paid, "--out", str(out))
    assert not out.exists()
    out.write_bytes(b"")
    wrong = await shulk("proof", "verify", str(out), "--key", "nothing", alone=True)
    empty = await shulk("proof", "verify", str(out), "--key", str(KEY.public), alone=True)
    unsaid = await shulk("proof", "verify", str(out), alone=True)

    codes = [each.exit_code for each in (unknown, shapeless, keyless, wrong, empty, unsaid)]
    assert codes == [1, 1, 1, 1, 1, 2]
    assert "no key of the audit log is set" in keyless.stderr
    assert "no transaction id" in shapeless.stderr
    assert "the key cannot be read" in wrong.stderr
    assert "the archive is damaged" in empty.stderr
    assert not out.with_name(f".{out.name}.part").is_file()
