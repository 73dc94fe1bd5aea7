"""Reads a statement of the bank account that settlements are paid into."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from domain.settlements.bank_statement import BankStatement
from domain.settlements.line_warning import RejectedRow
from ports.settlements.settlement_file_reader import FileFormat, KnownPreset


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReport:
    """
    The statements of one file, oldest first.

    A file with a rejected row, whose balances do not follow, or whose summary differs from its rows is held.
    """

    format: FileFormat
    statements: tuple[BankStatement, ...]
    rejected: tuple[RejectedRow, ...]
    padded_with_spaces: bool = False
    summary_agrees: bool = True
    """Whether opening balance, counts and closing balance of a summary are those of the rows, if there is one."""

    @property
    def balances_follow(self) -> bool:
        """Whether each statement adds up row by row, and each joins the one before of the same account."""
        pairs = zip(self.statements, self.statements[1:], strict=False)
        return all(each.balances_follow for each in self.statements) and all(
            later.account != earlier.account or later.joins(earlier) for earlier, later in pairs
        )

    @property
    def is_held(self) -> bool:
        return bool(self.rejected) or not self.summary_agrees or not self.balances_follow


class BankStatementReader(Protocol):
    def presets(self) -> Sequence[KnownPreset]:
        """Return the layouts that are known, by name."""
        ...

    def read(
        self, file: BinaryIO, name: str, *, preset: str | None = None, account: str | None = None
    ) -> StatementReport:
        """
        Read the whole of *file*; this blocks: call it in a thread.

        With *account*, a statement that names another account is refused. Nothing in a file raises anything but
        ``SettlementFileRefused``.
        """
        ...
