"""Postings in memory: a key is posted once, and a mirror is made of what was posted."""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.ledger.journal import Journal, JournalKey, Reversal, posted_on
from domain.reconciliation.expectation import expected_by
from fakes.store import Change, ExpectationRow, FaultOfOurs, Store
from ports.ledger.ledger_queries import PostedJournal


@dataclass(frozen=True, slots=True)
class MemoryJournalWrites:
    changes: list[Change]

    def post(self, journal: Journal, at: datetime) -> None:
        self.changes.append(lambda store: _post(store, journal, at))

    def post_document(self, journal: Journal, at: datetime) -> None:
        def change(store: Store) -> None:
            if not store.documents:
                raise FaultOfOurs("no document was issued")
            number = str(store.documents[-1].document.number)
            _post(store, replace(journal, reference=number), at)

        self.changes.append(change)

    def reverse(self, reversal: Reversal, at: datetime) -> None:
        def change(store: Store) -> None:
            standing = find(store, reversal.of)
            if standing is not None:
                journal = Journal(
                    key=standing.key,
                    day=standing.day,
                    entries=tuple(standing.entries),
                    reference=standing.reference,
                )
                _post(store, journal.mirrored(reversal.day), at, reverses=standing.number)

        self.changes.append(change)


def find(store: Store, key: JournalKey) -> PostedJournal | None:
    return next((each for each in store.journals.values() if each.key == key), None)


def _post(store: Store, journal: Journal, at: datetime, *, reverses: int | None = None) -> None:
    if find(store, journal.key) is not None:
        return
    number = len(store.journals) + 1
    store.journals[number] = PostedJournal(
        number=number,
        key=journal.key,
        day=journal.day,
        posted_on=posted_on(journal.day, max(store.closed_through, default=None)),
        posted_at=at,
        reference=journal.reference,
        reverses=reverses,
        entries=journal.entries,
    )
    if (expected := expected_by(journal)) is not None:
        key = (expected.payment, expected.refund)
        known = store.expectations.get(key)
        store.expectations[key] = (
            ExpectationRow(expected=expected)
            if known is None
            else replace(
                known,
                expected=replace(known.expected, amount=known.expected.amount + expected.amount),
            )
        )
