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
from security.under_attack import LogRecords, Met, app_under_attack, changed, may_change

NAME: Final = "shulk_app_under_attack"
CORPUS: Final = [*callbacks(), *webhooks()]
DISTINCT_MIN: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusResult:
    """What became of every message, and what is left in each place afterwards."""

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
async def result(
    postgres_server: str, migrated_template: str, own_valkey: str
) -> AsyncIterator[CorpusResult]:
    """The whole corpus, sent once, and worked through by the workers."""
    await run_sql(postgres_server, f"CREATE DATABASE {NAME} TEMPLATE {TEMPLATE}")
    records, root = LogRecords(), logging.getLogger()
    level = root.level
    root.addHandler(records)
    root.setLevel(logging.DEBUG)
    try:
        async with app_under_attack(with_database(postgres_server, NAME), own_valkey) as app:
            met = await app.sent(CORPUS)
            before = await app.state()
            await app.work()
            after = await app.state()
            states = await app.watcher.fetch("SELECT id, state FROM payment")
            entries = await app.watcher.fetch("SELECT state FROM inbox")
            kept = await rows_with_cards(app.watcher)
            mailed = [repr(email) for email in app.mail.letters]
        async with Redis.from_url(own_valkey) as redis:
            told = await told_to_redis(redis)
    finally:
        root.removeHandler(records)
        root.setLevel(level)
    yield CorpusResult(
        met=met,
        changed_by_work=changed(before, after),
        payments=dict(states),
        inbox=Counter(row[0] for row in entries),
        rows_with_cards=kept,
        logged=records.written,
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
    for route in (callbacks(), webhooks()):
        assert len({sent(entry) for entry in route}) >= DISTINCT_MIN / 2
    assert len({sent(entry) for entry in CORPUS}) >= DISTINCT_MIN


def test_every_answer_is_a_fitting_one(result: CorpusResult) -> None:
    """
    Refused, redirected or acknowledged as it should be; never a failure of ours.
    """
    wrong = {
        met.entry.name: met.answer.status
        for met in result.met
        if met.answer.status not in met.entry.answers
    }

    assert len(result.met) == len(CORPUS)
    assert wrong == {}


def test_no_message_changes_anything(result: CorpusResult) -> None:
    """
    No payment, enrolment, email, slot or line of audit; of the bank's own voice a line in the inbox.
    """
    touched = {
        met.entry.name: sorted(met.changed - may_change(met.entry))
        for met in result.met
        if met.changed - may_change(met.entry)
    }

    assert touched == {}


def test_what_was_kept_comes_to_nothing(result: CorpusResult) -> None:
    """
    The workers looked into each: the unpaid is unpaid, the sold is sold, and nobody was written to.
    """
    assert result.changed_by_work == frozenset()
    assert result.payments == {UNPAID: "pending", SOLD: "success"}
    assert result.inbox["applied"] > 0
    assert result.inbox["new"] == 0
    assert len(result.mailed) == 1


def test_no_card_number_is_kept_or_told_anywhere(result: CorpusResult) -> None:
    """
    Not in a row of any table, in a log line, an email, a task for the workers, or an answer.
    """
    assert result.rows_with_cards == []
    assert result.logged
    assert with_cards(result.logged) == []
    assert with_cards(result.mailed) == []
    assert result.told_to_redis
    assert with_cards(result.told_to_redis) == []
    told = {
        met.entry.name
        for met in result.met
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
