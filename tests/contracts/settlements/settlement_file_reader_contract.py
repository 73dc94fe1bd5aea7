"""What every reader of settlement files has to keep: the samples, exactly, and no surprise from any other bytes."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from contracts.settlements.sampled import REPORTS, sample
from domain.settlements.keyed_line import KeyedLine
from domain.settlements.line_key import instant_text, line_key
from domain.settlements.line_warning import RejectedRow, WarnedLine
from domain.settlements.settlement_totals import DeclaredTotals, SettlementTotals
from ports.settlements.settlement_file_reader import (
    FileRefusal,
    FileSummary,
    SettlementFileReader,
    SettlementFileRefused,
)


def read(
    reader: SettlementFileReader, content: bytes, name: str, **given: str
) -> tuple[list[KeyedLine | RejectedRow | WarnedLine], FileSummary]:
    """Read a whole file from memory."""
    with reader.read(BytesIO(content), name, **given) as reading:
        items = list(reading.items())
        return items, reading.summary()


def as_expected(keyed: KeyedLine) -> dict[str, Any]:
    """Return a line as the samples write it."""
    line = keyed.line
    return {
        "line_no": line.line_no,
        "line_type": line.line_type.value,
        "direction": line.direction.value,
        "mid": line.mid,
        "tid": line.tid,
        "payment_id": line.payment_id,
        "attempt": line.attempt,
        "refund_id": line.refund_id,
        "bank_txn_id": line.bank_txn_id,
        "rrn": line.rrn,
        "arn": line.arn,
        "auth_code": line.auth_code,
        "utr": line.utr,
        "settlement_id": line.settlement_id,
        "method": line.method,
        "gross_paise": line.gross.paise,
        "fee_paise": line.fee.paise,
        "cgst_paise": line.cgst.paise,
        "sgst_paise": line.sgst.paise,
        "igst_paise": line.igst.paise,
        "utgst_paise": line.utgst.paise,
        "net_paise": line.net.paise,
        "txn_at": None if line.txn_at is None else instant_text(line.txn_at),
        "settled_on": line.settled_on.isoformat(),
        "line_key": keyed.key,
        "occurrence": line.occurrence,
    }


def totals_as_expected(totals: SettlementTotals) -> dict[str, int]:
    return {
        "lines": totals.lines,
        "credits_paise": totals.credits.paise,
        "debits_paise": totals.debits.paise,
        "fee_paise": totals.fee.paise,
        "tax_paise": totals.tax.paise,
        "net_paise": totals.net.paise,
    }


def declared_as_expected(expected: Any, declared: tuple[DeclaredTotals, ...]) -> Any:
    """Return what a file declares in the form of its sample, which states some of the figures."""
    told = [
        {
            "settlement_id": each.settlement_id,
            "lines": each.lines,
            "net_paise": None if each.net is None else each.net.paise,
            "utr": each.utr,
        }
        for each in declared
    ]
    if expected is None:
        return told or None
    if isinstance(expected, list):
        return told
    return {name: value for name, value in told[0].items() if name in expected}


def warned_as_expected(items: list[Any]) -> Iterator[dict[str, Any]]:
    for each in items:
        if isinstance(each, WarnedLine):
            told = {"line_no": each.line_no, "warning": each.warning.value}
            yield told if each.field is None else told | {"field": each.field}


class SettlementFileReaderContract:
    @pytest.mark.parametrize("name", REPORTS)
    def test_a_sample_is_read_exactly(self, name: str, reader: SettlementFileReader) -> None:
        """
        Every line with its key, every rejected row, warning, settlement and declared total, and nothing else.
        """
        expected = sample(name)
        items, summary = read(reader, expected.path.read_bytes(), name)
        keyed = [each for each in items if isinstance(each, KeyedLine)]
        rejected = [each for each in items if isinstance(each, RejectedRow)]

        assert [as_expected(each) for each in keyed] == expected.parse["lines"]
        assert [
            {"line_no": each.line_no, "reason": each.reason.value} for each in rejected
        ] == expected.parse["rejected"]
        assert list(warned_as_expected(items)) == expected.parse["warnings"]
        assert {
            each.key: totals_as_expected(each) for each in summary.settlements
        } == expected.parse["settlements"]
        assert (
            declared_as_expected(expected.parse["declared"], summary.declared)
            == expected.parse["declared"]
        )
        assert (summary.line_count, summary.rejected_count) == (
            expected.parse["line_count"],
            len(expected.parse["rejected"]),
        )
        assert bool(summary.held_for) == bool(expected.parse["rejected"])

    @pytest.mark.parametrize("name", REPORTS)
    def test_how_a_sample_is_written_is_told(self, name: str, reader: SettlementFileReader) -> None:
        """
        Preset, encoding, mark, line ends, delimiter and the line of the header.
        """
        expected = sample(name)
        _, summary = read(reader, expected.path.read_bytes(), name)
        form = summary.format

        assert (form.preset, form.encoding, form.bom, form.newline) == (
            expected.preset,
            expected.parse["encoding"],
            expected.parse["bom"],
            expected.parse["newline"],
        )
        assert (form.delimiter, form.header_line) == (
            expected.parse["delimiter"],
            expected.parse["header_line"],
        )

    @pytest.mark.parametrize("name", REPORTS)
    def test_every_key_is_the_key_of_its_line(
        self, name: str, reader: SettlementFileReader
    ) -> None:
        """
        So that whoever stores the line need not hash it again.
        """
        items, _ = read(reader, sample(name).path.read_bytes(), name)

        assert all(each.key == line_key(each.line) for each in items if isinstance(each, KeyedLine))

    def test_a_preset_that_is_not_known_is_refused(self, reader: SettlementFileReader) -> None:
        """
        Nothing else is tried in its place.
        """
        with pytest.raises(SettlementFileRefused) as refused:
            read(reader, sample("01-clean.csv").path.read_bytes(), "a.csv", preset="another")

        assert refused.value.reason is FileRefusal.PRESET_UNKNOWN

    def test_the_presets_are_listed(self, reader: SettlementFileReader) -> None:
        """
        By name, so that a person can choose.
        """
        names = [each.name for each in reader.presets()]

        assert names == sorted(names)
        assert {sample(name).preset for name in REPORTS} <= set(names)
