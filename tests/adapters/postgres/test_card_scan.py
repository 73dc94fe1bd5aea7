"""A card number is found in whatever is stored, and nothing else is taken for one."""

import pytest

from adapters.postgres.invariants.card_scan import FORBIDDEN
from adapters.postgres.invariants.invariants import PostgresInvariants
from ports.monitoring.money_invariants import Breach
from text_vectors import ADDRESSES, CARD_NUMBERS, OPAQUE_IDS
from worlds.damaged_books import (
    REFUND,
    SOON,
    damaged,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def kept(invariants: PostgresInvariants, statement: str, value: str) -> set[str]:
    """Return the tables in which a card number is found when *statement* has written *value*."""
    async with invariants.database.borrow() as connection:
        await connection.driver.execute("SET session_replication_role = replica")
        await connection.driver.execute(statement, value)
    found = await invariants.check(FORBIDDEN, SOON, full=True)
    return {subject for each in found if isinstance(each, Breach) for subject in each.subjects}


async def test_a_card_number_is_found_however_it_was_written(
    invariants: PostgresInvariants,
) -> None:
    """
    Whatever an entrance would refuse: other marks, other digits, other networks.
    """
    address = "UPDATE payment SET buyer_address = $1"

    for text in CARD_NUMBERS:
        assert await kept(invariants, address, f"1 Road {text}, Pune") == {"payment"}, text
    for text in (*ADDRESSES, "313874cd-dfbc-423d-b246-548991270564", "आशा, पुणे ४११००१"):
        assert await kept(invariants, address, text) == set(), text


async def test_a_card_number_is_found_in_what_is_nested(invariants: PostgresInvariants) -> None:
    """
    In the facts of the audit log, as a text and as a key; numbers side by side are none.
    """
    facts = "UPDATE audit_log SET facts = $1::jsonb"

    assert await kept(invariants, facts, '{"a": ["4111 1111 1111 1111"]}') == {"audit_log"}
    assert await kept(invariants, facts, '{"4111111111111111": 1}') == {"audit_log"}
    assert await kept(invariants, facts, '{"a": "41111111", "b": "11111111"}') == set()


async def test_an_opaque_id_is_no_card_number_unless_it_is_nothing_else(
    invariants: PostgresInvariants,
) -> None:
    """
    By the rule of the entrances; a card number does not go over two columns.
    """
    key = "UPDATE refund SET request_key = $1, request_sha256 = repeat('0', 64)"
    await damaged(invariants, REFUND.format(paise=1_00, state="pending"))

    for text in OPAQUE_IDS:
        assert await kept(invariants, key, text) == set(), text
    assert await kept(invariants, key, "4111-1111-1111-1111") == {"refund"}
    assert await kept(invariants, key, "order-1") == set()
    parts = "UPDATE payment SET student_phone = '41111111', student_name = $1"
    assert await kept(invariants, parts, "11111111") == set()
