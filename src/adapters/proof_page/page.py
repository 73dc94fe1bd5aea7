"""The page of a proof pack, for people who know neither this service nor its words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from domain.money import Money
from domain.reconciliation.taxonomy import DiscrepancyType
from ports.proof.proof_contents import ProofContents

INDIA: Final = ZoneInfo("Asia/Kolkata")
ABOUT: Final[Mapping[str, str]] = {
    "audit/": "Lines of the audit log about this payment, each with the proof that it is in the sealed log.",
    "bank-webhooks.json": "What was kept of the bank's messages about the order, with the hash of each body.",
    "decisions.json": "What each change of the payment was decided on: an answer of the bank, or an act of somebody.",
    "discrepancies.json": "What the reconciliation found about the payment, and what people decided.",
    "disputes.json": "Disputes at the bank.",
    "documents.json": "Tax invoice, bill of supply and credit notes, with the hash of each filed copy.",
    "documents/": "The documents as they were filed (PDF).",
    "emails.json": "Emails to the buyer: when the mail server took each, and the hash of its text.",
    "index.html": "This page.",
    "ledger.json": "The journals of the ledger with an entry of this payment.",
    "order-status.json": "What the bank answered when it was asked about the order.",
    "payment.json": "What was bought, by whom, and how the price is made up.",
    "refunds.json": "Refunds: who asked, who approved, and what the bank said.",
    "settlement-lines.json": "Lines of the bank's settlement files about this payment.",
    "timeline.json": "Every step of the payment and every act of staff about it.",
    "webhook-deliveries.json": "What the course platform was told.",
}
"""What each file of a pack is, or each file in a folder."""

SHOWN_MAX: Final = 200
"""Rows of a list on the page; the files have them all."""


class HtmlProofPage:
    def explain(self, contents: ProofContents, files: Sequence[str]) -> bytes:
        shown = _template().render(
            made_at=contents.made_at,
            payment=contents.payment,
            details=contents.details,
            contents=contents,
            steps=contents.trail[:SHOWN_MAX],
            unsealed=max(0, len(contents.trail) - contents.sealed),
            files=_grouped(files),
            names=frozenset(files),
        )
        return shown.encode()


@cache
def _template() -> Template:
    """Return the page's template, compiled with the first page: most processes never make one."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"moment": moment, "words": words, "rupees": rupees}
    return templates.get_template("proof.html")


def moment(at: datetime | None) -> str:
    """Return *at* as people in India read it."""
    return f"{at.astimezone(INDIA):%d %b %Y, %H:%M:%S} IST" if at else "-"


def words(value: DiscrepancyType | str) -> str:
    """Return a word of ours as plain English: ``partially_refunded`` is partially refunded."""
    return str(value).replace("_", " ").replace(".", ": ")


def rupees(value: str | Money) -> str:
    """Return an amount with its sign of currency, grouped as in India."""
    money = Money.from_rupees(value) if isinstance(value, str) else value
    return str(money)


def _grouped(files: Sequence[str]) -> Sequence[tuple[str, int, str]]:
    """Return each file, or each folder with the count of its files, and what it is."""
    counts: dict[str, int] = {}
    for name in files:
        folder, slash, _ = name.partition("/")
        place = folder + slash if slash else name
        counts[place] = counts.get(place, 0) + 1
    return [(place, count, ABOUT[place]) for place, count in counts.items()]
