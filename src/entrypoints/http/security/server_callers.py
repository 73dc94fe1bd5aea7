"""Back ends of the platform: their server key, and the student for whom they act."""

from typing import Any, Final

from litestar.connection import ASGIConnection

from domain.identifiers import StudentId
from domain.sign_in.server_key import KEY_MARK
from domain.text.opaque_id import is_person_id
from entrypoints.http import problem_types
from entrypoints.http.dependencies import Dependencies
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.identity import Caller

STUDENT_HEADER: Final = "Shulk-Student"
"""Names the student for whom a back end acts: the `sub` that the platform would put into a token."""

Connection = ASGIConnection[Any, Any, Any, Any]


def is_server_key(token: str) -> bool:
    """Whether *token* says of itself that it is a server key, valid or not."""
    return token.startswith(KEY_MARK)


async def server_caller(connection: Connection, token: str) -> Caller:
    """Return the back end whose key *token* is. Raises ``ServerKeyInvalid`` and ``HttpProblem``."""
    deps: Dependencies = connection.app.state.deps
    key = await deps.sign_in.authenticate_server(token)
    return Caller(id=_student_named(connection), key=key.id, scopes=key.scopes)


def refuse_student_header(connection: Connection) -> None:
    """Raise ``HttpProblem`` when a request names a student that its credentials do not let it name."""
    if STUDENT_HEADER in connection.headers:
        raise HttpProblem(problem_types.STUDENT_INVALID, "Only a server key may name a student.")


def needs_student() -> HttpProblem:
    """Return the answer to a server key that names no student where somebody has to be one."""
    return HttpProblem(problem_types.STUDENT_INVALID, f"The header {STUDENT_HEADER} is missing.")


def _student_named(connection: Connection) -> StudentId:
    named = connection.headers.getall(STUDENT_HEADER, [])
    if not named:
        return StudentId("")
    if len(named) != 1 or not is_person_id(named[0]):
        raise HttpProblem(
            problem_types.STUDENT_INVALID,
            f"The header {STUDENT_HEADER} is 1 to 255 printable ASCII characters, and is sent once.",
        )
    return StudentId(named[0])
