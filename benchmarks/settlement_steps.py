"""One step of the benchmark of settlements as a process of its own, which tells its time and memory."""

import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from application.settlements.import_settlement_file import IncomingFile
from benchmarks.settlement_books import DAY
from benchmarks.settlement_yardstick import import_by_duckdb, match_by_duckdb
from domain.reconciliation.run import RunTrigger
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import load_settings
from entrypoints.wiring.container import Shulk


def _mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Spent:
    """What a step takes from the moment at which this is made."""

    def __init__(self) -> None:
        self.began, self.worked = time.perf_counter(), time.process_time()

    def told(self, **more: object) -> dict[str, Any]:
        """Return the seconds, those of the processor, and the most memory of the process, with *more*."""
        return {
            "seconds": time.perf_counter() - self.began,
            "processor": time.process_time() - self.worked,
            "mebibytes": _mebibytes(),
            **more,
        }


def do(name: str, paths: Sequence[Path]) -> dict[str, Any]:
    """Do one step in this process, and return what it took."""
    if name == "duckdb":
        spent = Spent()
        return spent.told(lines=import_by_duckdb(paths[0], paths[1:]))
    if name == "join":
        spent = Spent()
        return spent.told(matched=match_by_duckdb(paths[0], paths[1]))
    settings = load_settings(dict(os.environ))
    return run_in_container(settings, partial(_import if name == "import" else _run, paths))


async def _import(paths: Sequence[Path], container: Shulk) -> dict[str, Any]:
    import_file = container.use_cases().settlements().import_file()
    before, spent = _mebibytes(), Spent()
    for path in paths:
        with path.open("rb") as content:
            incoming = IncomingFile(name=path.name, content=content, origin=FileOrigin.COMMAND)
            file = await import_file(incoming, BY_COMMAND)
        if file.state is not SettlementFileState.IMPORTED:
            raise RuntimeError(f"{path.name} is {file.state}: {file.refusal}")
    return spent.told(before=before)


async def _run(_: Sequence[Path], container: Shulk) -> dict[str, Any]:
    use_cases = container.use_cases().reconciliation()
    before, spent = _mebibytes(), Spent()
    await use_cases.ask()(DAY, DAY, RunTrigger.COMMAND, BY_COMMAND)
    run = await use_cases.run()()
    if run is None:
        raise RuntimeError("no run was asked for")
    return spent.told(before=before, matched=run.summary and run.summary.matched)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(do(sys.argv[1], [Path(each) for each in sys.argv[2:]])))
