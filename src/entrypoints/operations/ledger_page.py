"""``docs/ledger.md``: the chart of accounts, and each posting as the code makes it."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from domain.documents.tax_document import Heads
from domain.identifiers import PaymentId, RefundId
from domain.ledger.account import CHART, Account
from domain.ledger.journal import Entry, Journal
from domain.ledger.postings import (
    post_capture,
    post_credit_note,
    post_invoice,
    post_refund_asked,
    post_refund_paid,
)
from domain.ledger.settlement_postings import (
    FeeHeads,
    SettlementTotals,
    post_accepted,
    post_bank_credit,
    post_chargeback_lost,
    post_difference,
    post_match,
    post_payout_fee,
    post_settlement,
)
from domain.money import ZERO, Money

OPENING: Final = """\
# The ledger

Printed from `domain/ledger` by `shulk docs write`: the chart and every posting below are what the code makes.

Each movement of money is a *journal*: two or more signed entries, debit positive, credit negative, that sum to zero.
Amounts are whole paise of one currency, the rupee. A charge in another currency is not posted; it is under review.

- **When.** A journal is written with the fact that it states, by the same statement: the charge with the sale, a refund
  with each of its steps, a document with its number. Neither is there without the other.
- **Once.** A fact has a key: kind, subject (the payment, the refund, the settlement) and sequence. A key is posted
  once. So a unit that is repeated, a webhook that comes twice, and a back-fill that runs twice add nothing.
- **Expected.** A capture and a paid refund write, with their journal, what the bank has to settle: the sub-ledger of
  `clearing`, whose balance is the sum of what is open there. The back-fill writes what is missing of it.
- **Never changed.** The database refuses to change or delete a journal, and refuses a statement that leaves one
  unbalanced. What is wrong is taken back by its mirror: all entries with the other sign. A journal has one mirror.
- **Days.** A journal has two days, both in India: that of its fact and the business date. They differ only where the
  fact's own day was closed already: then the journal is posted on the first open day.
- **No balance is stored.** A balance is the sum of the entries, read from an index.

A free course posts nothing. Revenue is booked with the invoice; to spread it over the time of a course is for the
accountant's own books. GST on the bank's fees is provisional until the bank's tax invoice is in GSTR-2B.

## Chart of accounts
"""
POSTINGS: Final = """\

## Postings

Amounts in rupees, as worked examples. *asked* is a refund that is promised to a student: it waits for approval or is on
its way. What opened no course is unapplied, and a refund of it comes from there. A refund that failed, was rejected or
was withdrawn is taken back by the mirror of *asked*; when the bank pays a failed one nevertheless, it is asked again.
"""
COMMANDS: Final = """\

## Commands

| Command | What it does |
|---|---|
| `shulk ledger trial-balance [--through DAY]` | Account balances; ends with 1 when debits and credits differ |
| `shulk ledger account ACCOUNT [--first DAY] [--last DAY]` | An account's entries, with the balance after each |
| `shulk ledger journal PAYMENT` or `NUMBER` | The journals about a payment, or one journal |
| `shulk ledger export --format FORMAT [--first DAY] [--last DAY] [--account ACCOUNT] [--out FILE]` | Whole journals |
| `shulk ledger backfill` | Posts what is missing; may be stopped, goes on, posts nothing twice |
| `shulk ledger close --through DAY` | Closes all days up to one, for good |

After an upgrade the workers back-fill by themselves: a pass at once, and another a day later for what processes of the
release before still stored. Until the first pass has read a payment, the invariants do not miss its journals.

## Exports

Days are business dates. With `--account` only journals with an entry of it are written, still whole, so that each
balances where it is imported. Create the accounts there first, by the names below.

| Format | For | How it is known |
|---|---|---|
| `csv` | spreadsheets: every id, both days | our own columns |
| `tally` | TallyPrime 4: vouchers of type *Journal* | headings of its sample sheet (1). Not tried on the product |
| `zoho` | Zoho Books: *Manual Journals*, *Import* | headings of its sample file (1). Not tried on the product |
| `beancount` | beancount 3 | tried: `bean-check` adds up each export of the tests |
| `hledger` | hledger | tried by hand with 1.25: `hledger check --strict` |

(1) As programs that fill these sheets write them. TallyPrime imports workbooks: save the file as `.xlsx` first.

The text of beancount and hledger begins with the balances before the period and asserts those at its end, to the
paisa. A journal that is posted while an export runs may move a balance of that very day: export again.

