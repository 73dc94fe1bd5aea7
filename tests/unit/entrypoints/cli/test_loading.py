"""A process that runs for long looks for no garbage while it loads, and does again afterwards."""

import gc

import pytest

from entrypoints.cli.loading import loading


def test_nothing_is_looked_for_while_modules_load() -> None:
    """
    What stands at the end is left out of every later collection.
    """
    before = gc.get_freeze_count()
    try:
        with loading():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()


def test_a_module_that_cannot_be_loaded_leaves_the_collector_on() -> None:
    """
    The error is told by a process that goes on as usual.
    """
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
