"""Applications without their parts: made once, and lent to one world of the tests after another."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

from litestar import Litestar

from entrypoints.http.app import new_app
from entrypoints.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class _Spare:
    app: Litestar
    made_by: Mapping[str, object]

    def suits(self, settings: Settings) -> bool:
        return all(getattr(settings, name) == value for name, value in self.made_by.items())


_SPARE: Final[list[_Spare]] = []


@contextmanager
def lent_app(settings: Settings) -> Iterator[Litestar]:
    """
    Lend an app as *settings* make it: to lay out its routes takes longer than most tests.

    It may have been made by others that agree in whatever the app was made by.
    """
    spare = _taken(settings)
    try:
        yield spare.app
    finally:
        _SPARE.append(spare)


def laid_out(settings: Settings) -> Litestar:
    """Return an app as *settings* make it, to be looked at: nothing of it may be served or changed."""
    with lent_app(settings) as app:
        return app


def _taken(settings: Settings) -> _Spare:
    found = next((each for each in _SPARE if each.suits(settings)), None)
    if found is not None:
        _SPARE.remove(found)
        return found
    watched = _Watched(settings)
    app = new_app(cast("Settings", watched))
    return _Spare(app, watched.done())


class _Watched:
    """Settings that remember what is read of them, and let nobody read them once the app is made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._read: dict[str, object] = {}
        self._is_done = False

    def __getattr__(self, name: str) -> Any:
        assert not self._is_done, (
            f"an app reads {name} when it serves: it was made by another world"
        )
        value = self._read[name] = getattr(self._settings, name)
        return value

    def done(self) -> Mapping[str, object]:
        """Return what was read, by name."""
        self._is_done = True
        return self._read
