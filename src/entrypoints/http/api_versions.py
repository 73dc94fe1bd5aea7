"""The versions of the REST API, by the day on which each came: docs/versioning.md says what a new one is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from entrypoints.http import problem_types
from entrypoints.http.problems import HttpProblem

HEADER: Final = "Shulk-Version"
API: Final = "/api/"
_HEADER_READ: Final = HEADER.lower().encode()


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """
    One version, named after its day; *sunset* is the day (UTC) from which it is refused, None while none is set.

    What a route does in this version and in no later one asks ``version_of``.
    """

    day: date
    breaks: str
    """What stopped working when it came."""

    sunset: date | None = None

    @property
    def name(self) -> str:
        return self.day.isoformat()

    @property
    def headers(self) -> Mapping[str, str]:
        """What each answer by this version says of it: its name, and its end (RFC 8594) once there is one."""
        told = {HEADER: self.name}
        if self.sunset is not None:
            told["Sunset"] = format_datetime(
                datetime.combine(self.sunset, time(), UTC), usegmt=True
            )
        return told


VERSIONS: Final[Sequence[ApiVersion]] = (ApiVersion(date(2026, 11, 30), "It is the first."),)
"""Every version that is answered, the oldest first. The oldest answers whoever names none."""

NAMES: Final = tuple(each.name for each in VERSIONS)


def version_of(scope: Scope) -> ApiVersion | None:
    """Return the version by which a request is answered, None when it names one that is none."""
    asked = [value for name, value in scope["headers"] if name == _HEADER_READ]
    if not asked:
        return VERSIONS[0]
    named = asked[0].decode("latin-1") if len(asked) == 1 else ""
    return next((each for each in VERSIONS if each.name == named), None)


def version_headers(scope: Scope) -> Mapping[str, str]:
    """Return what an answer of the API says of its version; nothing for an answer of a page."""
    if not scope["path"].startswith(API):
        return {}
    return (version_of(scope) or VERSIONS[0]).headers


async def known_version(
    connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
) -> None:
    """Refuse a request to the API that names a version which is none."""
    if connection.scope["path"].startswith(API) and version_of(connection.scope) is None:
        raise HttpProblem(problem_types.VERSION_UNKNOWN, members={"versions": list(NAMES)})
