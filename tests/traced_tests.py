"""Coverage that traces the tests and their fixtures alone: to trace pytest as well takes longer than the tests do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Final

import pytest
from coverage import Coverage

SOURCES: Final = Path(__file__).parents[1] / "src"


@dataclass(slots=True, eq=False)
class TracedTests:
    """
    A pytest plugin. *coverage* is kept here, since what was stopped is the current one no more.

    A test that is marked ``no_cover`` is not traced, and neither are the fixtures made for it.
    """

    coverage: Coverage | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Iterator[None]:
        """Trace what runs while the sources are imported, and no collection."""
        self.coverage = Coverage.current()
        if self.coverage is not None:
            _import_all(self.coverage)
            self.coverage.stop()
        return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Iterator[None]:
        """Trace the test, and not what runs it."""
        with self._traced(pyfuncitem):
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_fixture_setup(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """As the test that asks for it."""
        with self._traced(request.node):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        """Stop again what pytest-cov goes on with after a test that it has left out."""
        try:
            return (yield)
        finally:
            if self.coverage is not None:
                self.coverage.stop()

    @contextmanager
    def _traced(self, node: pytest.Item | pytest.Collector) -> Iterator[None]:
        if self.coverage is None or node.get_closest_marker("no_cover") is not None:
            yield
            return
        self.coverage.start()
        try:
            yield
        finally:
            self.coverage.stop()


def _import_all(coverage: Coverage) -> None:
    """Import every module that *coverage* is about."""
    sources = coverage.get_option("run:source")
    for source in sources if isinstance(sources, list) else ():
        folder = Path(source).resolve()
        package = folder.relative_to(SOURCES).as_posix().replace("/", ".")
        for module in walk_packages([str(folder)], prefix=f"{package}."):
            if not module.name.endswith("__main__"):
                import_module(module.name)
