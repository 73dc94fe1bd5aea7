"""camt.053 statements (ISO 20022): XML without DTD, batches divided, reversals with the sign that adds up."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from adapters.settlement_files.limits import ENTRIES_MAX
from adapters.settlement_files.presets import StatementPreset
from adapters.settlement_files.statement_entries import ReadEntry, numbered
from domain.money import Money
from domain.settlements.amount_text import amount_of
from domain.settlements.bank_statement import BankStatement
from domain.settlements.date_text import DatePattern, day_of
from ports.settlements.settlement_file_reader import FileRefusal, SettlementFileRefused

_DAY: Final = DatePattern.of("yyyy-MM-dd[THH:mm[:ss[.f]]][zone]")
_DEPTH_MAX: Final = 40
_BOOKED: Final = frozenset({"BOOK", ""})


@dataclass(frozen=True, slots=True)
class _Movement:
    """An entry and whether it is the reversal of an earlier one."""

    entry: ReadEntry
    is_reversal: bool


@dataclass(frozen=True, slots=True)
class Camt053File:
    file: BinaryIO
    preset: StatementPreset

    def statements(self) -> Iterator[BankStatement]:
        """Yield each statement; refuse the file when it is no camt.053, has a DTD, or cannot be read whole."""
        from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - only such a statement pays for it
        from defusedxml.ElementTree import iterparse  # noqa: PLC0415

        self.file.seek(0)
        movements: list[_Movement] = []
        found = False
        depth = 0
        try:
            for event, element in iterparse(self.file, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    depth += 1
                    if depth > _DEPTH_MAX:
                        raise _damaged()
                    continue
                depth -= 1
                match _name(element):
                    case "Ntry":
                        movements.extend(_movements(element))
                        element.clear()
                        if len(movements) > ENTRIES_MAX:
                            raise SettlementFileRefused(
                                FileRefusal.TOO_MANY_ROWS, f"at most {ENTRIES_MAX} entries are read"
                            )
                    case "Stmt":
                        found = True
                        yield self._statement(element, movements)
                        movements = []
                        element.clear()
        except DefusedXmlException:
            raise SettlementFileRefused(FileRefusal.XML_WITH_DTD, "it has a DTD") from None
        except (ParseError, ValueError, LookupError, RecursionError):
            raise _damaged() from None
        if not found:
            raise SettlementFileRefused(FileRefusal.NO_PRESET, "it holds no camt.053 statement")

    def _statement(self, element: Any, movements: list[_Movement]) -> BankStatement:
        account = _text(element, "Acct", "Id", "Othr", "Id") or _text(element, "Acct", "Id", "IBAN")
        balances = {
            _text(each, "Tp", "CdOrPrtry", "Cd"): _signed(each) for each in _all(element, "Bal")
        }
        opening = balances.get("OPBD", balances.get("PRCD"))
        closing = balances.get("CLBD")
        if opening is None or closing is None:
            raise _damaged()
        entries = _signs_that_follow(movements, opening, closing)
        return BankStatement(
            account=account or None,
            opening=opening,
            closing=closing,
            entries=tuple(numbered(entries, opening, self.preset, account or None)),
        )


def _signs_that_follow(
    movements: list[_Movement], opening: Money, closing: Money
) -> list[ReadEntry]:
    """
    Return the entries with the signs of their reversals.

    Some banks write the sign of the reversed entry beside ``RvslInd``, so that it turns; ISO 20022 has the sign of the
    entry itself there. The balances say which it is; when neither adds up, the sign turns and the file is held.
    """
    turned = [
        replace(each.entry, amount=-each.entry.amount) if each.is_reversal else each.entry
        for each in movements
    ]
    as_told = [each.entry for each in movements]
    moved = closing - opening
    if _sum(turned) != moved and _sum(as_told) == moved:
        return as_told
    return turned


def _sum(entries: list[ReadEntry]) -> Money:
    return Money(sum(each.amount.paise for each in entries))


def _movements(entry: Any) -> Iterator[_Movement]:
    """Yield one entry, or what a batch consists of where all its parts have amounts that add up to it."""
    status = _text(entry, "Sts", "Cd") or _text(entry, "Sts")
    if status not in _BOOKED:
        return
    whole = _signed(entry)
    booked_on, value_on = _day(entry, "BookgDt"), _day(entry, "ValDt")
    if booked_on is None and value_on is None:
        raise _damaged()
    is_reversal = _is_true(_text(entry, "RvslInd"))
    details = [part for each in _all(entry, "NtryDtls") for part in _all(each, "TxDtls")]
    parts = [_part_amount(each, whole) for each in details]
    told = [each for each in parts if each is not None]
    divides = len(told) == len(parts) > 1 and sum(each.paise for each in told) == whole.paise
    reference = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    narration = _text(entry, "AddtlNtryInf")
    pieces = list(zip(details, told, strict=True)) if divides else [(None, whole)]
    for part, amount in pieces:
        detail = part if part is not None else (details[0] if len(details) == 1 else None)
        yield _Movement(
            ReadEntry(
                booked_on=booked_on or value_on or date.min,
                value_on=value_on or booked_on or date.min,
                amount=amount,
                narration=_narration(detail) or narration,
                reference=_reference(detail) or reference or None,
            ),
            is_reversal,
        )


def _part_amount(part: Any, whole: Money) -> Money | None:
    """Return the signed amount of a part of a batch; without a sign of its own it has that of the batch."""
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        amount = _find(part, *path)
        if amount is not None:
            size = _size(amount)
            told = _text(part, "CdtDbtInd")
            negative = told == "DBIT" if told else whole.paise < 0
            return -size if negative else size
    return None


def _narration(part: Any) -> str:
    if part is None:
        return ""
    remitted = " ".join(
        each.text or "" for info in _all(part, "RmtInf") for each in _all(info, "Ustrd")
    )
    return remitted or _text(part, "AddtlTxInf")


def _reference(part: Any) -> str:
    if part is None:
        return ""
    for name in ("ClrSysRef", "TxId", "EndToEndId", "AcctSvcrRef"):
        told = _text(part, "Refs", name)
        if told and told != "NOTPROVIDED":
            return told
    return ""


def _signed(element: Any) -> Money:
    amount = _find(element, "Amt")
    sign = _text(element, "CdtDbtInd")
    if amount is None or sign not in {"CRDT", "DBIT"}:
        raise _damaged()
    size = _size(amount)
    return size if sign == "CRDT" else -size


def _size(amount: Any) -> Money:
    if amount.get("Ccy", "INR") != "INR":
        raise SettlementFileRefused(FileRefusal.CURRENCY_NOT_INR, "its amounts are not in INR")
    text = (amount.text or "").strip()
    size = amount_of(text) if text[:1].isdigit() and "," not in text else None
    if size is None:
        raise _damaged()
    return size


def _day(element: Any, name: str) -> date | None:
    text = _text(element, name, "Dt") or _text(element, name, "DtTm")
    if not text:
        return None
    day = day_of(_DAY, text)
    if day is None:
        raise _damaged()
    return day


def _is_true(text: str) -> bool:
    return text.lower() in {"true", "1"}


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Any, name: str) -> list[Any]:
    return [each for each in element if _name(each) == name]


def _find(element: Any, *path: str) -> Any:
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if _name(each) == name), None)
    return element


def _text(element: Any, *path: str) -> str:
    found = _find(element, *path)
    return "" if found is None else (found.text or "").strip()


def _damaged() -> SettlementFileRefused:
    return SettlementFileRefused(FileRefusal.DAMAGED, "it is no camt.053 that can be read")
