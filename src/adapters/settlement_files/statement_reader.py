"""Reads a bank statement of any known layout."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import BinaryIO

from adapters.settlement_files.camt053 import Camt053File
from adapters.settlement_files.decoding import Encoding, as_text, encoding_of
from adapters.settlement_files.delimited import (
    DELIMITERS,
    DelimitedTable,
    head_lines,
    head_rows,
    newline_of,
)
from adapters.settlement_files.detection import Found, headers_in, the_one, wanted
from adapters.settlement_files.file_kind import STATEMENT_ENDINGS, FileKind, file_kind
from adapters.settlement_files.mt940 import Mt940File
from adapters.settlement_files.presets import Presets, StatementPreset
from adapters.settlement_files.rows import Table
from adapters.settlement_files.statement_table import StatementTable
from adapters.settlement_files.workbook import open_workbook
from domain.settlements.bank_statement import BankStatement, same_account
from ports.settlements.bank_statement_reader import StatementReport
from ports.settlements.settlement_file_reader import (
    FileFormat,
    FileRefusal,
    KnownPreset,
    SettlementFileRefused,
)


@dataclass(frozen=True, slots=True)
class PresetStatementReader:
    presets_known: Presets

    def presets(self) -> Sequence[KnownPreset]:
        return [
            KnownPreset(name=each.name, version=each.version, about=each.about)
            for _, each in sorted(self.presets_known.statements.items())
        ]

    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, account: str | None = None
    ) -> StatementReport:
        kind = file_kind(file, name, STATEMENT_ENDINGS)
        wanted(self.presets_known.statements, preset)
        with ExitStack() as stack:
            match kind:
                case FileKind.MT940:
                    report = self._mt940(file, self._of_kind("mt940", preset))
                case FileKind.XML:
                    report = self._camt053(file, self._of_kind("camt053", preset))
                case FileKind.XLSX | FileKind.XLS:
                    workbook = stack.enter_context(open_workbook(file, kind))
                    found = the_one(
                        [
                            each
                            for sheet in workbook.sheets
                            for each in headers_in(
                                workbook.table(sheet).rows(), self._tables(preset), sheet=sheet
                            )
                        ]
                    )
                    form = self._form(found, None)
                    report = self._table(form, found, workbook.table(found.sheet or ""))
                case _:
                    report = self._text(file, preset)
        _refuse_another_account(report.statements, account)
        return report

    def _tables(self, preset: str | None) -> dict[str, StatementPreset]:
        presets = wanted(self.presets_known.statements, preset)
        return {name: each for name, each in presets.items() if each.kind == "table"}

    def _of_kind(self, kind: str, preset: str | None) -> StatementPreset:
        presets = wanted(self.presets_known.statements, preset)
        fitting = [each for each in presets.values() if each.kind == kind]
        if len(fitting) != 1:
            raise SettlementFileRefused(
                FileRefusal.SEVERAL_PRESETS if fitting else FileRefusal.NO_PRESET,
                f"name the one preset that reads {kind}",
            )
        return fitting[0]

    def _text(self, file: BinaryIO, preset: str | None) -> StatementReport:
        encoding = encoding_of(file)
        lines = head_lines(file, encoding)
        presets = self._tables(preset)
        found = the_one(
            [
                each
                for delimiter in DELIMITERS
                for each in headers_in(head_rows(lines, delimiter), presets, delimiter=delimiter)
            ]
        )
        form = replace(
            self._form(found, encoding),
            newline=newline_of(lines[found.row.line_no - 1]),
        )
        delimiter = found.delimiter or ","
        report = self._table(form, found, DelimitedTable(file, encoding, delimiter))
        padded = any(f"{delimiter} " in line for line in lines[found.row.line_no - 1 :])
        return replace(report, padded_with_spaces=report.padded_with_spaces or padded)

    def _table(self, form: FileFormat, found: Found, table: Table) -> StatementReport:
        preset = self.presets_known.statements[found.preset]
        read = StatementTable(preset, table, found.header).read()
        return StatementReport(
            format=form,
            statements=() if read.statement is None else (read.statement,),
            rejected=read.rejected,
            padded_with_spaces=read.padded_with_spaces,
            summary_agrees=read.summary_agrees,
        )

    def _mt940(self, file: BinaryIO, preset: StatementPreset) -> StatementReport:
        encoding = encoding_of(file)
        first = (head_lines(file, encoding) or [""])[0]
        with as_text(file, encoding) as text:
            content = text.read()
        form = FileFormat(
            preset=preset.name,
            preset_version=preset.version,
            encoding=encoding.name,
            encoding_guessed=encoding.guessed,
            bom=encoding.bom,
            newline=newline_of(first),
        )
        statements = tuple(Mt940File(content, preset).statements())
        return StatementReport(format=form, statements=statements, rejected=())

    def _camt053(self, file: BinaryIO, preset: StatementPreset) -> StatementReport:
        form = FileFormat(preset=preset.name, preset_version=preset.version, encoding=None)
        statements = tuple(Camt053File(file, preset).statements())
        return StatementReport(format=form, statements=statements, rejected=())

    def _form(self, found: Found, encoding: Encoding | None) -> FileFormat:
        return FileFormat(
            preset=found.preset,
            preset_version=self.presets_known.statements[found.preset].version,
            encoding=None if encoding is None else encoding.name,
            encoding_guessed=encoding is not None and encoding.guessed,
            bom=encoding is not None and encoding.bom,
            delimiter=found.delimiter,
            header_line=found.row.line_no,
            sheet=found.sheet,
        )


def _refuse_another_account(statements: tuple[BankStatement, ...], account: str | None) -> None:
    """Refuse the file when one of its statements names another account than ours."""
    told: Iterator[str] = (each.account for each in statements if each.account is not None)
    if account is not None and not all(same_account(each, account) for each in told):
        raise SettlementFileRefused(
            FileRefusal.ANOTHER_ACCOUNT, "it is the statement of another account"
        )
