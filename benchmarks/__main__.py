"""``make bench``: every measurement in one run, each beside its floor."""

import asyncio
import tempfile
from pathlib import Path
from statistics import median

from adapters.postgres import schema
from adapters.postgres.database import Database, DatabaseSettings
from benchmarks import settling
from entrypoints.cli.embedded import embedded_postgres


async def run(url: str) -> None:
    database = Database.connect(DatabaseSettings(url=url))
    await schema.upgrade(database.engine)
    await database.close()
    ours, bare = await settling.measure(url)
    ratios = [mine / floor for mine, floor in zip(ours, bare, strict=True)]
    print(f"settle, {settling.ROUNDS} rounds of {settling.PAYMENTS_A_ROUND}, interleaved")
    print(f"  through the use case    {median(ours):8.0f} /s (median)")
    print(f"  bare driver, same SQL   {median(bare):8.0f} /s (median)")
    print(
        f"  ratio                   {median(ratios):8.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


with tempfile.TemporaryDirectory() as folder, embedded_postgres(Path(folder) / "data") as url:
    asyncio.run(run(url))
