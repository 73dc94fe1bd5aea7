"""``make peers``: put the scorecard's questions to the peers and print the same columns for each."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from benchmarks.peers.bank import PeersBank, peers_bank
from benchmarks.peers.questions import QUESTIONS, Asked, new_orders
from benchmarks.peers.sites import (
    PYTHON,
    DjStripeSite,
    GetpaidSite,
    Program,
    Site,
    variables_for,
)
from entrypoints.cli.embedded import embedded_postgres

PACKAGES: Final = ("litestar-getpaid", "python-getpaid-core", "dj-stripe", "Django", "stripe")
TIMEOUT_SECONDS: Final = 90.0
CONNECTIONS_MAX: Final = 60
GETPAID: Final = "litestar-getpaid"
PROGRAMS: Final = {
    GETPAID: ("getpaid_site:app", "asgi"),
    "dj-stripe": ("djstripe_site:application", "wsgi", "--blocking-threads", "8"),
}


async def ask(site: Site, bank: PeersBank) -> None:
    """Put every question to *site* and print the table."""
    # The first call finds connections, caches and accounts missing; that is not what is asked about.
    await site.begin_payment(new_orders(1)[0])
    print(f"\n## {site.name}\n\n| Scenario | Tried | Wrong | What was wrong |\n|---|---|---|---|")
    for name, times, question in QUESTIONS:
        asked = Asked(site=site, bank=bank)
        await question(asked, new_orders(times))
        reasons = ", ".join(f"{what} ({n})" for what, n in sorted(asked.reasons().items()))
        print(f"| {name} | {times} | {len(asked.wrong)} | {reasons or '-'} |", flush=True)


async def visit(peer: str, database: str, url: str, bank: PeersBank) -> None:
    limits = httpx.Limits(max_connections=CONNECTIONS_MAX)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_SECONDS, limits=limits) as http,
        asyncpg.create_pool(database, min_size=1, max_size=4) as records,
    ):
        if peer == GETPAID:
            await ask(GetpaidSite(http=http, records=records, url=url), bank)
        else:
            await ask(DjStripeSite(http=http, records=records, bank=bank, url=url), bank)


async def new_database(server: str, name: str) -> str:
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    return with_database(server, name)


def with_database(server: str, name: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def versions() -> str:
    said = subprocess.run(  # noqa: S603 - our own
        [str(PYTHON), "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return ", ".join(line for line in said.splitlines() if line.partition("==")[0] in PACKAGES)


def main(peers: Sequence[str]) -> int:
    print(versions())
    with (
        tempfile.TemporaryDirectory(prefix="shulk-peers-") as folder,
        embedded_postgres(Path(folder) / "postgres") as server,
        peers_bank() as bank,
    ):
        for number, peer in enumerate(peers or PROGRAMS):
            database = asyncio.run(new_database(server, f"peer_{number}"))
            module, interface, *more = PROGRAMS[peer]
            program = Program(
                module=module,
                interface=interface,
                more=more,
                variables=variables_for(database, bank),
            )
            program.run("prepare")
            with program.serving(Path(folder) / f"{peer}.log") as url:
                asyncio.run(visit(peer, database, url, bank))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
