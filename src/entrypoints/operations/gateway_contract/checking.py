"""Runs the contract on the gateway that a name leads to, by pytest, whatever the folder it is run in configures."""

import os
import sys
from pathlib import Path
from typing import Final

import pytest

from entrypoints.operations.gateway_contract.named_gateway import VARIABLE

PACKAGE: Final = __name__.rpartition(".")[0]
FOLDER: Final = Path(__file__).parent


def check_gateway(name: str, only: str) -> int:
    """
    Run every promise on ``package.module:open_gateway``, those alone whose names contain *only*; return pytest's code.

    0: all were kept. 1: some were not. 2: nothing was run, since the name leads to nothing. 5: nothing is named so.
    """
    # A module beside whoever runs this, as `python -m` would find it.
    sys.path.insert(0, str(Path.cwd()))
    os.environ[VARIABLE] = name
    # Before its modules are loaded: a broken promise is shown with the values that broke it.
    pytest.register_assert_rewrite(PACKAGE)
    words = [
        "--noconftest",
        f"--rootdir={FOLDER}",
        "-c",
        os.devnull,
        "-q",
        "--import-mode=importlib",
    ]
    # Its own word for each plugin: what else is installed beside it, and its options, is none of the contract's.
    words += ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:schemathesis"]
    words += ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    words += ["-k", only] if only else []
    return int(pytest.main([*words, str(FOLDER / "suite.py")]))
