"""Random trade with random faults of the bank: what is found is what is wrong, no more and no less, every night."""

import asyncio

from entrypoints.simulator.faults.settlement_faults import SettlementFault
from simulator.reconciled_trade import ReconciledTrade

SEEDS = range(40)


async def play(seed: int) -> tuple[ReconciledTrade, bytes]:
    """Play *seed*, assert that each night finds what is true, and return a digest of all that was read and said."""
    trade, digest = ReconciledTrade(seed), b""
    async for night in trade.nights():
        where = f"seed {seed}, {trade.form}, night after {night.day}"
        assert night.faults == (), where
        assert night.found == night.to_find, where
        assert night.found_after_reads == night.to_find_after_reads, where
        assert night.is_followed, f"{where}: what is open is not what was found"
        digest = night.digest
    return trade, digest


def play_all(seeds: range) -> set[SettlementFault]:
    """Play *seeds*; return the faults that were injected."""

    async def reached() -> set[SettlementFault]:
        found = set()
        for seed in seeds:
            trade, _ = await play(seed)
            found |= trade.reached
        return found

    return asyncio.run(reached())


def test_every_night_finds_what_is_wrong_and_nothing_else() -> None:
    """
    Over trade, refunds and disputes, reports of both formats and statements of all three; each fault is among them.
    """
    assert play_all(SEEDS) == set(SettlementFault)


async def test_a_seed_is_played_the_same_again() -> None:
    """
    To the byte: reports, statements, and what the reconciliation says of them.
    """
    digests = [[(await play(seed))[1] for seed in (3, 8)] for _ in range(2)]

    assert digests[0] == digests[1]
    assert len(set(digests[0])) == 2
