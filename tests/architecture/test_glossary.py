"""Names are made of the glossary's words, each with one meaning; private words are refused."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

import rich_click as click

from architecture.sources import ROOT, SRC, place_of, python_files
from architecture.words import (
    glossary,
    in_order,
    is_enum,
    members_of,
    names_contain,
    public_classes,
    public_names,
    singular,
    uncovered,
    words_of,
)
from entrypoints.cli.main import main
from entrypoints.http.problem_types import PROBLEM_TYPES
from entrypoints.logs.events import LOG_EVENTS

CONNECTIVES: Final = frozenset(
    {
        "a", "and", "at", "by", "does", "for", "in", "not", "of", "on", "or", "out", "per", "to", "under", "up",
        "without",
    }
)  # fmt: skip
QUALIFIERS: Final = frozenset(
    {
        # how much, how many
        "all", "below", "deep", "exceed", "exceeded", "large", "limits", "many", "minimum", "no", "none", "nothing",
        "only", "own", "part", "partially", "partly", "slow", "small", "too",
        # what is true of it
        "abroad", "active", "alive", "already", "available", "away", "bad", "broken", "busy", "changed", "closed",
        "counted", "damaged", "different", "differs", "down", "exact", "exists", "found", "impossible", "inactive",
        "incomplete", "inexact", "internal", "invalid", "known", "live", "locked", "lost", "missing", "nested", "new",
        "open", "otherwise", "outdated", "outside", "paid", "ready", "sold", "stale", "unavailable", "unconfirmed",
        "over", "unexpectedly", "unknown", "unlawful", "unreachable", "unreadable", "unsupported", "use",
        "used", "uses", "valid", "wrong",
        # when
        "again", "first", "late", "meanwhile", "next", "now", "once", "previous", "twice", "yet",
        # what is done with it
        "accept", "accepted", "add", "allowed", "awaiting", "cannot", "close", "create", "dated", "decided", "delayed",
        "disagrees", "end", "give", "import", "interrupted", "list", "make", "needed", "opened", "pay", "postponed",
        "raised", "reject", "required", "renamed",
        "remove", "reused", "see", "sent", "show", "started", "stopped", "test", "tie", "told", "unsigned",
        "went", "write", "writes",
        # what part of a thing it is
        "back", "count", "group", "item", "items", "kind", "length", "lines", "name", "number", "read", "reads",
        "reviews", "server", "shape",
        "state", "table", "type", "work",
        # what is said of files
        "another", "before", "decoded", "differ", "far", "imported", "inflates", "long", "removed", "repeated",
        "restored", "several", "short", "whole", "zeros",
        # what is said of books and bank
        "ask", "begun", "but", "complete", "could", "done", "follow", "here", "id", "made", "other", "record",
        "ours", "running", "system", "taken", "there", "unrecorded", "with",
    }
)  # fmt: skip
"""English words that mean here what they mean everywhere."""

FORBIDDEN: Final[Mapping[str, str]] = {
    "parked": "deferred (inbox), dead (other queues)",
    "settle": "apply (an order status); the settlement is the bank's payout",
    "settled": "applied",
    "settling": "applying",
    "letter": "email, gateway request; a dead letter is a queue's",
    "errand": "outbox task",
    "chore": "worker task",
    "desk": "staff, world",
    "door": "dependencies, HTTP app",
    "house": "installation, app, world",
    "shop": "world",
    "academy": "world",
    "stranger": "unknown, another",
    "look": "read, poll",
    "looked": "read, polled",
    "heard": "refund news, told by the bank",
    "mend": "regenerate",
    "question": "order poll, gateway call, query",
    "watchman": "reaper",
    "struck": "injected (fault)",
    "residue": "exhaustive",
    "ablation": "mutation",
    "besieged": "under attack",
    "nursery": "runner",
    "patience": "timeout, policy",
}
"""Words of a private dialect, and what is said instead."""

ALLOWED_PAIRS: Final = frozenset({("dead", "letter")})


KEPT: Final = frozenset({"settled", "settled_count", "settled_on", "errands"})
"""What the bank settled, and on which day; and a command's former name, for one release."""

BY_THE_BANK: Final = frozenset({"settle", "settled"})
PAYOUTS: Final = frozenset(
    {"settlement", "settlements", "settlement_files", "reconciliation", "ledger"}
)
"""Packages in which *settled* has the trade's meaning: part of a settlement, paid out by the bank."""

HISTORY: Final = SRC / "adapters" / "postgres" / "migrations" / "versions"
"""A migration that has run is not changed any more, and keeps the words of its day."""


def command_names(group: click.Group = main, path: str = "") -> Iterator[str]:
    """Yield every command as it is typed."""
    for name, command in group.commands.items():
        if command.hidden:  # a former name, for one release more
            continue
        yield f"{path}{name}"
        if isinstance(command, click.Group):
            yield from command_names(command, f"{path}{name} ")


