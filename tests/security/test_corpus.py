"""Hundreds of forged, mutated, replayed and malformed messages: each is answered in words, none changes anything."""

import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from conftest import TEMPLATE, run_sql, with_database
from entrypoints.cli.embedded import embedded_valkey
from samples.hostile.callbacks import callbacks
from samples.hostile.entry import CARDS, SOLD, UNPAID, Entry
from samples.hostile.webhooks import webhooks
from security.canaries import cards_in, rows_with_cards, told_to_redis, with_cards
from security.under_attack import Ears, Met, besieged, changed, may_change

NAME: Final = "shulk_besieged"
CORPUS: Final = [*callbacks(), *webhooks()]
DISTINCT_MIN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Siege:
    """What was left of it, and where."""

    met: list[Met]
    changed_by_work: frozenset[str]
    payments: dict[str, str]
    inbox: Counter[str]
    rows_with_cards: list[str]
    logged: list[str]
    mailed: list[str]
    told_to_redis: list[str]


@pytest.fixture(scope="module")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def siege(
    postgres_server: str, migrated_template: str, own_valkey: str
) -> AsyncIterator[Siege]:
    """The whole corpus, sent once, and worked through by the workers."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    ears, root = Ears(), logging.getLogger()
    level = root.level
    root.addHandler(ears)
    root.setLevel(logging.DEBUG)
    try:
        async with besieged(with_database(postgres_server, NAME), own_valkey) as house:
            met = await house.sent(CORPUS)
            before = await house.state()
            await house.work()
            after = await house.state()
            states = await house.watcher.fetch("SELECT id, state FROM payment")
            entries = await house.watcher.fetch("SELECT state FROM inbox")
            kept = await rows_with_cards(house.watcher)
            mailed = [repr(letter) for letter in house.mail.letters]
        async with Redis.from_url(own_valkey) as redis:
            told = await told_to_redis(redis)
    finally:
        root.removeHandler(ears)
        root.setLevel(level)
    yield Siege(
        met=met,
        changed_by_work=changed(before, after),
        payments=dict(states),
        inbox=Counter(row[0] for row in entries),
        rows_with_cards=kept,
        logged=ears.heard,
        mailed=mailed,
        told_to_redis=told,
    )
    await run_sql(postgres_server, f"DROP DATABASE {NAME} WITH (FORCE)")


def sent(entry: Entry) -> tuple[Any, ...]:
    return (entry.method, entry.path, entry.query, entry.headers, entry.body, entry.broken_off)


def test_the_corpus_is_large_and_every_message_has_a_name() -> None:
    """
    Names are unique; copies are there on purpose and do not count.
    """
    assert len({entry.name for entry in CORPUS}) == len(CORPUS)
    for deps in (callbacks(), webhooks()):
        assert len({sent(entry) for entry in deps}) >= DISTINCT_MIN / 2
    assert len({sent(entry) for entry in CORPUS}) >= DISTINCT_MIN


def test_every_answer_is_a_fitting_one(siege: Siege) -> None:
    """
    Refused, led on or thanked as it should be; never a failure of ours.
    """
    wrong = {
        met.entry.name: met.answer.status
        for met in siege.met
        if met.answer.status not in met.entry.answers
    }

    assert len(siege.met) == len(CORPUS)
    assert wrong == {}


def test_no_message_changes_anything(siege: Siege) -> None:
    """
    No payment, enrolment, letter, slot or line of audit; of the bank's own voice a line in the inbox.
    """
    touched = {
        met.entry.name: sorted(met.changed - may_change(met.entry))
        for met in siege.met
        if met.changed - may_change(met.entry)
    }

    assert touched == {}


def test_what_was_kept_comes_to_nothing(siege: Siege) -> None:
    """
    The workers looked into each: the unpaid is unpaid, the sold is sold, and nobody was written to.
    """
    assert siege.changed_by_work == frozenset()
    assert siege.payments == {UNPAID: "pending", SOLD: "success"}
    assert siege.inbox["applied"] > 0
    assert siege.inbox["new"] == 0
    assert len(siege.mailed) == 1


def test_no_card_number_is_kept_or_told_anywhere(siege: Siege) -> None:
    """
    Not in a row of any table, in a log line, a letter, a task for the workers, or an answer.
    """
    assert siege.rows_with_cards == []
    assert siege.logged
    assert with_cards(siege.logged) == []
    assert with_cards(siege.mailed) == []
    assert siege.told_to_redis
    assert with_cards(siege.told_to_redis) == []
    told = {
        met.entry.name
        for met in siege.met
        if cards_in(repr(met.answer.headers) + met.answer.body.decode())
    }
    assert told == set()


@pytest.mark.parametrize(
    "text",
    [
        CARDS[0],
        f"x{CARDS[0]}y",
        "4012 0000 0000 1097",
        "4012-0000-0000-1097",
        "4012%200000+0000+1097",
        CARDS[0].translate({48 + n: 0x966 + n for n in range(10)}),
        "NDAxMjAwMDAwMDAwMTA5Nw==",
    ],
)
def test_a_canary_is_found_in_any_spelling(text: str) -> None:
    """
    A search that finds nothing would find nothing anywhere.
    """
    assert cards_in(text) == {CARDS[0]}


@pytest.mark.parametrize("text", ["", "1097", "401200000000109", "4012000000001098", "4012,0000"])
def test_what_is_no_canary_is_none(text: str) -> None:
    """
    A search that finds something everywhere would prove nothing either.
    """
    assert cards_in(text) == set()


async def test_a_canary_is_found_in_a_table_nobody_has_thought_of(database_url: str) -> None:
    """
    In text, in JSON and in bytes alike.
    """
    watcher = await asyncpg.connect(database_url)
    try:
        assert await rows_with_cards(watcher) == []
        await watcher.execute("CREATE TABLE later (word text, facts jsonb, sealed bytea)")
        for column, value in (
            ("word", "$1"),
            ("facts", "to_jsonb($1::text)"),
            ("sealed", "$1::text::bytea"),
        ):
            await watcher.execute(f"INSERT INTO later ({column}) VALUES ({value})", CARDS[0])  # noqa: S608 - above
        assert len(await rows_with_cards(watcher)) == 3
    finally:
        await watcher.close()
