"""Which gateway the suite runs the contract on: the one that a variable names."""

import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

import pytest

from entrypoints.operations.gateway_contract.refunds_contract import RefundingBank

VARIABLE: Final = "SHULK_CHECKED_GATEWAY"
"""Set by ``checking`` for the suite, which pytest loads."""
OpenGateway = Callable[[], AbstractAsyncContextManager[RefundingBank]]


def named_gateway(environ: Mapping[str, str]) -> OpenGateway:
    """Return what *environ* names, or end the run with what is missing: nothing was proven then."""
    named = environ.get(VARIABLE, "")
    if not all(named.partition(":")):
        pytest.exit("nothing was run: name it as package.module:open_gateway", returncode=2)
    try:
        found: OpenGateway = pkgutil.resolve_name(named)
    except (ImportError, AttributeError, ValueError) as error:
        pytest.exit(f"nothing was run: there is no {named}: {error}", returncode=2)
    return found