| Account | Its name in Tally and Zoho Books |
|---|---|
"""
DAY: Final = date(2026, 11, 26)
PAYMENT: Final = PaymentId("SK")
REFUND: Final = RefundId("RF")


def ledger_page() -> str:
    """Return ``docs/ledger.md`` as it has to be."""
    chart = "".join(
        f"| `{account}` | {each.kind.replace('_', ' ')} | {each.normal_side or 'either'}"
        f" | {each.means} | {each.rests or '-'} |\n"
        for account, each in CHART.items()
    )
    postings = "".join(f"| {case} | {_entries(journal)} |\n" for case, journal in _cases())
    names = "".join(f"| `{account}` | {each.title} |\n" for account, each in CHART.items())
    return (
        f"{OPENING}\n| Account | Kind | Normal side | Meaning | Its balance is |\n|---|---|---|---|---|\n"
        f"{chart}{POSTINGS}\n| Fact | Debit | Credit |\n|---|---|---|\n{postings}{COMMANDS}{names}"
    )


def _entries(journal: Journal | None) -> str:
    entries = journal.entries if journal else ()
    return (
        f"{_side([each for each in entries if each.amount > ZERO])}"
        f" | {_side([-each for each in entries if each.amount < ZERO])}"
    )


def _side(entries: Sequence[Entry]) -> str:
    return "; ".join(f"`{each.account}` {each.amount.grouped()}" for each in entries)


def _rupees(rupees: str) -> Money:
    return Money.from_rupees(rupees)


def _cases() -> Sequence[tuple[str, Journal | None]]:
    halves = Heads(taxable=_rupees("10000"), cgst=_rupees("900"), sgst=_rupees("900"))
    credited = Heads(taxable=_rupees("423.74"), cgst=_rupees("38.13"), sgst=_rupees("38.13"))
    asked = post_refund_asked(PAYMENT, REFUND, _rupees("500"), DAY, applied=True)
    settled = SettlementTotals(
        cleared=_rupees("11800"),
        mdr=FeeHeads(fee=_rupees("212.40"), cgst=_rupees("19.12"), sgst=_rupees("19.12")),
    )
    pulled = SettlementTotals(
        disputed={PAYMENT: _rupees("11800")},
        dispute_fee=FeeHeads(fee=_rupees("500"), igst=_rupees("90")),
    )
    nine = _rupees("9")
    return (
        ("invoice, within a State", post_invoice(PAYMENT, halves, DAY)),
        (
            "invoice, to another State",
            post_invoice(PAYMENT, Heads(taxable=_rupees("10000"), igst=_rupees("1800")), DAY),
        ),
        ("capture", post_capture(PAYMENT, _rupees("11800"), DAY, applied=True)),
        (
            "capture that opened nothing",
            post_capture(PAYMENT, _rupees("999"), DAY, applied=False),
        ),
        ("refund asked", asked),
        (
            "refund of unapplied money asked",
            post_refund_asked(PAYMENT, REFUND, _rupees("999"), DAY, applied=False),
        ),
        ("refund failed, rejected, withdrawn", asked.mirrored(DAY) if asked else None),
        ("refund paid", post_refund_paid(PAYMENT, REFUND, _rupees("500"), DAY)),
        ("credit note", post_credit_note(PAYMENT, REFUND, credited, DAY)),
        ("settlement", post_settlement("S", settled, DAY)),
        (
            "settlement that is negative",
            post_settlement("S", SettlementTotals(cleared=-_rupees("5900")), DAY),
        ),
        (
            "settlement with a line that nobody knows",
            post_settlement("S", SettlementTotals(unexplained={"X": _rupees("649")}), DAY),
        ),
        ("that line matched later", post_match("X", PAYMENT, _rupees("649"), DAY)),
        ("chargeback in a settlement, with its fee", post_settlement("S", pulled, DAY)),
        ("chargeback lost", post_chargeback_lost("D", PAYMENT, _rupees("11800"), DAY)),
        (
            "chargeback won, in a settlement",
            post_settlement("S", SettlementTotals(disputed={PAYMENT: -_rupees("11800")}), DAY),
        ),
        (
            "reserve held in a settlement",
            post_settlement("S", SettlementTotals(held=_rupees("500")), DAY),
        ),
        (
            "income tax withheld from a settlement",
            post_settlement(
                "S", SettlementTotals(cleared=_rupees("1000"), withheld=_rupees("20")), DAY
            ),
        ),
        (
            "fee of a payout",
            post_payout_fee("S", FeeHeads(fee=_rupees("10"), igst=_rupees("1.80")), DAY),
        ),
        (
            "bank credit, a paisa short",
            post_bank_credit("B", _rupees("11549.35"), {"S": _rupees("11549.36")}, DAY),
        ),
        ("difference of a settlement", post_difference("X", nine, DAY)),
        ("difference written off", post_accepted("X", nine, DAY)),
        (
            "difference booked to a named account",
            post_accepted("X", nine, DAY, account=Account.MDR),
        ),
    )
