"""The statement of the account in which the simulated bank paid out: CSV, MT940 and camt.053."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from xml.sax.saxutils import escape

from entrypoints.simulator.settlement.reports import rupees
from entrypoints.simulator.settlement.settlement import Payout

NO_REFERENCE: Final = "000000000000000"
NARRATION_LINE: Final = 65
BANK: Final = "SIMBINBB"
CAMT: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


class StatementFormat(StrEnum):
    CSV = "csv"
    MT940 = "mt940"
    CAMT053 = "camt053"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Entries of *first* to *last*, both included; *opening* paise are the balance before the first."""

    account: str
    first: date
    last: date
    opening: int
    entries: Sequence[Payout]

    @property
    def closing(self) -> int:
        return self.opening + sum(entry.amount for entry in self.entries)

    def written(self, form: StatementFormat) -> bytes:
        writers = {
            StatementFormat.CSV: self._csv,
            StatementFormat.MT940: self._mt940,
            StatementFormat.CAMT053: self._camt053,
        }
        return writers[form]().encode()

    def _csv(self) -> str:
        header = "Date, Narration, Value Dat, Debit Amount, Credit Amount, Chq/Ref Number, Closing Balance"
        rows, balance = ["", header], self.opening
        for entry in self.entries:
            balance += entry.amount
            day = f"{entry.booked_on:%d/%m/%y}"
            debit, credit = rupees(max(-entry.amount, 0)), rupees(max(entry.amount, 0))
            narration = f'"{entry.narration}"' if "," in entry.narration else entry.narration
            cells = (day, narration, day, debit, credit, entry.reference or NO_REFERENCE)
            rows.append(", ".join((*cells, rupees(balance))))
        return "\r\n".join((*rows, ""))

    def _mt940(self) -> str:
        rows = [
            f":20:SIM{self.last:%y%m%d}01",
            f":25:{BANK}/{self.account}",
            f":28C:{self.last:%j}".replace(":28C:", ":28C:00") + "/001",
            f":60F:{_balance(self.opening, self.first)}",
        ]
        for entry in self.entries:
            side = "C" if entry.amount > 0 else "D"
            day = f"{entry.booked_on:%y%m%d}{entry.booked_on:%m%d}"
            amount = _comma(abs(entry.amount))
            rows.append(f":61:{day}{side}{amount}NTRF{entry.reference or 'NONREF'}")
            text = entry.narration
            parts = [text[n : n + NARRATION_LINE] for n in range(0, len(text), NARRATION_LINE)]
            rows += [f":86:{parts[0]}", *parts[1:]]
        return "\r\n".join((*rows, f":62F:{_balance(self.closing, self.last)}", "-", ""))

    def _camt053(self) -> str:
        balances = "".join(
            _camt_balance(code, paise, day)
            for code, paise, day in (
                ("OPBD", self.opening, self.first),
                ("CLBD", self.closing, self.last),
            )
        )
        identity = f"SIM{self.last:%y%m%d}01"
        at = f"{self.last:%Y-%m-%d}T23:59:59+05:30"
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{CAMT}">\n<BkToCstmrStmt>\n'
            f"<GrpHdr><MsgId>{identity}</MsgId><CreDtTm>{at}</CreDtTm></GrpHdr>\n"
            f"<Stmt>\n<Id>{identity}</Id><ElctrncSeqNb>{int(f'{self.last:%j}')}</ElctrncSeqNb>"
            f"<CreDtTm>{at}</CreDtTm>\n<FrToDt><FrDtTm>{self.first}T00:00:00+05:30</FrDtTm>"
            f"<ToDtTm>{at}</ToDtTm></FrToDt>\n<Acct><Id><Othr><Id>{self.account}</Id></Othr></Id>"
            f"<Ccy>INR</Ccy><Svcr><FinInstnId><BIC>{BANK}</BIC></FinInstnId></Svcr></Acct>\n{balances}"
            + "".join(_camt_entry(entry) for entry in self.entries)
            + "</Stmt>\n</BkToCstmrStmt>\n</Document>\n"
        )


def statement_of(
    payouts: Sequence[Payout], *, account: str, opening: int, first: date, last: date
) -> Statement:
    """Return the statement of *first* to *last*; *opening* paise are the balance before every payout."""
    ordered = sorted(payouts, key=lambda each: each.booked_on)
    return Statement(
        account=account,
        first=first,
        last=last,
        opening=opening + sum(each.amount for each in ordered if each.booked_on < first),
        entries=[each for each in ordered if first <= each.booked_on <= last],
    )


def _comma(paise: int) -> str:
    return rupees(paise).replace(".", ",")


def _balance(paise: int, day: date) -> str:
    return f"{'C' if paise >= 0 else 'D'}{day:%y%m%d}INR{_comma(abs(paise))}"


def _camt_balance(code: str, paise: int, day: date) -> str:
    side = "CRDT" if paise >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="INR">{rupees(abs(paise))}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>\n"
    )


def _camt_entry(entry: Payout) -> str:
    side = "CRDT" if entry.amount > 0 else "DBIT"
    reference = escape(entry.reference or "NOTPROVIDED")
    return (
        f'<Ntry><Amt Ccy="INR">{rupees(abs(entry.amount))}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<Sts>BOOK</Sts><BookgDt><Dt>{entry.booked_on}</Dt></BookgDt><ValDt><Dt>{entry.booked_on}</Dt></ValDt>"
        "<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"
        f"<RmtInf><Ustrd>{escape(entry.narration)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
    )