def names() -> dict[str, str]:
    """Return every name that has to be made of glossary words, by where it stands."""
    core = public_classes(SRC / "domain", SRC / "ports")
    enums = {place: node for place, node in public_classes(SRC).items() if is_enum(node)}
    members = {
        f"{place}.{member}": member
        for place, node in core.items()
        if is_enum(node)
        for member in members_of(node)
    }
    return (
        {place: node.name for place, node in (core | enums).items()}
        | members
        | {f"problem {kind.slug}": kind.slug for kind in PROBLEM_TYPES}
        | {f"log event {code}": code for code in LOG_EVENTS}
        | {f"shulk {command}": command for command in command_names()}
    )


TERMS: Final = frozenset(
    tuple(map(singular, spelling)) for row in glossary() for spelling in row.spellings
)


def test_every_name_is_made_of_glossary_words() -> None:
    """
    What is missing here is either a term without a row, or a word of a private dialect.
    """
    missing = {
        place: left
        for place, name in names().items()
        if (left := uncovered(words_of(name), TERMS, CONNECTIVES | QUALIFIERS))
    }

    assert not missing, "\n".join(f"{place}: {', '.join(left)}" for place, left in missing.items())


def test_every_term_is_in_use() -> None:
    """
    A term that names nothing, is in no text of the code and in no page, is taken out.
    """
    used = [words_of(name) for name in names().values()]
    texts = " ".join(
        " ".join(words_of(path.read_text(encoding="utf-8")))
        for path in (*python_files(SRC), *(ROOT / "docs").rglob("*.md"))
        if path.name != "glossary.md"
    )
    unused = [
        row.term
        for row in glossary()
        if not any(
            names_contain(name, tuple(map(singular, spelling)))
            for spelling in row.spellings
            for name in used
        )
        and not re.search(rf"\b{' '.join(words_of(row.term))}", texts)
    ]

    assert unused == []


def test_a_row_is_a_term_a_meaning_and_a_place_that_is_there() -> None:
    """
    Each term once, in alphabetical order within its part, and its place exists.
    """
    rows = glossary()
    sections: dict[str, list[str]] = {}
    for row in rows:
        sections.setdefault(row.section, []).append(row.term)
    spellings = Counter(spelling for row in rows for spelling in row.spellings)
    nowhere = [
        f"{row.term}: {place}"
        for row in rows
        for place in row.places
        if not ((SRC / place).exists() or (ROOT / place).exists())
    ]

    assert [each for each, times in spellings.items() if times > 1] == []
    assert [section for section, terms in sections.items() if not in_order(terms)] == []
    assert nowhere == []
    assert [row.term for row in rows if not row.meaning.rstrip().endswith(".")] == []


def test_no_plain_word_is_a_term() -> None:
    """
    A word that needs a row is not let through as plain English as well.
    """
    assert {term[0] for term in TERMS if len(term) == 1} & (CONNECTIVES | QUALIFIERS) == set()


def private_words_in(name: str) -> list[str]:
    """Return the forbidden words of *name*, outside the pairs that are the field's own."""
    words = tuple(map(singular, words_of(name)))
    return [
        word
        for at, word in enumerate(words)
        if word in FORBIDDEN and words[max(at - 1, 0) : at + 1] not in ALLOWED_PAIRS
    ]


def test_no_public_name_has_a_private_word() -> None:
    """
    Classes, functions, methods, constants and fields say what the field says.
    """
    private = sorted(
        f"{place_of(path)}: {name} ({FORBIDDEN[word]})"
        for path in python_files(SRC)
        if HISTORY not in path.parents
        for name in set(public_names(path)) - KEPT
        for word in private_words_in(name)
        if word not in BY_THE_BANK or not PAYOUTS.intersection(path.parts)
    )

    assert not private, "\n".join(private)


def test_no_file_name_has_a_private_word() -> None:
    """
    A newcomer finds a file by the field's words.
    """
    private = [
        f"{place} ({FORBIDDEN[word]})"
        for path in sorted((*SRC.rglob("*"), *(ROOT / "tests").rglob("*")))
        if "__pycache__" not in path.parts and HISTORY not in path.parents
        for place in [place_of(path)]
        for word in private_words_in(place)
    ]

    assert not private, "\n".join(private)


def test_the_rule_sees_private_words() -> None:
    """
    In any spelling; the dead letter of a queue is the field's own.
    """
    assert private_words_in("SettlePayment") == ["settle"]
    assert private_words_in("open_the_letters") == ["letter"]
    assert private_words_in("DeadLetter") == []
    assert uncovered(("refund", "errand"), frozenset({("refund",)}), frozenset()) == ["errand"]
