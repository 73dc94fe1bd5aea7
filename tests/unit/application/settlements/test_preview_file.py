"""A file is shown before it is taken, and nothing of it is kept."""

import hashlib
from io import BytesIO

import pytest

from application.settlements import preview_file
from application.settlements.preview_file import PreviewSettlementFile
from contracts.settlements.settlement_files_contract import a_line
from domain.settlements.line_warning import LineWarning, WarnedLine
from unit.application.settlements.importing import Imports, Report
from unit.application.settlements.test_import_bank_statement import World
from unit.application.settlements.test_import_settlement_file import CUT
from unit.domain.settlements.test_statement_chain import part


async def test_first_lines_and_rejected_rows_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    With the whole summary, and the hash by which a person takes the file.
    """
    monkeypatch.setattr(preview_file, "SHOWN_MAX", 1)
    world = Imports()
    world.reader.known[b"one"] = Report(
        lines=[a_line(1), a_line(2)],
        rejected=[CUT, CUT],
        warnings=[WarnedLine(1, LineWarning.FORMULA_CELL)],
    )

    preview = await PreviewSettlementFile(world.reader, World().reader)(
        "a.csv", BytesIO(b"one"), mid="M"
    )

    assert preview.sha256 == hashlib.sha256(b"one").hexdigest()
    assert (list(preview.lines), list(preview.rejected)) == ([a_line(1)], [CUT])
    assert preview.summary.line_count == 2
    assert world.reader.wanted == [(None, "M")]
    assert world.memory.store.settlement_files == {}


async def test_a_statement_is_shown_as_well() -> None:
    """
    As it is read.
    """
    world = World()
    world.put(b"one", part(0, 2))

    sha256, report = await PreviewSettlementFile(Imports().reader, world.reader).of_statement(
        "a.csv", b"one"
    )

    assert sha256 == hashlib.sha256(b"one").hexdigest()
    assert report.statements[0].entries == part(0, 2).entries
