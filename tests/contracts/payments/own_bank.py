"""Which bank ``own_gateway`` runs the contract on: the one that a variable names."""

import importlib
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from operator import attrgetter
from typing import Final

import pytest

from contracts.refunds.gateway_refund_contract import RefundingBank

VARIABLE: Final = "GATEWAY_CONTRACT_BANK"
OpenBank = Callable[[], AbstractAsyncContextManager[RefundingBank]]


def named_bank(environ: Mapping[str, str]) -> OpenBank:
    """Return what *environ* names, or end the run with what is missing: nothing was proven then."""
    module, _, name = environ.get(VARIABLE, "").partition(":")
    if not module or not name:
        pytest.exit(f"nothing was run: set {VARIABLE} to package.module:open_bank", returncode=2)
    try:
        found: OpenBank = attrgetter(name)(importlib.import_module(module))
    except (ImportError, AttributeError) as error:
        pytest.exit(f"nothing was run: {VARIABLE} names nothing that is there: {error}", 2)
    return found
