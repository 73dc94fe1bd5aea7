"""Imports of settlement files and statements, as the command line asks for them and shows them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from application.settlements.fetch_settlements import FetchedDay
from application.settlements.import_settlement_file import IncomingFile
from domain.errors import NotFound
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.file_store import FileHash
from ports.settlements.bank_statements import StoredStatement
from ports.settlements.settlement_files import SettlementFile

FILES_SHOWN_MAX: Final = 100
HASH_CHARS_MIN: Final = 8
"""So many digits of a file's hash name it on the command line."""


def import_file(
    settings: Settings, path: Path, preset: str | None, mid: str | None
) -> SettlementFile:
    """Import the settlement file at *path*, and return what became of it."""
    with path.open("rb") as content:
        incoming = IncomingFile(
            name=path.name,
            content=content,
            origin=FileOrigin.COMMAND,
            preset=preset,
            mid=mid,
        )

        async def imported(container: Shulk) -> SettlementFile:
            use_case = container.use_cases().settlements().import_file()
            file: SettlementFile = await use_case(incoming, BY_COMMAND)
            return file

        return run_in_container(settings, imported)


def import_statement(
    settings: Settings, path: Path, preset: str | None, account: str | None
) -> Sequence[StoredStatement]:
    """Import the statement at *path*, and return what became of it."""
    content = path.read_bytes()

    async def imported(container: Shulk) -> Sequence[StoredStatement]:
        use_case = container.use_cases().settlements().import_statement()
        found: Sequence[StoredStatement] = await use_case(
            path.name, content, BY_COMMAND, preset=preset, account=account
        )
        return found

    return run_in_container(settings, imported)


def files(settings: Settings, state: SettlementFileState | None) -> Sequence[SettlementFile]:
    """Return the latest files, at most ``FILES_SHOWN_MAX``."""

    async def read(container: Shulk) -> Sequence[SettlementFile]:
        found: Sequence[SettlementFile] = (
            await container.storage().settlement_files().page(state=state, at_most=FILES_SHOWN_MAX)
        )
        return found

    return run_in_container(settings, read)


def statements(settings: Settings) -> Sequence[StoredStatement]:
    """Return the latest statements, at most ``FILES_SHOWN_MAX``."""

    async def read(container: Shulk) -> Sequence[StoredStatement]:
        found: Sequence[StoredStatement] = (
            await container.storage().bank_statements().page(at_most=FILES_SHOWN_MAX)
        )
        return found

    return run_in_container(settings, read)


def release(settings: Settings, named: str, reason: str) -> SettlementFile:
    """Release the held file that *named*, a hash or its first digits, stands for."""

    async def released(container: Shulk) -> SettlementFile:
        file = await _named(container, named)
        use_case = container.use_cases().settlements().release_file()
        found: SettlementFile = await use_case(file, reason, BY_COMMAND)
        return found

    return run_in_container(settings, released)


def take(settings: Settings, named: str, settlement: str, reason: str) -> SettlementFile:
    """Take the re-issue of *settlement* that waits in the file *named*."""

    async def taken(container: Shulk) -> SettlementFile:
        file = await _named(container, named)
        use_case = container.use_cases().settlements().take_reissue()
        found: SettlementFile = await use_case(file, settlement, reason, BY_COMMAND)
        return found

    return run_in_container(settings, taken)


def decline(settings: Settings, named: str, settlement: str, reason: str) -> SettlementFile:
    """Decline the re-issue of *settlement* that waits in the file *named*."""

    async def declined(container: Shulk) -> SettlementFile:
        file = await _named(container, named)
        use_case = container.use_cases().settlements().decline_reissue()
        found: SettlementFile = await use_case(file, settlement, reason, BY_COMMAND)
        return found

    return run_in_container(settings, declined)


def fetch(settings: Settings, day: date) -> FetchedDay:
    """Ask the sources for the files of *day*."""

    async def fetched(container: Shulk) -> FetchedDay:
        found: FetchedDay = await container.use_cases().settlements().fetch()(day, BY_COMMAND)
        return found

    return run_in_container(settings, fetched)


def told_of(file: SettlementFile) -> dict[str, Any]:
    """Return *file* as the command line and the API tell it; amounts are rupees in text."""
    received, content = file.received, file.content
    return {
        "sha256": received.sha256,
        "name": received.name,
        "state": file.state.value,
        "origin": received.origin.value,
        "received_at": received.received_at.isoformat(),
        "preset": None if content is None else content.format.preset,
        "preset_version": None if content is None else content.format.preset_version,
        "lines": 0 if content is None else content.line_count,
        "rejected": 0 if content is None else content.rejected_count,
        "skipped": 0 if content is None else content.skipped_count,
        "held_for": [] if content is None else [each.value for each in content.held_for],
        "warnings": {}
        if content is None
        else {word.value: count for word, count in sorted(content.warnings.items())},
        "refusal": None
        if file.refusal is None
        else {
            "reason": file.refusal.reason.value,
            "detail": file.refusal.detail,
            "line": file.refusal.line_no,
        },
        "settlements": [
            {
                "settlement": each.totals.key,
                "mid": each.totals.mid,
                "settled_on": each.totals.settled_on.isoformat(),
                "state": each.state.value,
                "reported": None if each.reported is None else each.reported.value,
                "lines": each.live_lines,
                "net": each.net.plain(),
                "reported_net": each.totals.net.plain(),
            }
            for each in file.reports
        ],
    }


def told_of_statement(statement: StoredStatement) -> dict[str, Any]:
    """Return *statement* as the command line and the API tell it."""
    return {
        "sha256": statement.file,
        "place": statement.place,
        "name": statement.name,
        "received_at": statement.received_at.isoformat(),
        "account": statement.account,
        "first_day": None if statement.first_day is None else statement.first_day.isoformat(),
        "last_day": None if statement.last_day is None else statement.last_day.isoformat(),
        "opening": statement.opening.plain(),
        "closing": statement.closing.plain(),
        "entries": statement.entries,
        "new_entries": statement.new_entries,
        "held_for": [each.value for each in statement.held_for],
    }


async def _named(container: Shulk, named: str) -> FileHash:
    """Return the one file whose hash begins with *named*; raise ``NotFound``."""
    found: Sequence[SettlementFile] = (
        await container.storage().settlement_files().page(at_most=FILES_SHOWN_MAX)
    )
    hashes = [
        each.received.sha256
        for each in found
        if len(named) >= HASH_CHARS_MIN and each.received.sha256.startswith(named)
    ]
    if len(hashes) > 1:
        raise NotFound("single settlement file", named)
    return hashes[0] if hashes else FileHash(named)
