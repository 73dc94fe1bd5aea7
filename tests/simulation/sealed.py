"""While a life runs, the clock and the chance of this machine are those of the life."""

import gc
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from simulation.chance import Chance
from simulation.loop import VirtualLoop, name_now

BEGINNING: Final = datetime(2026, 8, 3, 4, 30, tzinfo=UTC)
"""Ten o'clock in India, on a Monday."""


@contextmanager
def sealed(loop: VirtualLoop, chance: Chance) -> Iterator[None]:
    """
    Let this machine's clocks and its source of random bytes be those of a life.

    The core has both injected. This is for libraries, and for adapters that draw an id at the edge: each process
    has a stream of bytes of its own.
    """
    began = BEGINNING.timestamp()

    def draw(count: int) -> bytes:
        return chance.bytes_of(f"bytes of {name_now()}", count)

    with replaced(
        (time, "time", lambda: began + loop.time()),
        (time, "monotonic", loop.time),
        (time, "perf_counter", loop.time),
        (os, "urandom", draw),
        (random, "_urandom", draw),
        (sys, "unraisablehook", lambda _: None),
    ):
        yield


@contextmanager
def without_collection() -> Iterator[None]:
    """Collect no garbage within the block: when it is collected depends on what ran before."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@contextmanager
def replaced(*parts: tuple[Any, str, Callable[..., Any]]) -> Iterator[None]:
    """Let other functions stand in the place of those of modules within the block."""
    kept = [(module, name, getattr(module, name)) for module, name, _ in parts]
    for module, name, other in parts:
        setattr(module, name, other)
    try:
        yield
    finally:
        for module, name, own in kept:
            setattr(module, name, own)
