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
from benchmarks.settlement_yardstick import import_by_duckdb
from domain.reconciliation.run import RunTrigger
from domain.settlements.file_state import SettlementFileState
from domain.settlements.settlement_report import FileOrigin
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import load_settings
from entrypoints.wiring.container import Shulk


def _mebibytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def do(name: str, paths: Sequence[Path]) -> dict[str, Any]:
    """Do one step in this process, and return how long it took and how much memory the process had at most."""
    if name == "duckdb":
        began = time.perf_counter()
        lines = import_by_duckdb(paths[0], paths[1:])
        return {"lines": lines, "seconds": time.perf_counter() - began, "mebibytes": _mebibytes()}
    settings = load_settings(dict(os.environ))
    return run_in_container(settings, partial(_import if name == "import" else _run, paths))


async def _import(paths: Sequence[Path], container: Shulk) -> dict[str, Any]:
    import_file = container.use_cases().settlements().import_file()
    before, began = _mebibytes(), time.perf_counter()
    for path in paths:
        with path.open("rb") as content:
            incoming = IncomingFile(name=path.name, content=content, origin=FileOrigin.COMMAND)
            file = await import_file(incoming, BY_COMMAND)
        if file.state is not SettlementFileState.IMPORTED:
            raise RuntimeError(f"{path.name} is {file.state}: {file.refusal}")
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mebibytes": _mebibytes(), "before": before}


async def _run(_: Sequence[Path], container: Shulk) -> dict[str, Any]:
    use_cases = container.use_cases().reconciliation()
    began = time.perf_counter()
    await use_cases.ask()(DAY, DAY, RunTrigger.COMMAND, BY_COMMAND)
    run = await use_cases.run()()
    if run is None:
        raise RuntimeError("no run was asked for")
    seconds = time.perf_counter() - began
    return {
        "matched": run.summary and run.summary.matched,
        "seconds": seconds,
        "mebibytes": _mebibytes(),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(do(sys.argv[1], [Path(each) for each in sys.argv[2:]])))
